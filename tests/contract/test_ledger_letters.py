"""What every ledger of letters and mailboxes keeps to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from store.engine import Ledger
from store.letters import SqlLetters
from store.mailboxes import SqlMailboxes
from tamizdat.digest import digest
from tamizdat.errors import LedgerError
from tamizdat.letter import GatewayId, LetterState, Posting
from tamizdat.letters import Kept, Mailbox
from tests.contract.ledger_values import START, name

MINUTE = timedelta(minutes=1)
GATE, OTHER = GatewayId("gate"), GatewayId("other")


@pytest.fixture
def letters(ledger: Ledger) -> SqlLetters:
    return SqlLetters(ledger)


@pytest.fixture
def mailboxes(ledger: Ledger) -> SqlMailboxes:
    return SqlMailboxes(ledger)


def posting(number: int, gateway: GatewayId = GATE) -> Posting:
    return Posting(
        gateway=gateway,
        article=name(number),
        revision=1,
        urn=f"urn:uuid:{number}",
        message_id=f"<{number}@letters.example>",
        sha256=digest(f"letter {number}".encode()),
        length=number,
        lean=digest(f"lean {number}".encode()),
        state=LetterState.QUEUED,
        queued=START + number * MINUTE,
        due=START + number * MINUTE,
    )


def mailbox(number: int, *, keep_all: bool = False) -> Mailbox:
    return Mailbox(
        number=0,
        write=digest(f"write {number}".encode()),
        read=digest(f"read {number}".encode()),
        label=digest(f"label {number}".encode()),
        keep_all=keep_all,
        opened=START,
    )


def kept(number: int, *, urn: str | None = None, revision: int = 0) -> Kept:
    return Kept(
        position=0,
        message=digest(f"message {number}".encode()),
        urn=urn or f"urn:uuid:{number}",
        revision=revision,
        at=START + number * MINUTE,
        sha256=digest(f"entry {number}".encode()),
        length=100,
    )


async def test_letters_come_back_as_they_were_queued_oldest_first(letters: SqlLetters) -> None:
    await letters.queue([posting(2), posting(1), posting(3, OTHER)])

    assert await letters.of(GATE) == [posting(1), posting(2)]
    assert await letters.open(OTHER) == [posting(3, OTHER)]


async def test_a_letter_that_is_known_is_not_queued_anew(letters: SqlLetters) -> None:
    await letters.queue([posting(1)])
    sent = replace(posting(1), state=LetterState.SENT, attempts=1)
    await letters.update([sent])

    await letters.queue([posting(1)])

    assert await letters.of(GATE) == [sent]


async def test_every_change_of_a_letter_is_recorded(letters: SqlLetters) -> None:
    await letters.queue([posting(1)])
    changed = replace(
        posting(1),
        sha256=digest(b"smaller"),
        length=7,
        lean=None,
        state=LetterState.VERIFIED,
        due=START + MINUTE,
        tried=START + 2 * MINUTE,
        unsure=True,
        attempts=2,
        refusals=3,
        looks=4,
        entry="urn:uuid:theirs",
        detail="421",
    )

    await letters.update([changed])

    assert await letters.of(GATE) == [changed]
    assert await letters.open(GATE) == []


async def test_an_update_of_an_unknown_letter_changes_nothing(letters: SqlLetters) -> None:
    await letters.queue([posting(1)])

    with pytest.raises(LedgerError, match="was queued"):
        await letters.update([replace(posting(1), looks=9), posting(2)])

    assert await letters.of(GATE) == [posting(1)]


async def test_a_withdrawn_article_leaves_no_letter(letters: SqlLetters) -> None:
    await letters.queue([posting(1), posting(2), posting(3), posting(1, OTHER)])

    await letters.forget([name(1), name(3), name(9)])

    assert await letters.of(GATE) == [posting(2)]
    assert await letters.of(OTHER) == []


async def test_letters_are_found_by_their_articles_among_thousands(letters: SqlLetters) -> None:
    await letters.queue([posting(3), posting(1), posting(2), posting(1, OTHER)])

    found = await letters.of(GATE, [name(number) for number in (2, *range(4, 1200), 3)])

    assert found == [posting(2), posting(3)]
    assert await letters.of(GATE, []) == []


async def test_letters_are_counted_by_state_and_failed_ones_are_named(letters: SqlLetters) -> None:
    await letters.queue([posting(number) for number in range(1, 6)] + [posting(1, OTHER)])
    ends = {1: LetterState.VERIFIED, 2: LetterState.LOST, 3: LetterState.ALTERED}
    await letters.update([replace(posting(n), state=state) for n, state in ends.items()])

    counts, failed = await letters.counts(GATE), await letters.failed(GATE)

    assert counts == {LetterState.QUEUED: 2} | dict.fromkeys(ends.values(), 1)
    assert [one.article for one in failed] == [name(2), name(3)]
    assert await letters.counts(OTHER) == {LetterState.QUEUED: 1}
    assert await letters.failed(OTHER) == []


async def test_only_letters_under_way_need_their_bytes(letters: SqlLetters) -> None:
    await letters.queue([posting(1), posting(2)])
    await letters.update([replace(posting(1), state=LetterState.LOST)])

    assert set(await letters.bodies()) == {posting(2).sha256, posting(2).lean}


async def test_readings_are_counted_by_gateway_and_forgotten_after_a_day(
    letters: SqlLetters,
) -> None:
    await letters.record_read(GATE, START)
    await letters.record_read(GATE, START + MINUTE)
    await letters.record_read(OTHER, START + MINUTE)

    assert await letters.reads(GATE, START) == [START, START + MINUTE]
    assert await letters.reads(GATE, START + MINUTE) == [START + MINUTE]
    await letters.record_read(OTHER, START + timedelta(days=1, minutes=1))
    assert await letters.reads(GATE, START) == [START + MINUTE]


async def test_a_mailbox_is_found_by_either_of_its_ids(mailboxes: SqlMailboxes) -> None:
    first = await mailboxes.open(mailbox(1))
    second = await mailboxes.open(mailbox(2, keep_all=True))

    assert await mailboxes.by_write(first.write) == first
    assert await mailboxes.by_read(second.read) == second
    assert await mailboxes.by_write(first.read) is None
    assert await mailboxes.all() == [first, second]
    assert second.number > first.number


async def test_letters_are_numbered_as_they_come(mailboxes: SqlMailboxes) -> None:
    box = await mailboxes.open(mailbox(1))
    other = await mailboxes.open(mailbox(2))

    taken = [await mailboxes.keep(box.number, kept(n)) for n in (1, 2, 3)]
    taken.append(await mailboxes.keep(other.number, kept(1)))

    assert taken == [True] * 4
    found = await mailboxes.listed(box.number, 2, 9)
    assert found == [replace(kept(n), position=n) for n in (2, 3)]
    after = await mailboxes.by_read(box.read)
    assert after == replace(box, count=3, length=300)
    assert await mailboxes.came_since(box.number, START + 2 * MINUTE) == 2


async def test_the_same_message_or_revision_is_taken_once(mailboxes: SqlMailboxes) -> None:
    box = await mailboxes.open(mailbox(1))
    await mailboxes.keep(box.number, kept(1, urn="urn:uuid:a", revision=1))

    again = await mailboxes.keep(box.number, kept(1, urn="urn:uuid:b", revision=1))
    same = await mailboxes.keep(box.number, kept(2, urn="urn:uuid:a", revision=1))
    newer = await mailboxes.keep(box.number, kept(3, urn="urn:uuid:a", revision=2))

    assert (again, same, newer) == (False, False, True)
    assert [one.revision for one in await mailboxes.listed(box.number, 1, 9)] == [1, 2]


async def test_a_closed_mailbox_is_gone_with_all_that_lay_in_it(mailboxes: SqlMailboxes) -> None:
    box = await mailboxes.open(mailbox(1))
    await mailboxes.keep(box.number, kept(1))

    await mailboxes.close(box.number)

    assert await mailboxes.all() == []
    assert await mailboxes.bodies() == []
    with pytest.raises(LedgerError, match="closed"):
        await mailboxes.keep(box.number, kept(2))


async def test_what_came_before_is_known_by_message_or_revision(mailboxes: SqlMailboxes) -> None:
    box = await mailboxes.open(mailbox(1))
    other = await mailboxes.open(mailbox(2))
    await mailboxes.keep(box.number, kept(1, urn="urn:uuid:a", revision=1))

    asked = [
        (box.number, kept(1, urn="urn:uuid:b", revision=9)),
        (box.number, kept(2, urn="urn:uuid:a", revision=1)),
        (box.number, kept(2, urn="urn:uuid:a", revision=2)),
        (other.number, kept(1, urn="urn:uuid:a", revision=1)),
    ]

    assert [await mailboxes.knows(*one) for one in asked] == [True, True, False, False]


async def test_a_withdrawn_article_leaves_every_mailbox(mailboxes: SqlMailboxes) -> None:
    first, second = await mailboxes.open(mailbox(1)), await mailboxes.open(mailbox(2))
    for number, revision in ((1, 1), (2, 2), (3, 0)):
        urn = "urn:uuid:c" if revision == 0 else "urn:uuid:a"
        await mailboxes.keep(first.number, kept(number, urn=urn, revision=revision))
    await mailboxes.keep(second.number, kept(1, urn="urn:uuid:a", revision=1))

    gone = [await mailboxes.withdraw(["urn:uuid:a", "urn:uuid:x"]) for _ in range(2)]

    assert gone == [3, 0]
    assert [one.position for one in await mailboxes.listed(first.number, 1, 9)] == [3]
    assert [(box.count, box.length) for box in await mailboxes.all()] == [(3, 100), (1, 0)]
    assert await mailboxes.keep(first.number, kept(4))
    assert [one.position for one in await mailboxes.listed(first.number, 1, 9)] == [3, 4]
