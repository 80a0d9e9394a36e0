"""What the desk has shown: pictures by story, and what was removed. Only these are given out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tamizdat.article import ArticleId, Picture
from tamizdat.digest import Digest

MOST = 200
"""Stories that are remembered; who looks at one again is shown its pictures again."""

MOST_LATE = 60
"""Pictures of a story that are remembered after they left it, so that an editor can undo that."""


@dataclass(slots=True)
class _Seen:
    now: dict[Digest, Picture] = field(default_factory=dict)
    late: dict[Digest, Picture] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


class Shown:
    """Pictures of the stories that were looked at last, and what their last cleaning removed."""

    def __init__(self) -> None:
        self._stories: dict[ArticleId, _Seen] = {}

    def note(self, article: ArticleId, pictures: Iterable[Picture]) -> None:
        """These are the story's pictures, in its draft and in what is out."""
        seen = self._touch(article)
        now = {picture.sha256: picture for picture in pictures}
        late = {**seen.late, **seen.now}
        kept = [sha256 for sha256 in late if sha256 not in now][-MOST_LATE:]
        seen.now, seen.late = now, {sha256: late[sha256] for sha256 in kept}

    def note_removed(self, article: ArticleId, removed: tuple[str, ...]) -> None:
        """This was taken out of what was typed last."""
        self._touch(article).removed = removed

    def removed(self, article: ArticleId) -> tuple[str, ...]:
        """What was taken out of what was typed last."""
        seen = self._stories.get(article)
        return seen.removed if seen else ()

    def picture(self, sha256: Digest) -> Picture | None:
        """A picture that stands in some story."""
        found = (seen.now.get(sha256) for seen in self._stories.values())
        return next((picture for picture in found if picture), None)

    def of(self, article: ArticleId) -> Mapping[Digest, Picture]:
        """Pictures that stand in the story, or stood there lately."""
        seen = self._stories.get(article)
        return {**seen.late, **seen.now} if seen else {}

    def forget(self, article: ArticleId) -> None:
        """The story is gone, or its draft is."""
        self._stories.pop(article, None)

    def _touch(self, article: ArticleId) -> _Seen:
        seen = self._stories.pop(article, None) or _Seen()
        self._stories[article] = seen
        while len(self._stories) > MOST:
            del self._stories[next(iter(self._stories))]
        return seen
