"""A messenger: a public channel of a chat service that carries what is published."""

from dataclasses import dataclass
from typing import Protocol

from tamizdat.letter import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file: a neutral name, its kind, its bytes."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What goes into the channel at one stroke: a text, and perhaps one file."""

    text: str
    file: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of a post. `wait` are the seconds that the service asks us to wait, `id` its own.

    TAKEN is the service's word that it stands in the channel. `detail` is a code, never a text.
    """

    reply: Reply
    detail: str
    wait: float = 0.0
    id: str = ""


class Messenger(Protocol):
    """One channel. It shows no preview of any address, and neither method raises."""

    async def post(self, post: Post) -> Posted:
        """Put it into the channel."""
        ...

    async def delete(self, number: str) -> Posted:
        """Take the post of this id out of the channel; NEVER where the service will not."""
        ...
