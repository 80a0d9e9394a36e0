"""Origins: what the source of a corrected article last said, so that it is not taken for news."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from service.newsroom import Newsroom
from tamizdat.article import Article, ArticleId, encode
from tamizdat.digest import Digest, digest

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Origin:
    """Digests of what the source last said, and of the text that was released from it."""

    said: Digest
    text: Digest


def said(article: Article) -> Digest:
    """The digest of what a source says, without what the ledger settles: revision and dates."""
    bare = replace(
        article, revision=1, language="", published=_EPOCH, updated=_EPOCH, correction=""
    )
    return digest(encode(bare))


async def origin(room: Newsroom, article: ArticleId) -> Origin | None:
    """Where `article` came from; None where it was never corrected."""
    parts = (await room.ledgers.facts.get(_name(article)) or "").split()
    return Origin(Digest(parts[0]), Digest(parts[1])) if len(parts) == 2 else None  # noqa: PLR2004


async def remember(room: Newsroom, article: Article, released: Digest) -> None:
    """Note that the source says `article`, which was released as the text `released`."""
    await note(room, article.id, Origin(said(article), released))


async def note(room: Newsroom, article: ArticleId, found: Origin) -> None:
    """Note where `article` came from."""
    await room.ledgers.facts.set(_name(article), f"{found.said} {found.text}")


async def forget(room: Newsroom, article: ArticleId) -> None:
    """Keep no digest of a text that was withdrawn: whoever has the text could prove it by one."""
    if await room.ledgers.facts.get(_name(article)):
        await room.ledgers.facts.set(_name(article), "")


def _name(article: ArticleId) -> str:
    return f"source {article}"
