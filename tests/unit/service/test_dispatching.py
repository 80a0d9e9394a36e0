"""What workers are asked and what they tell; how a provider is not hurried."""

from datetime import UTC, datetime

import pytest

from service.config import parse
from service.dispatching.opening import provider_of
from service.dispatching.pace import Pace
from service.dispatching.telling import MOST_DETAIL, parts, read, told, told_parts
from service.looks.keeping import Part
from service.running.passing import Again, Ended
from tamizdat.dispatching import MOST_TOLD, Duty, Job, LaterError, Report
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.placement import MirrorId, Placement, Refusal
from tamizdat.sighting import Round
from tamizdat.verdict import Finding, Ruling

AMBER = MirrorId("amber")
JOB = Job(duty=Duty.PUSH, ids=("amber",))
AT = datetime(2026, 11, 26, 3, tzinfo=UTC)
CONFIG = '[newsroom]\nname = "Tideline"\n'
BUCKET = """
[[mirror]]
id = "cove"
backend = "s3"
bucket = "cove"
endpoint = "https://s3.example.org:444"
credentials = "secrets/keys.toml"
url = "https://cove.example.org/"
[[mirror]]
id = "amber"
backend = "folder"
folder = "mirrors/amber"
"""

ENDS: list[Ended] = [
    None,
    Again(),
    Placement(mirror=AMBER, edition=7, url="file:///x", at=AT, writes=3, readbacks=4),
    Refusal(mirror=AMBER, detail="no\nanswer \U0001f4f7", retry=False),
]


@pytest.mark.parametrize("ended", ENDS, ids=repr)
def test_how_a_pass_ended_is_read_as_it_was_told(ended: Ended) -> None:
    assert read(JOB, told(ended)) == ended


def test_a_long_refusal_is_cut_so_that_it_can_be_told() -> None:
    refusal = Refusal(mirror=AMBER, detail="\u0436" * 9000, retry=True)

    report = Report(job=JOB, told=told(refusal))

    assert len(report.told) <= MOST_TOLD
    assert read(JOB, report.told) == Refusal(
        mirror=AMBER, detail=refusal.detail[:MOST_DETAIL], retry=True
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "1", '"x"', "{}", '{"detail": 1, "retry": true}', '{"edition": 1}',
     '{"edition": 1, "url": "x", "at": 99999999999999999, "writes": 1, "readbacks": 1}'],
)  # fmt: skip
def test_what_no_worker_says_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="push/amber: a worker told what cannot be read"):
        read(JOB, text)


@pytest.mark.parametrize(
    ("duty", "ids"),
    [
        (Duty.PUSH, ()),
        (Duty.PUSH, ("amber", "birch")),
        (Duty.PROBE, tuple(f"m{number}" for number in range(65))),
        (Duty.PUSH, ("../etc",)),
        (Duty.PUSH, ("someone@example.org",)),
        (Duty.PUSH, ("Amber",)),
        (Duty.PUSH, ("x" * 64,)),
        (Duty.PUSH, ("",)),
    ],
)
def test_a_job_names_ids_and_nothing_else(duty: Duty, ids: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"ids|an id"):
        Job(duty=duty, ids=ids)


def test_a_job_tells_no_more_than_it_may() -> None:
    with pytest.raises(ValueError, match="at most"):
        Report(job=JOB, told="x" * (MOST_TOLD + 1))


def test_what_is_done_later_says_when() -> None:
    later = LaterError("busy", seconds=2.0)

    assert (str(later), later.seconds) == ("busy", 2.0)


def test_what_must_disappear_goes_before_all_else() -> None:
    ranks = [duty.rank for duty in (Duty.WITHDRAW, Duty.PUSH, Duty.AUDIT, Duty.PROBE, Duty.GLANCE)]

    assert ranks == sorted(set(ranks), reverse=True)


def test_jobs_that_write_to_one_mirror_share_a_lock_and_looks_do_not() -> None:
    locks = {Job(duty=duty, ids=("amber",)).lock for duty in Duty if duty.writes}
    one = Job(duty=Duty.PROBE, ids=("amber", "birch"))
    other = Job(duty=Duty.PROBE, ids=("amber",))

    assert locks == {"mirror/amber"}
    assert len({one.lock, other.lock, one.name, other.name} - locks) == 2


def test_a_pace_books_one_moment_after_the_other() -> None:
    pace = Pace(per_minute=60)

    waits = [pace.book("a", Duty.PUSH, 100.0) for _ in range(3)]
    later = pace.book("a", Duty.PUSH, 110.0)

    assert waits == [0.0, 1.0, 2.0]
    assert later == 0.0


def test_a_withdrawal_goes_at_once_and_the_next_push_waits_for_it() -> None:
    pace = Pace(per_minute=60)

    waits = [pace.book("a", duty, 100.0) for duty in (Duty.PUSH, Duty.WITHDRAW, Duty.PUSH)]

    assert waits == [0.0, 0.0, 2.0]


def test_what_is_nobodys_or_has_no_pace_does_not_wait() -> None:
    waits = [Pace(per_minute=1).book("", Duty.PUSH, 0.0) for _ in range(3)]
    free = Pace(per_minute=None)
    waits += [free.book("a", Duty.PUSH, 0.0) for _ in range(3)]

    assert waits == [0.0] * 6


def test_the_provider_of_a_push_is_its_buckets_host_and_a_folder_has_none() -> None:
    provider = provider_of(parse(CONFIG + BUCKET, "x"))

    found = [
        provider(Job(duty=duty, ids=(name,)))
        for duty, name in [
            (Duty.PUSH, "cove"), (Duty.PUSH, "amber"), (Duty.PROBE, "cove"), (Duty.PUSH, "gone"),
        ]
    ]  # fmt: skip

    assert found == ["s3.example.org", "", "", ""]


def test_workers_on_sqlite_are_refused_in_one_line_that_says_why() -> None:
    with pytest.raises(ConfigError) as refused:
        parse(CONFIG + '[dispatch]\nkind = "workers"\n', "tamizdat.toml")

    assert str(refused.value) == (
        'tamizdat.toml: dispatch.kind: "workers" share a ledger, and in SQLite one program works '
        "at a time: put it in PostgreSQL (store.ledger)"
    )


def test_a_look_is_read_as_it_was_told_with_what_the_ledger_keeps_of_it() -> None:
    seen = [
        Part(vantage="riga", control=True, rounds=(row(7), row(8))),
        Part(vantage="inside", control=False, rounds=(), fault="no answer"),
    ]

    found = parts(LOOK, told_parts(seen), {7: row(7), 8: row(8), 9: row(9)})

    assert found == seen


def test_what_the_ledger_forgot_is_left_out_of_a_look() -> None:
    seen = [Part(vantage="riga", control=True, rounds=(row(7), row(8)))]

    (found,) = parts(LOOK, told_parts(seen), {8: row(8)})

    assert found.rounds == (row(8),)


def test_a_look_from_very_many_vantages_can_be_told() -> None:
    seen = [
        Part(vantage=f"v{number}", control=False, rounds=(), fault="\u0436" * 900)
        for number in range(500)
    ]

    found = parts(LOOK, told_parts(seen), {})

    assert len(found) == 500


@pytest.mark.parametrize("text", ["", "1", "[1]", '[["riga", true, 1, null]]', "null"])
def test_what_no_worker_says_of_a_look_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="probe/amber: a worker told what cannot be read"):
        parts(LOOK, text, {})


LOOK = Job(duty=Duty.PROBE, ids=("amber",))


def row(number: int) -> Round:
    ruling = Ruling(finding=Finding.OK, rule="r", rules_version=1, failure=None)
    return Round(
        number=number,
        mirror=AMBER,
        vantage="riga",
        country="LV",
        network="AS1",
        at=AT,
        ruling=ruling,
    )
