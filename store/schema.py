"""The schema: all tables of the ledger, and its revisions."""

from store.tables import (
    articles,
    columns,
    deeds,
    facts,
    groves,
    incidents,
    letters,
    mailboxes,
    mirrors,
    people,
    sealed,
    sightings,
    stories,
    thefts,
)

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision of the schema, oldest first: those in `store/migrations/versions`."""

HEAD = REVISIONS[-1]

HOMES = (
    articles,
    deeds,
    facts,
    groves,
    incidents,
    letters,
    mailboxes,
    mirrors,
    people,
    sealed,
    sightings,
    stories,
    thefts,
)
"""Where tables are told. `metadata` is whole once all of these are imported."""

metadata = columns.metadata
