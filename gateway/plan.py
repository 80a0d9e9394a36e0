"""The plan: what to do next with letters to one gateway. Pure: time is an argument.

A gateway's `250` proves nothing; only its feed does. So a letter that was handed over, or may have
been, is looked for before it is sent again, and the feed is read within a budget. Moments that lie
ahead are those of a clock that was wrong: nothing waits for them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.check import Checked
from tamizdat.letter import Handed, LetterState, Posting, Reply

HOUR = timedelta(hours=1)
GIVE_UP = timedelta(days=4)
"""How long a gateway may put a letter off (RFC 5321 4.5.4.1 advises 4 to 5 days)."""

LEAST_REFUSALS = 8
"""A letter that was put off less often is kept longer: the clock, not the gateway, took days."""

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=4)

LOOKS = (timedelta(seconds=1), timedelta(minutes=2), timedelta(minutes=20))
"""How long after a letter was handed over its feed is read, and read again; it then is missing."""

MOST_ATTEMPTS = 4
"""Times that a letter may be handed over before it is lost."""

BUSY = timedelta(minutes=1)
"""How long reading waits for more letters to go out, so that one reading tells of many."""

OVERTAKEN = "overtaken"
"""The detail of a letter that is given up because its article has a newer revision by now."""

CONNECTION = 20
"""Letters in one connection, and the burst that the rate allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one gateway bears. `window_bytes` is what may be under way and not yet seen.

    A gateway whose feed forgets must not be sent more than its feed holds before it is read.
    `deduplicates`: it never takes a Message-ID twice, so sending again is safe.
    """

    reads_per_hour: int = 4
    letters_per_second: int = 1
    window_bytes: int = 300_000
    window_letters: int = 40
    deduplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do now, and when to plan again; no `wake` where nothing is under way."""

    send: tuple[Posting, ...]
    lose: tuple[Posting, ...]
    read: bool
    wake: datetime | None


def plan(
    letters: Sequence[Posting],
    reads: Sequence[datetime],
    sends: Sequence[datetime],
    policy: Policy,
    now: datetime,
    closed: datetime | None = None,
) -> Plan:
    """The next step for the letters to a gateway that are not final.

    `reads` are the readings of its feed within the last hour, `sends` the newest handings-over;
    after a reading failed, the feed is left alone until `closed`.
    """
    lost = [one for one in letters if _is_lost(one, now)]
    rest = [one for one in letters if one not in lost]
    newest = {one.urn: one.revision for one in sorted(rest, key=lambda one: one.revision)}
    stale = [one for one in rest if _is_missing(one) and one.revision < newest[one.urn]]
    lose = (*lost, *(overtaken(one) for one in stale))
    rest = [one for one in rest if one not in stale]
    goes = {one: _is_going(one, policy, newest[one.urn]) for one in rest}
    wanted = [one for one in rest if not goes[one]]
    going = [one for one in rest if goes[one]]
    ready = [one for one in going if not now < one.due <= now + LONGEST_DELAY]
    fitting = _fitting(ready, wanted, policy)
    send = fitting[: _allowed(sends, policy, now)]
    look = _next_look(wanted, reads, policy, now, busy=bool(fitting))
    if look is not None and closed is not None and closed <= now + HOUR:
        look = max(look, closed)
    read = look is not None and look <= now and not send
    if send or lose or read:
        return Plan(send=send, lose=lose, read=read, wake=now)
    later = [one.due for one in going if one.due > now]
    later += [now + timedelta(seconds=1)] if fitting else []
    later += [] if look is None else [look]
    return Plan(send=(), lose=(), read=False, wake=min(later, default=None))


def begun(letter: Posting, now: datetime) -> Posting:
    """The letter at the start of an attempt: recorded first, so that a kill leaves it unsure."""
    return replace(
        letter,
        state=LetterState.SENT,
        unsure=True,
        tried=now,
        attempts=letter.attempts + 1,
        looks=0,
        detail="",
    )


def ended(letter: Posting, handed: Handed, now: datetime) -> Posting:
    """The letter after an attempt ended in this way."""
    if handed.reply is Reply.UNSURE:
        return replace(letter, detail=handed.detail)
    if handed.reply is Reply.TAKEN:
        return replace(letter, unsure=False, detail=handed.detail)
    if handed.reply is Reply.TOO_BIG and letter.lean:
        smaller = replace(letter, sha256=letter.lean, lean=None)
        return _put_off(smaller, now, handed.detail)
    if handed.reply is Reply.LATER:
        refusals = letter.refusals + 1
        again = replace(letter, refusals=refusals)
        return _put_off(again, now + _delay(letter.message_id, refusals), handed.detail)
    return replace(letter, state=LetterState.LOST, unsure=False, detail=handed.detail)


def looked(letter: Posting, found: Sequence[tuple[str, Checked]]) -> Posting:
    """The letter after a whole reading of the feed: `found` are entry ids with what they prove."""
    if letter.state not in {LetterState.SENT, LetterState.SEEN}:
        return letter
    key = (letter.urn, letter.revision)
    ours = [(entry, one) for entry, one in found if (one.urn, one.revision) == key]
    newer = any(one.urn == letter.urn and _overtakes(one, letter) for _, one in found)
    if newer and not ours:
        return overtaken(letter)
    if not ours:
        missed = replace(letter, looks=letter.looks + 1)
        return _judged(missed) if letter.state is LetterState.SEEN else missed
    good = [pair for pair in ours if pair[1].state is LetterState.VERIFIED]
    entry, proved = (good or ours)[0]
    seen = replace(letter, looks=letter.looks + 1, unsure=False, entry=entry, detail=proved.detail)
    if good:
        return replace(seen, state=LetterState.VERIFIED)
    return _judged(replace(seen, state=LetterState.SEEN))


def _judged(seen: Posting) -> Posting:
    """One false entry may be a stranger's, so all looks are used before ours is called altered."""
    return replace(seen, state=LetterState.ALTERED) if seen.looks >= len(LOOKS) else seen


def overtaken(letter: Posting) -> Posting:
    """The letter once there is a newer revision: sent now, it would put old words on top."""
    return replace(letter, state=LetterState.LOST, unsure=False, detail=OVERTAKEN)


def shut(failures: int) -> timedelta:
    """How long a feed is left alone after so many failed readings: 10 s, doubling, to an hour."""
    return min(timedelta(seconds=10 << min(max(failures - 1, 0), 10)), HOUR)


def _overtakes(newer: Checked, letter: Posting) -> bool:
    return newer.state is LetterState.VERIFIED and newer.revision > letter.revision


def _is_missing(letter: Posting) -> bool:
    return letter.state is LetterState.SENT and letter.looks >= len(LOOKS)


def _is_going(letter: Posting, policy: Policy, newest: int) -> bool:
    """Whether a letter is to be handed over: for the first time, or once more.

    Of one whose end is unknown, a gateway that takes nothing twice need lack it only once; the last
    attempt waits for all looks, and so does what the revision `newest` overtakes.
    """
    if letter.state is LetterState.QUEUED or _is_missing(letter):
        return True
    unseen = letter.state is LetterState.SENT and letter.unsure and letter.looks > 0
    may = policy.deduplicates and letter.revision == newest
    return may and unseen and letter.attempts < MOST_ATTEMPTS - 1


def _is_lost(letter: Posting, now: datetime) -> bool:
    if _is_missing(letter):
        return letter.attempts >= MOST_ATTEMPTS
    put_off = letter.state is LetterState.QUEUED and letter.refusals >= LEAST_REFUSALS
    return put_off and now - letter.queued >= GIVE_UP


def _next_look(
    wanted: Sequence[Posting],
    reads: Sequence[datetime],
    policy: Policy,
    now: datetime,
    *,
    busy: bool,
) -> datetime | None:
    """When to read the feed; later while letters still go out, never beyond the budget."""
    if not wanted:
        return None
    look = min(_tried(one, now) + LOOKS[one.looks] for one in wanted)
    if busy:
        look = max(look, min(_tried(one, now) for one in wanted) + BUSY)
    recent = sorted(at for at in reads if now - HOUR < at <= now)
    over = len(recent) - policy.reads_per_hour
    return look if over < 0 else max(look, recent[over] + HOUR)


def _tried(letter: Posting, now: datetime) -> datetime:
    tried = letter.tried or letter.queued
    return tried if tried <= now else now - LOOKS[-1]


def _allowed(sends: Sequence[datetime], policy: Policy, now: datetime) -> int:
    """How many letters the rate lets go now."""
    span = timedelta(seconds=CONNECTION / policy.letters_per_second)
    return max(0, CONNECTION - sum(1 for at in sends if now - span < at <= now))


def _fitting(
    ready: Sequence[Posting], under_way: Sequence[Posting], policy: Policy
) -> tuple[Posting, ...]:
    """The first of `ready` that the window bears; one letter always fits alone."""
    count, length = len(under_way), sum(one.length for one in under_way)
    chosen: list[Posting] = []
    for one in ready:
        full = count >= policy.window_letters or length + one.length > policy.window_bytes
        if full and count:
            break
        chosen.append(one)
        count, length = count + 1, length + one.length
    return tuple(chosen)


def _put_off(letter: Posting, due: datetime, detail: str) -> Posting:
    return replace(
        letter,
        state=LetterState.QUEUED,
        unsure=False,
        attempts=letter.attempts - 1,
        due=due,
        detail=detail,
    )


def _delay(message_id: str, refusals: int) -> timedelta:
    """Doubling, at most four hours, the second half of it by chance: by the message's hash."""
    whole = min(FIRST_DELAY * (1 << min(refusals - 1, 10)), LONGEST_DELAY)
    chance = hashlib.sha256(f"{message_id}{refusals}".encode()).digest()[0] / 255
    return timedelta(seconds=int(whole.total_seconds() * (0.5 + chance / 2)))
