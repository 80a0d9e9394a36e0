from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

import pytest

from tamizdat.record import MisfitError, Record, counting, fits, within

AT = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)
SPELLED = "2026-11-23T18:02:11Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feather(Record):
    closed: ClassVar[bool] = True

    length: Annotated[int, within(1, 9)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bird(Record):
    kind: Literal["crane", "heron"] = "crane"
    name: Annotated[str, fits("[a-z]{1,5}")]
    seen: datetime
    ringed: bool
    nest: str | None
    feathers: Annotated[tuple[Feather, ...], counting(1, 2)]
    flights: dict[Annotated[str, fits("[A-Z]")], tuple[str, Annotated[int, within(0)]]]


TOLD = {
    "kind": "heron",
    "name": "ada",
    "seen": SPELLED,
    "ringed": True,
    "nest": None,
    "feathers": [{"length": 2}],
    "flights": {"N": ["north", 0]},
}
ADA = Bird(
    kind="heron",
    name="ada",
    seen=AT,
    ringed=True,
    nest=None,
    feathers=(Feather(length=2),),
    flights={"N": ("north", 0)},
)


def test_a_record_is_read_and_told_again() -> None:
    assert Bird.read(TOLD) == ADA
    assert ADA.plain() == TOLD


def test_what_has_a_default_may_be_missing_and_what_is_unknown_is_left_alone() -> None:
    told = {name: one for name, one in TOLD.items() if name != "kind"}

    assert Bird.read({**told, "wings": 2}).kind == "crane"


WRONG: list[tuple[dict[str, object], str]] = [
    ({"kind": "goose"}, "kind: is not crane or heron"),
    ({"kind": ["crane"]}, "kind: is not crane or heron"),
    ({"name": 1}, "name: is no text"),
    ({"name": "ada\n"}, "name: is not spelled as it must be"),
    ({"seen": 1}, "seen: is no moment"),
    ({"seen": "2026-13-23T18:02:11Z"}, "seen: "),
    ({"ringed": 1}, "ringed: is neither true nor false"),
    ({"nest": False}, "nest: is no text"),
    ({"feathers": {}}, "feathers: is no list"),
    ({"feathers": []}, "feathers: are not 1 to 2"),
    ({"feathers": [{"length": 1}] * 3}, "feathers: are not 1 to 2"),
    ({"feathers": [{"length": 1}, {"length": 0}]}, r"feathers\.1\.length: is not 1 to 9"),
    ({"feathers": [{"length": 10}]}, r"feathers\.0\.length: is not 1 to 9"),
    ({"feathers": [{"length": True}]}, r"feathers\.0\.length: is no whole number"),
    ({"feathers": [{}]}, r"feathers\.0\.length: is missing"),
    ({"feathers": [{"length": 1, "tip": 2}]}, r"feathers\.0\.tip: is not known"),
    ({"flights": []}, "flights: is no object"),
    ({"flights": {"n": ["north", 0]}}, r"flights\.n: is not spelled"),
    ({"flights": {"N": ["north"]}}, r"flights\.N: are not 2"),
    ({"flights": {"N": ["north", -1]}}, r"flights\.N\.1: is not 0 or more"),
    ({"flights": {"\x1b[2J" + "n" * 99: 1}}, r"flights\.'\\x1b\[2Jn{56}': is not spelled"),
]


@pytest.mark.parametrize(("change", "says"), WRONG)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, object], says: str) -> None:
    with pytest.raises(MisfitError, match=f"^{says}"):
        Bird.read({**TOLD, **change})


@pytest.mark.parametrize("value", [None, [], "crane", 1])
def test_what_is_no_object_is_no_record(value: object) -> None:
    with pytest.raises(MisfitError, match=r"^it: is no object"):
        Bird.read(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flock(Record):
    birds: dict[str, int]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ada", "birds.ada"),
        ("é", r"birds.'\xe9'"),
        ("a\nb", r"birds.'a\nb'"),
        ("x" * 99, "birds." + "x" * 60),
    ],
)
def test_a_name_that_a_stranger_gave_is_told_in_one_plain_line(name: str, told: str) -> None:
    with pytest.raises(MisfitError) as caught:
        Flock.read({"birds": {name: ""}})

    assert str(caught.value) == f"{told}: is no whole number"


def test_a_number_out_of_bounds_is_told_the_bounds() -> None:
    assert [within(1)(n) for n in (0, 1)] == ["is not 1 or more", None]
    assert [within(1, 9)(n) for n in (0, 1, 9, 10)] == [
        "is not 1 to 9",
        None,
        None,
        "is not 1 to 9",
    ]
