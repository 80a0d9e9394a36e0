"""Losses: what readers have and a restored ledger does not know, by lists of files. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tamizdat.article import ArticleId
from tamizdat.edition import Files
from tamizdat.ledgers import Record
from tamizdat.wire import Shard

_PAGE = re.compile(r"([^/]+)/([0-9]{4})/([a-z2-7]{13})\.html")
_MONTH = re.compile(r"[^/]+/[0-9]{4}-([0-9]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Paths of articles that are not known, and of those that are known in an older text."""

    unknown: tuple[str, ...] = ()
    older: Mapping[ArticleId, str] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Both."""
        return (*self.unknown, *sorted((self.older or {}).values()))


def article_of(path: str) -> ArticleId | None:
    """The article whose page lies at `path`, None for other files."""
    found = _PAGE.fullmatch(path)
    return ArticleId(found[3]) if found else None


def losses(
    files: Files,
    known: Mapping[ArticleId, Record],
    gone: Collection[ArticleId],
    *,
    comparable: bool,
) -> Losses:
    """What of the mirrors' `files` a ledger lacks that knows these articles; `gone` is withdrawn.

    A text is newer where the page differs: but only where both were rendered by the same means
    (`comparable`). Otherwise `older` is None: it cannot be told.
    """
    unknown, older = [], {}
    for path, stamp in sorted(files.items()):
        article = article_of(path)
        if article is None or article in gone:
            continue
        record = known.get(article)
        if record is None:
            unknown.append(path)
        elif record.page and record.page != stamp and not record.withdrawn:
            older[article] = path
    return Losses(unknown=tuple(unknown), older=older if comparable else None)


def buried(article: ArticleId, on: datetime, shards: Collection[Shard], language: str) -> Record:
    """The record of an article that was released and withdrawn without this ledger.

    Its page, which bears the notice, tells language and year; its shard the month. `language` is
    for one that no shard names.
    """
    spoken, year, month = language, on.year, on.month
    for shard in shards:
        for path, _, _ in shard.files:
            found = _PAGE.fullmatch(path)
            if found and found[3] == article:
                within = _MONTH.fullmatch(shard.key)
                spoken, year, month = found[1], int(found[2]), int(within[1]) if within else 1
    return Record(
        id=article,
        revision=1,
        language=spoken,
        section=None,
        published=datetime(year, month, 1, tzinfo=UTC),
        text=None,
        page=None,
        entry=None,
        withdrawn=on,
    )
