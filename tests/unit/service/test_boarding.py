"""The board's model: what each cell says, what is counted, and what is never called good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.mailing import Standing
from service.running.boarding import FAILED, Known, Seen, age, board
from tamizdat.article import ArticleId
from tamizdat.board import CONTROL, Line
from tamizdat.digest import digest
from tamizdat.incident import Course, Incident, Turn
from tamizdat.letter import GatewayId, LetterState, Posting
from tamizdat.measurement import Failure, Stage
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding, Ruling, Verdict

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AMBER, BIRCH, CEDAR = MirrorId("amber"), MirrorId("birch"), MirrorId("cedar")


def mirror(name: MirrorId, state: MirrorState = MirrorState.ACTIVE) -> Mirror:
    return Mirror(
        id=name,
        backend="folder",
        base=f"https://{name}.example/",
        folder=None,
        state=state,
        exposure=Exposure.PUBLIC,
        group="open",
    )


def looked(
    finding: Finding = Finding.OK,
    *,
    minutes: int = 1,
    number: int = 1,
    network: str = "AS1",
    seconds: float | None = 0.42,
) -> Round:
    failure = None if finding is Finding.OK else Failure(stage=Stage.TLS, code="connection_reset")
    return Round(
        number=number,
        mirror=AMBER,
        vantage="v",
        country="IR",
        network=network,
        at=NOW - timedelta(minutes=minutes),
        ruling=Ruling(finding=finding, rule="r", rules_version=1, failure=failure),
        seconds=seconds,
    )


def verdict(state: Board, name: MirrorId = AMBER, country: str = "IR") -> Verdict:
    return Verdict(
        mirror=name,
        country=country,
        state=state,
        since=NOW - timedelta(hours=1),
        evidence=("control: ok",),
        rule="rule",
        rules_version=1,
    )


def seen(state: Board, *rounds: Round, strips: tuple[int | None, ...] = ()) -> Seen:
    return Seen(
        verdicts={(AMBER, "IR"): verdict(state)},
        rounds={(AMBER, "IR"): rounds},
        countries=("IR",),
        strips={"IR": strips},
    )


def known(*mirrors: Mirror) -> Known:
    return Known(
        newsroom="The Heron",
        mirrors=mirrors,
        incidents=(),
        unclosed=0,
        turns=(),
        delivery=None,
        letters=(),
        every=300,
    )


CODES = [
    (Board.REACHABLE, looked(), "0.4 s"),
    (Board.REACHABLE, looked(seconds=None), "ok"),
    (Board.SUSPECTED, looked(Finding.TLS_SNI), "SNI"),
    (Board.BLOCKED, looked(Finding.TCP_IP), "IP"),
    (Board.ALTERED, looked(Finding.HTTP_DIFF), "SIG"),
    (Board.DOWN, looked(Finding.SERVER_DOWN), "down"),
    (Board.NO_DATA, looked(minutes=150), "2 h"),
]


@pytest.mark.parametrize(("state", "newest", "code"), CODES)
def test_a_cell_says_the_seconds_the_step_or_the_age(
    state: Board, newest: Round, code: str
) -> None:
    view = board(seen(state, newest), known(mirror(AMBER)), NOW)

    cell = view.mirrors[0].cells[0]
    assert cell is not None
    assert (cell.state, cell.code) == (state, code)


def test_a_proven_block_keeps_its_step_while_one_look_passes() -> None:
    view = board(
        seen(Board.BLOCKED, looked(Finding.TLS_SNI, minutes=5), looked()), known(mirror(AMBER)), NOW
    )

    cell = view.mirrors[0].cells[0]
    assert cell is not None
    assert cell.code == "SNI"


def test_a_cell_links_to_its_own_looks_only_newest_first() -> None:
    rounds = [looked(number=n, minutes=20 - n, network=f"AS{n % 2}") for n in range(1, 13)]

    view = board(seen(Board.REACHABLE, *rounds), known(mirror(AMBER)), NOW)

    cell = view.mirrors[0].cells[0]
    assert cell is not None
    assert cell.sightings == tuple(range(12, 2, -1))
    assert cell.networks == (("AS0", 0, 6), ("AS1", 0, 6))


def test_what_was_never_looked_at_is_no_cell_and_no_way_in() -> None:
    view = board(seen(Board.REACHABLE, looked()), known(mirror(AMBER), mirror(BIRCH)), NOW)

    assert view.mirrors[1].cells == (None, None)
    assert (view.columns[0].ways, view.columns[0].offered) == (1, 1)
    assert (view.columns[1].country, view.columns[1].offered) == (CONTROL, 0)


@pytest.mark.parametrize("state", [Board.NO_DATA, Board.SUSPECTED, Board.DOWN, Board.ALTERED])
def test_only_what_can_be_read_counts_as_a_way_in(state: Board) -> None:
    view = board(seen(state, looked()), known(mirror(AMBER)), NOW)

    assert (view.columns[0].ways, view.columns[0].offered) == (0, 1)


def test_spares_come_last_and_are_no_ways_in_and_retired_ones_are_left_out() -> None:
    states = (mirror(AMBER, MirrorState.SPARE), mirror(BIRCH), mirror(CEDAR, MirrorState.RETIRED))

    view = board(seen(Board.REACHABLE, looked()), known(*states), NOW)

    assert [line.name for line in view.mirrors] == ["birch", "amber"]
    assert view.columns[0].offered == 0
    assert view.spares == 1


def lost(state: LetterState, *, days: int = 0) -> Posting:
    queued = NOW - timedelta(days=days, hours=1)
    return Posting(
        gateway=GatewayId("post"),
        article=ArticleId("a" * 13),
        revision=1,
        urn="urn:uuid:1",
        message_id="<1@letters.example>",
        sha256=digest(b"letter"),
        length=1,
        lean=None,
        state=state,
        queued=queued,
        due=queued,
    )


def test_a_letter_that_was_lost_long_ago_says_nothing_of_its_gateway_now() -> None:
    states = {LetterState.VERIFIED: 3, LetterState.LOST: 1}
    failed = (lost(LetterState.LOST, days=2),)
    letters = (Standing(gateway=GatewayId("post"), states=states, failed=failed),)

    view = board(
        seen(Board.REACHABLE, looked()), replace(known(mirror(AMBER)), letters=letters), NOW
    )

    cell = view.others[0].cells[1]
    assert cell is not None
    assert (cell.state, cell.code) == (Board.REACHABLE, "3/3")


LETTERS = [
    ({}, Board.NO_DATA, "none"),
    ({LetterState.VERIFIED: 3}, Board.REACHABLE, "3/3"),
    ({LetterState.VERIFIED: 2, LetterState.SENT: 1}, Board.SLOW, "2/3"),
    ({LetterState.VERIFIED: 2, LetterState.LOST: 1}, Board.DOWN, "lost"),
    ({LetterState.VERIFIED: 2, LetterState.ALTERED: 1}, Board.ALTERED, "SIG"),
]


@pytest.mark.parametrize(("states", "state", "code"), LETTERS)
def test_a_gateway_is_good_only_where_every_letter_was_verified(
    states: dict[LetterState, int], state: Board, code: str
) -> None:
    failed = tuple(lost(one) for one in states if one in FAILED)
    letters = (Standing(gateway=GatewayId("post"), states=states, failed=failed),)

    view = board(
        seen(Board.REACHABLE, looked()), replace(known(mirror(AMBER)), letters=letters), NOW
    )

    line: Line = view.others[0]
    assert line.cells[0] is None
    cell = line.cells[1]
    assert cell is not None
    assert (cell.state, cell.code) == (state, code)


def turn(days: int, *, undone: datetime | None = None) -> Turn:
    return Turn(
        number=1,
        at=NOW - timedelta(days=days),
        mirror=AMBER,
        country="IR",
        retired=(),
        promoted=(BIRCH,),
        automatic=True,
        undone=undone,
    )


def test_spares_last_as_long_as_the_pace_of_the_last_month_tells() -> None:
    pool = known(mirror(AMBER, MirrorState.SPARE), mirror(BIRCH, MirrorState.SPARE))

    quiet = board(seen(Board.REACHABLE), pool, NOW)
    busy = board(seen(Board.REACHABLE), replace(pool, turns=(turn(4), turn(1))), NOW)
    undone = board(seen(Board.REACHABLE), replace(pool, turns=(turn(4, undone=NOW),)), NOW)

    assert quiet.spare_days is None
    assert busy.spare_days == pytest.approx(4)
    assert undone.spare_days is None


def test_the_time_to_get_round_a_block_is_the_median_of_the_verified() -> None:
    def incident(seconds: int | None, days: int = 1) -> Incident:
        opened = NOW - timedelta(days=days)
        return Incident(
            number=1,
            mirror=AMBER,
            country="IR",
            state=Board.SUSPECTED,
            finding=Finding.TLS_SNI,
            rule="r",
            since=opened,
            opened=opened,
            course=Course.VERIFIED,
            verified=None if seconds is None else opened + timedelta(seconds=seconds),
        )

    incidents = (incident(10), incident(30), incident(20), incident(None), incident(9999, 40))

    view = board(
        seen(Board.REACHABLE), replace(known(mirror(AMBER)), incidents=incidents, unclosed=1), NOW
    )

    assert view.round_seconds == 20
    assert view.open_incidents == 1


AGES = [(0, "0 s"), (59, "59 s"), (60, "1 m"), (3599, "59 m"), (7200, "2 h"), (200_000, "2 d")]


@pytest.mark.parametrize(("seconds", "told"), AGES)
def test_an_age_is_short(seconds: int, told: str) -> None:
    assert age(timedelta(seconds=seconds)) == told
