"""Listings: which position of which list a released record takes, decided and not yet written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tamizdat.article import ArticleId
from tamizdat.errors import LedgerError
from tamizdat.ledgers import ListKey, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record takes a position."""

    key: ListKey
    position: int
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release writes: new articles, revised ones, and how their lists change."""

    new: tuple[Record, ...]
    revised: tuple[Record, ...]
    entered: tuple[Entry, ...]
    left: tuple[tuple[ListKey, ArticleId], ...]
    lengths: Mapping[ListKey, int]


def runs(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """`records` in order, cut wherever an id comes again."""
    run: dict[ArticleId, Record] = {}
    for record in records:
        if record.id in run:
            yield tuple(run.values())
            run = {}
        run[record.id] = record
    if run:
        yield tuple(run.values())


def release(
    records: Sequence[Record],
    known: Mapping[ArticleId, Record],
    lengths: Mapping[ListKey, int],
) -> Release:
    """How `records` (each id once) change a ledger that holds `known` and lists of `lengths`.

    LedgerError where one is withdrawn, or is no revision of what is known.
    """
    longer = dict(lengths)
    entered: list[Entry] = []
    left: list[tuple[ListKey, ArticleId]] = []
    for record in records:
        before = known.get(record.id)
        _check(record, before)
        for key in _keys(record) - _keys(before):
            longer[key] = longer.get(key, 0) + 1
            entered.append(Entry(key=key, position=longer[key], record=record))
        left += [(key, record.id) for key in _keys(before) - _keys(record)]
    return Release(
        new=tuple(record for record in records if record.id not in known),
        revised=tuple(record for record in records if record.id in known),
        entered=tuple(entered),
        left=tuple(left),
        lengths={entry.key: longer[entry.key] for entry in entered},
    )


def _keys(record: Record | None) -> set[ListKey]:
    if record is None:
        return set()
    return {(record.language, ""), (record.language, record.section or "")}


def _check(record: Record, before: Record | None) -> None:
    if record.text is None or record.withdrawn:
        raise LedgerError(f"ledger: article {record.id} has no text: it cannot be released")
    if before is None:
        return
    if before.withdrawn:
        raise LedgerError(f"ledger: article {record.id} is withdrawn: it cannot be released again")
    if (record.language, record.published) != (before.language, before.published):
        raise LedgerError(
            f"ledger: article {record.id} keeps the language and the publication of revision 1"
        )
    if record.revision < before.revision or (
        record.revision == before.revision
        and (record.text, record.section) != (before.text, before.section)
    ):
        raise LedgerError(
            f"ledger: article {record.id} is at revision {before.revision}: "
            f"{record.revision} cannot replace it, release the next"
        )
