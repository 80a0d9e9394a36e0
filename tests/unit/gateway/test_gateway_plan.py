"""What is done next with letters, as tables of times."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.check import Checked
from gateway.plan import (
    CONNECTION,
    GIVE_UP,
    LOOKS,
    MOST_ATTEMPTS,
    OVERTAKEN,
    Plan,
    Policy,
    begun,
    ended,
    looked,
    plan,
    shut,
)
from tamizdat.article import article_id
from tamizdat.digest import digest
from tamizdat.letter import GatewayId, Handed, LetterState, Posting, Reply
from tests.kit.post import START

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
POLICY = Policy(reads_per_hour=4, letters_per_second=1, window_bytes=1000, window_letters=5)


def posting(number: int = 1, *, length: int = 100) -> Posting:
    return Posting(
        gateway=GatewayId("gate"),
        article=article_id(b"salt", "test", str(number)),
        revision=1,
        urn=f"urn:uuid:{number}",
        message_id=f"<{number}@x>",
        sha256=digest(b"whole"),
        length=length,
        lean=digest(b"lean"),
        state=LetterState.QUEUED,
        queued=START,
        due=START,
    )


def sent(number: int = 1, *, looks: int = 0, attempts: int = 1) -> Posting:
    begun_once = replace(begun(posting(number), START), looks=looks, attempts=attempts)
    return ended(begun_once, Handed(reply=Reply.TAKEN, detail="250"), START)


def proof(state: LetterState, number: int = 1) -> Checked:
    return Checked(urn=f"urn:uuid:{number}", revision=1, state=state, detail="")


def at(seconds: float, *letters: Posting, reads: int = 0) -> Plan:
    now = START + timedelta(seconds=seconds)
    return plan(letters, [now - 30 * SECOND] * reads, (), POLICY, now)


def test_a_queued_letter_goes_and_a_sent_one_is_looked_for() -> None:
    assert at(0, posting()).send == (posting(),)
    assert at(0, sent()) == Plan(send=(), lose=(), read=False, wake=START + LOOKS[0])
    assert at(1, sent()).read


def test_a_letter_of_which_the_end_is_unknown_is_looked_for_before_it_goes_again() -> None:
    unsure = ended(begun(posting(), START), Handed(reply=Reply.UNSURE, detail="cut off"), START)

    steps = [at(1, replace(unsure, looks=0)), at(9999, replace(unsure, looks=2))]
    after_all_looks = at(9999, replace(unsure, looks=len(LOOKS)))

    assert [(step.read, step.send) for step in steps] == [(True, ()), (True, ())]
    assert [one.attempts for one in after_all_looks.send] == [1]


def test_a_kill_between_record_and_answer_leaves_a_letter_unsure() -> None:
    killed = begun(posting(), START)

    assert (killed.state, killed.unsure) == (LetterState.SENT, True)
    assert at(1, killed).read
    assert at(1, killed).send == ()


def test_what_is_not_taken_twice_goes_again_once_a_reading_lacked_it_but_not_for_ever() -> None:
    policy = replace(POLICY, deduplicates=True)
    killed = begun(posting(), START)
    unseen, taken = replace(killed, looks=1), sent(looks=1)
    last = replace(unseen, attempts=MOST_ATTEMPTS - 1)

    steps = [plan([one], (), (), policy, START + SECOND) for one in (killed, unseen, taken, last)]

    later = plan([unseen, replace(posting(), revision=2)], (), (), policy, START + SECOND)
    assert [one.revision for one in later.send] == [2]
    assert [step.read for step in steps] == [True, False, False, False]
    assert [step.send for step in steps] == [(), (unseen,), (), ()]
    assert at(1, unseen).send == ()


def test_the_budget_is_never_exceeded_and_opens_an_hour_later() -> None:
    waiting = at(1, sent(), reads=4)

    assert not waiting.read
    assert waiting.wake == START + SECOND - 30 * SECOND + HOUR


def test_a_letter_that_is_never_seen_is_lost_after_so_many_attempts() -> None:
    missing = sent(looks=len(LOOKS), attempts=MOST_ATTEMPTS)

    assert at(9999, missing).lose == (missing,)


@pytest.mark.parametrize("newer", [posting(), sent()], ids=["queued", "sent"])
def test_a_missing_letter_never_goes_after_its_newer_revision(newer: Posting) -> None:
    missing = sent(looks=len(LOOKS))
    corrected = replace(newer, revision=2)
    elsewhere = replace(corrected, urn="urn:other")

    step = plan([missing, corrected], (), (), POLICY, START + SECOND)

    assert step.lose == (replace(missing, state=LetterState.LOST, detail=OVERTAKEN),)
    assert [one.revision for one in step.send] in ([], [2])
    assert missing in plan([missing, elsewhere], (), (), POLICY, START + SECOND).send


def test_a_letter_put_off_for_days_is_lost() -> None:
    put_off = replace(posting(), refusals=9)

    assert plan([put_off], (), (), POLICY, START + GIVE_UP).lose == (put_off,)
    assert plan([posting()], (), (), POLICY, START + GIVE_UP).send == (posting(),)


def test_a_clock_that_goes_ahead_loses_no_letter_that_was_put_off_once() -> None:
    once = replace(posting(), refusals=1)

    assert plan([once], (), (), POLICY, START + timedelta(days=40)).send == (once,)


def test_no_more_goes_than_the_feed_holds_until_it_is_read() -> None:
    letters = [posting(number, length=400) for number in range(5)]

    assert len(at(0, *letters).send) == 2
    assert len(at(0, posting(9, length=5000)).send) == 1


def test_the_rate_lets_a_burst_go_and_then_one_by_one() -> None:
    wide = replace(POLICY, window_letters=100, window_bytes=10**9)
    letters = [posting(number) for number in range(30)]

    first = plan(letters, (), (), wide, START)
    later = plan(letters, (), [START] * 20, wide, START + SECOND)

    assert len(first.send) == 20
    assert (len(later.send), later.wake) == (0, START + 2 * SECOND)


def test_nothing_waits_for_a_clock_that_went_back_a_day() -> None:
    day, now = timedelta(days=1), START - timedelta(days=1)

    queued = plan([posting()], [], [START] * CONNECTION, POLICY, now)
    read = plan([sent()], [START] * POLICY.reads_per_hour, (), POLICY, now)
    shut_in = plan([sent()], [], (), POLICY, now, closed=START + HOUR)
    refused = replace(posting(), due=now + 2 * HOUR, refusals=1)

    assert queued.send == (posting(),)
    assert read.read
    assert shut_in.read
    assert plan([refused], [], (), POLICY, now).wake == now + 2 * HOUR
    assert plan([refused], [], (), POLICY, now - day).send == (refused,)


def test_the_ends_of_an_attempt() -> None:
    under_way = begun(posting(), START)

    def after(reply: Reply) -> Posting:
        return ended(under_way, Handed(reply=reply, detail="x"), START)

    assert (after(Reply.TAKEN).state, after(Reply.TAKEN).unsure) == (LetterState.SENT, False)
    assert (after(Reply.UNSURE).state, after(Reply.UNSURE).unsure) == (LetterState.SENT, True)
    assert after(Reply.NEVER).state is LetterState.LOST
    assert after(Reply.LATER).state is LetterState.QUEUED
    assert after(Reply.LATER).attempts == 0
    smaller = after(Reply.TOO_BIG)
    assert (smaller.state, smaller.sha256) == (LetterState.QUEUED, posting().lean)
    again = ended(begun(smaller, START), Handed(reply=Reply.TOO_BIG, detail="552"), START)
    assert again.state is LetterState.LOST


def test_delays_double_differ_between_letters_and_end_at_four_hours() -> None:
    def delay(number: int, refusals: int) -> timedelta:
        letter = replace(begun(posting(number), START), refusals=refusals)
        return ended(letter, Handed(reply=Reply.LATER, detail="451"), START).due - START

    assert 30 * SECOND <= delay(1, 0) <= 60 * SECOND
    assert 2 * HOUR <= delay(1, 50) <= 4 * HOUR
    assert len({delay(number, 8) for number in range(9)}) > 5


def test_what_a_reading_shows_moves_a_letter_on() -> None:
    good, bad = proof(LetterState.VERIFIED), proof(LetterState.ALTERED)

    assert looked(sent(), [("a", good)]).state is LetterState.VERIFIED
    assert looked(sent(), [("a", bad), ("b", good)]).entry == "b"
    assert looked(sent(), [("a", proof(LetterState.VERIFIED, 2))]).looks == 1
    assert looked(posting(), [("a", good)]) == posting()


def test_a_letter_is_given_up_once_a_newer_revision_stands_in_the_feed() -> None:
    good = proof(LetterState.VERIFIED)
    newer, false = replace(good, revision=2), replace(proof(LetterState.ALTERED), revision=2)

    after = looked(sent(), [("a", newer)])

    assert (after.state, after.detail) == (LetterState.LOST, OVERTAKEN)
    assert looked(sent(), [("a", newer), ("b", good)]).state is LetterState.VERIFIED
    assert looked(sent(), [("a", false)]).state is LetterState.SENT
    assert looked(replace(sent(), revision=2), [("a", good)]).state is LetterState.SENT


def test_a_false_entry_is_called_altered_only_after_all_looks() -> None:
    bad = [("a", proof(LetterState.ALTERED))]

    first = looked(sent(), bad)
    second = looked(first, [])
    third = looked(second, bad)

    assert [one.state for one in (first, second, third)] == [
        LetterState.SEEN,
        LetterState.SEEN,
        LetterState.ALTERED,
    ]
    assert looked(first, [("b", proof(LetterState.VERIFIED))]).state is LetterState.VERIFIED


def test_a_feed_that_fails_is_left_alone_for_longer_and_longer() -> None:
    assert shut(1) == 10 * SECOND
    assert shut(3) == 40 * SECOND
    assert shut(99) == HOUR
    closed = START + HOUR
    assert plan([sent()], (), (), POLICY, START + SECOND, closed).wake == closed
