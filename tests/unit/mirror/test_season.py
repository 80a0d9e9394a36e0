"""Seasons: what blocks, rotations and people's turns make of the groups of each channel."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mirror.distributor.court import Watched
from mirror.distributor.growth import Policy
from mirror.distributor.season import (
    Channel,
    Season,
    day_of,
    fit,
    quiet,
    regrouped,
    sown,
    unwatched,
    waiting,
    watched,
)
from tamizdat.grove import Grove, Loss, Node
from tamizdat.incident import Course, Incident
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.verdict import Board
from tests.unit.mirror.trouble import ACTIVE, RETIRED, SPARE, incident, known

MAIL = Channel(name="mail", grove=Grove(channel="mail", cohort="1", depth=7), width=1)
WEB = Channel(name="web", grove=Grove(channel="web", cohort="1", depth=8), width=2, country="RU")
OAK, PINE, REED = MirrorId("oak"), MirrorId("pine"), MirrorId("reed")
DAY = 20_000


def secret(name: str, state: MirrorState = ACTIVE, group: str = "mail") -> Mirror:
    return known(name, state, group=group, exposure=Exposure.SECRET)


def group(holders: int = 60, mirror: str | None = "oak", channel: Channel = MAIL) -> Node:
    named = MirrorId(mirror) if mirror else None
    return Node(grove=channel.grove, bits="", holders=holders, mirror=named, since=DAY - 5)


def season(*mirrors: Mirror, incidents: tuple[Incident, ...] = ()) -> Season:
    return Season(
        mirrors=mirrors,
        incidents=incidents,
        whole={one.id for one in mirrors},
        day=DAY,
        policy=Policy(),
    )


def bad(name: str, state: Board = Board.BLOCKED, **changes: object) -> Incident:
    return replace(incident(name), state=state, **changes)  # type: ignore[arg-type]


def mirrors_of(nodes: tuple[Node, ...]) -> list[str | None]:
    return [one.mirror for one in nodes]


def test_days_are_counted_from_1970() -> None:
    assert day_of(datetime(1970, 1, 3, 23, 59, tzinfo=UTC)) == 2


@pytest.mark.parametrize(
    ("mirror", "right"),
    [
        (secret("oak"), True),
        (known("oak"), False),
        (replace(secret("oak"), canary=True), False),
        (replace(secret("oak"), base=None), False),
        (replace(secret("oak"), base="https://" + "o" * 109 + "/"), False),
        (replace(secret("oak"), base="https://" + "o" * 107 + "/"), True),
    ],
)
def test_groups_are_given_secret_mirrors_whose_address_fits(mirror: Mirror, *, right: bool) -> None:
    assert fit(mirror) is right


def test_each_channel_is_sown_once() -> None:
    first = sown((), (MAIL, WEB), DAY)
    again = sown(first.nodes, (MAIL, WEB), DAY + 9)

    assert [(one.grove.channel, one.bits) for one in first.nodes] == [
        ("mail", ""),
        ("web", "0"),
        ("web", "1"),
    ]
    assert again == first


def test_a_group_that_waits_is_given_an_active_mirror_of_its_channel() -> None:
    pool = (secret("pine", SPARE), secret("oak"), secret("reed", group="web"))

    after = regrouped([group(mirror=None)], (MAIL,), season(*pool))

    assert mirrors_of(after.nodes) == ["oak"]
    assert after.losses == ()


def test_no_group_is_sent_to_a_mirror_on_which_nothing_was_read_back() -> None:
    there = replace(season(secret("oak")), whole=frozenset())

    assert mirrors_of(regrouped([group(mirror=None)], (MAIL,), there).nodes) == [None]


def test_a_blocked_mirror_is_a_loss_and_its_group_is_halved() -> None:
    pool = (secret("oak"), secret("pine"), secret("reed"))

    after = regrouped([group()], (MAIL,), season(*pool, incidents=(bad("oak"),)))

    assert mirrors_of(after.nodes) == ["pine", "reed"]
    assert after.losses == (Loss(channel="mail", mirror=OAK, since=DAY - 5, day=DAY),)


def test_the_stand_in_comes_first() -> None:
    pool = (secret("oak"), secret("pine"), secret("reed"))
    answered = bad("oak", Board.SUSPECTED, spare=REED)

    after = regrouped([group()], (MAIL,), season(*pool, incidents=(answered,)))

    assert mirrors_of(after.nodes) == ["reed", "pine"]


def test_a_suspicion_counts_only_where_another_mirror_waits() -> None:
    doubted = (bad("oak", Board.SUSPECTED),)

    alone = regrouped([group()], (MAIL,), season(secret("oak"), incidents=doubted))
    beside = regrouped([group()], (MAIL,), season(secret("oak"), secret("pine"), incidents=doubted))

    assert mirrors_of(alone.nodes) == ["oak"]
    assert mirrors_of(beside.nodes) == ["pine", None]


@pytest.mark.parametrize(
    ("one", "lost"),
    [
        (bad("oak", country="RU"), True),
        (bad("oak", country="IR"), False),
        (bad("oak", country="ZZ"), True),
        (bad("oak", Board.DOWN, country="ZZ"), False),
        (bad("oak", country="RU", course=Course.FALSE_ALARM), False),
    ],
)
def test_only_blocks_that_its_readers_feel_cost_a_channel_a_mirror(
    one: Incident, *, lost: bool
) -> None:
    pool = (secret("oak", group="web"), secret("pine", group="web"))

    after = regrouped([group(channel=WEB)], (WEB,), season(*pool, incidents=(one,)))

    assert bool(after.losses) is lost


@pytest.mark.parametrize("pool", [(secret("oak", RETIRED),), (secret("oak", SPARE),), ()])
def test_a_mirror_that_people_took_out_is_replaced_and_no_loss(pool: tuple[Mirror, ...]) -> None:
    after = regrouped([group()], (MAIL,), season(*pool, secret("pine")))

    assert [(one.mirror, one.burnt, one.holders) for one in after.nodes] == [("pine", 0, 60)]
    assert after.losses == ()


def test_a_channel_that_left_the_config_keeps_what_it_has() -> None:
    nodes = [group(), group(mirror=None, channel=WEB)]

    after = regrouped(nodes, (), season(secret("oak"), incidents=(bad("oak"),)))

    assert list(after.nodes) == nodes


def test_with_nothing_new_nothing_changes() -> None:
    pool = (secret("oak"), secret("pine"))
    once = regrouped([group()], (MAIL,), season(*pool))

    assert regrouped(once.nodes, (MAIL,), season(*pool)) == once
    assert waiting(once.nodes, MAIL) == 0
    assert waiting([group(mirror=None)], MAIL) == 1


def test_a_family_of_names_without_a_canary_is_told() -> None:
    pool = [
        replace(secret("oak"), base="https://oak.first.example/"),
        replace(secret("pine", SPARE), base="https://pine.second.example/"),
        replace(secret("reed", RETIRED), base="https://reed.third.example/"),
        replace(secret("wren"), base="https://wren.first.example/", canary=True),
        known("amber", host="amber.fourth"),
    ]

    assert unwatched(pool) == ["s3 second.example"]


def test_the_court_hears_what_was_held_and_what_was_lost() -> None:
    losses = [
        Loss(channel="mail", mirror=PINE, since=DAY - 9, day=DAY - 6),
        Loss(channel="", mirror=REED, since=DAY - 30, day=DAY - 10),
    ]
    nodes = [group(), group(mirror=None, channel=WEB)]

    heard = watched(nodes, losses, DAY)

    assert heard == {"mail": Watched(lost=1, days=8.0), "web": Watched(lost=0, days=0.0)}
    assert quiet({MirrorId("wren"): DAY - 4}, losses, DAY) == Watched(lost=1, days=24.0)
