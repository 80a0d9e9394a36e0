"""What holds through any history of looks, turns and people's deeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.reaction import Action, AddSpare, applied, next_actions, plan, taken_back
from mirror.situation import DAY, Situation
from tamizdat.incident import Course
from tamizdat.placement import Exposure, Mirror, MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding
from tests.unit.mirror.trouble import (
    ACTIVE,
    DOWN,
    FORGED,
    NOTHING,
    NOW,
    OK,
    RETIRED,
    SERVER_SIDE,
    SLOW,
    SNI,
    SPARE,
    known,
    look,
    situation,
)

NAMES = ("amber", "birch", "cedar", "dune", "elm", "fern", "gorse")
COUNTRIES = ("IR", "RU", "ZZ")
STEP = timedelta(minutes=5)
BUDGET = 2
TROUBLE = {Board.SUSPECTED, Board.BLOCKED, Board.ALTERED, Board.DOWN}

Seen = dict[tuple[str, str], Finding]


@dataclass(frozen=True)
class Deed:
    """What a person does between two rounds: to a mirror, to a turn, or to an incident."""

    kind: str
    number: int


def pools() -> st.SearchStrategy[list[Mirror]]:
    def made(name: str) -> st.SearchStrategy[Mirror]:
        return st.builds(
            known,
            st.just(name),
            st.sampled_from([ACTIVE, ACTIVE, SPARE, SPARE, RETIRED]),
            group=st.sampled_from(["open", "open", "vip"]),
            exposure=st.sampled_from(Exposure),
            backend=st.sampled_from(["s3", "folder"]),
            host=st.sampled_from([None, "cloud"]),
            base=st.sampled_from([True, True, True, False]),
        )

    return st.tuples(*(made(name) for name in NAMES)).map(list)


def rounds_of_looks() -> st.SearchStrategy[list[Seen]]:
    pair = st.tuples(st.sampled_from(NAMES), st.sampled_from(COUNTRIES))
    finding = st.sampled_from([OK, OK, SNI, SNI, SNI, SLOW, DOWN, FORGED, SERVER_SIDE, NOTHING])
    return st.lists(st.dictionaries(pair, finding, max_size=14), min_size=2, max_size=7)


def deeds() -> st.SearchStrategy[list[Deed]]:
    kinds = st.sampled_from(["nothing", "undo", "false alarm", "retire"])
    return st.lists(st.builds(Deed, kinds, st.integers(0, 9)), min_size=7, max_size=7)


@dataclass
class History:
    """Looks come in, what is planned is done, and people do things; all of it is remembered."""

    mirrors: list[Mirror]
    steps: list[tuple[Situation, Sequence[Action], Situation]] = field(default_factory=list)

    def live(self, looked: Sequence[Seen], done: Sequence[Deed]) -> None:
        now, rounds = NOW, list[Round]()
        before = situation(self.mirrors, [], budget=BUDGET)
        for seen, deed in zip(looked, done, strict=False):
            rounds += [
                look(name, finding, country=country, at=now)
                for (name, country), finding in seen.items()
            ]
            before = situation(
                before.mirrors,
                rounds,
                incidents=before.incidents,
                turns=before.turns,
                budget=BUDGET,
                now=now,
            )
            actions = plan(before)
            after = before
            for action in actions:
                after = applied(after, action)
            self.steps.append((before, actions, after))
            before, now = _after_deed(after, deed), now + STEP

    def additions(self) -> Iterator[tuple[Mirror, Mirror, Board | None]]:
        """Each spare that was added, for which mirror, and how it stood where it was needed."""
        for before, actions, _ in self.steps:
            pool = {one.id: one for one in before.mirrors}
            for action in actions:
                if isinstance(action, AddSpare):
                    one = action.incident
                    said = before.verdicts.get((action.spare, one.country))
                    yield pool[action.spare], pool[one.mirror], said.state if said else None


def _after_deed(found: Situation, deed: Deed) -> Situation:
    if deed.kind == "undo":
        return _undone(found, [one.number for one in found.turns if one.undone is None], deed)
    if deed.kind == "retire":
        gone = NAMES[deed.number % len(NAMES)]
        return replace(found, mirrors=_put(found, (MirrorId(gone),), retired=True))
    if deed.kind == "false alarm" and found.open:
        one = found.open[deed.number % len(found.open)]
        closed = replace(one, closed=found.now, course=Course.FALSE_ALARM)
        return found.with_incident(closed)
    return found


def _undone(found: Situation, numbers: Sequence[int], deed: Deed) -> Situation:
    chosen = numbers[deed.number % len(numbers)] if numbers else None
    for turn in found.turns:
        if turn.number == chosen:
            others = tuple(one for one in found.turns if one is not turn)
            turns = (*others, replace(turn, undone=found.now))
            mirrors = _put(found, turn.promoted, retired=False)
            found = replace(found, turns=turns, mirrors=mirrors)
    return found


def _put(found: Situation, names: Sequence[MirrorId], *, retired: bool) -> tuple[Mirror, ...]:
    state = RETIRED if retired else SPARE
    return tuple(
        replace(one, state=state) if one.id in names and one.state is not RETIRED else one
        for one in found.mirrors
    )


def lived(mirrors: list[Mirror], looked: list[Seen], done: list[Deed]) -> History:
    history = History(mirrors)
    history.live(looked, done)
    return history


@given(pools(), rounds_of_looks(), deeds())
def test_the_budget_of_a_day_is_never_exceeded(
    mirrors: list[Mirror], looked: list[Seen], done: list[Deed]
) -> None:
    for _, _, after in lived(mirrors, looked, done).steps:
        today = [one for one in after.turns if one.automatic and after.now - one.at < DAY]

        assert len(today) <= BUDGET


@given(pools(), rounds_of_looks(), deeds())
def test_once_it_is_done_nothing_is_left_to_do(
    mirrors: list[Mirror], looked: list[Seen], done: list[Deed]
) -> None:
    for _, _, after in lived(mirrors, looked, done).steps:
        assert not next_actions(after)


@given(pools(), rounds_of_looks(), deeds())
def test_the_same_situation_gives_the_same_plan(
    mirrors: list[Mirror], looked: list[Seen], done: list[Deed]
) -> None:
    for before, actions, _ in lived(mirrors, looked, done).steps:
        shuffled = replace(
            before,
            mirrors=before.mirrors[::-1],
            incidents=before.incidents[::-1],
            verdicts=dict(sorted(before.verdicts.items(), reverse=True)),
            looks=dict(sorted(before.looks.items(), reverse=True)),
        )

        assert plan(before) == actions
        assert plan(shuffled) == actions


@given(pools(), rounds_of_looks(), deeds())
def test_a_spare_is_of_the_same_kind_and_well_where_it_is_needed(
    mirrors: list[Mirror], looked: list[Seen], done: list[Deed]
) -> None:
    for spare, gone, said in lived(mirrors, looked, done).additions():
        assert spare.state is SPARE
        assert spare.base is not None
        assert spare.group == gone.group
        assert (spare.exposure is Exposure.SECRET) == (gone.exposure is Exposure.SECRET)
        assert said not in TROUBLE


@given(pools(), rounds_of_looks(), deeds())
def test_nothing_is_ever_retired_and_one_incident_stands_for_a_pair(
    mirrors: list[Mirror], looked: list[Seen], done: list[Deed]
) -> None:
    for before, _, after in lived(mirrors, looked, done).steps:
        pairs = [(one.mirror, one.country) for one in after.open]
        retired = {one.id for one in before.mirrors if one.state is RETIRED}

        assert {one.id for one in after.mirrors if one.state is RETIRED} == retired
        assert len(pairs) == len(set(pairs))
        assert not any(one.retired for one in after.turns)


@settings(max_examples=50)
@given(pools(), rounds_of_looks())
def test_what_a_person_took_back_does_not_come_back_by_itself(
    mirrors: list[Mirror], looked: list[Seen]
) -> None:
    history = lived(mirrors, looked, [Deed("undo", 0)] * len(looked))

    for before, actions, _ in history.steps:
        waiting = {one.number for one in before.open if one == taken_back(one) and one.turn}

        assert not [
            one for one in actions if isinstance(one, AddSpare) and one.incident.number in waiting
        ]
