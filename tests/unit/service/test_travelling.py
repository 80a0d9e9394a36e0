"""The content check of a vantage that has no newsroom: an order's word, and the mirror's files."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from time import monotonic

import pytest

from reach.order import GREETING, MAX_ORDER, Order, Proof, encode
from reach.record import decode
from service.looks.content import trusted
from service.looks.travelling import OrderedClock, TravellingContent, obey
from tamizdat import paths
from tamizdat.errors import BackendError, SourceError
from tamizdat.measurement import Aim, Content, Kind, Vantage
from tamizdat.placement import Exposure, MirrorId
from tests.kit.lab.looker import PATIENCE, proof
from tests.kit.strangers import HOST, free_port
from tests.unit.signing.paper import (
    START,
    Files,
    Newsroom,
    complete,
    first_files,
    second_files,
    three_editions,
    writes,
)

SOON, LATE = START + timedelta(hours=4), START + timedelta(days=60)


def ordered(told: Proof, at: datetime = SOON) -> Order:
    aim = Aim(
        mirror=MirrorId("amber"),
        base="https://news.example/",
        exposure=Exposure.PUBLIC,
        group="open",
    )
    vantage = Vantage(id="there", country="XX", network="AS1", kind=Kind.LOCAL)
    return Order(vantage=vantage, aims=(aim,), proof=told, at=at)


async def said(told: Proof, files: Files, at: datetime = SOON) -> Content:
    async def fetch(path: str, limit: int) -> bytes | None:
        body = files.get(path)
        if body is not None and len(body) > limit:
            raise BackendError("over the limit", retry=False)
        return body

    order = ordered(told, at)
    trust = trusted(told.roots, at)
    check = TravellingContent(trust=trust, order=order, clock=OrderedClock(at=at))
    return await check.check(fetch)


@pytest.fixture
async def room() -> Newsroom:
    return await three_editions()


def knowing(room: Newsroom, *numbers: int) -> Proof:
    told = proof(room)
    kept = tuple(one for one in told.editions if one[0] in numbers)
    return Proof(roots=told.roots, editions=kept)


def pages_of(files: Files, body: bytes) -> Files:
    return {path: body if path.endswith(".html") else old for path, old in files.items()}


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_an_edition_that_the_order_knows_is_ours(room: Newsroom, number: int) -> None:
    assert await said(proof(room), complete(room, number)) == Content(code=None, edition=number)


async def test_a_changed_page_is_invalid(room: Newsroom) -> None:
    files = pages_of(complete(room, 2), b"false")

    found = await said(proof(room), files)

    assert (found.code, found.edition) == ("invalid", 2)


async def test_pages_of_the_next_edition_may_lie_there_already(room: Newsroom) -> None:
    # formats 4.3
    files = dict(writes(room, 1)) | dict(writes(room, 2))
    older = {path: body for path, body in writes(room, 1) if path.startswith("latest.json")}

    assert await said(proof(room), files | older) == Content(code=None, edition=1)


async def test_pages_of_the_next_edition_without_its_manifest_are_invalid(room: Newsroom) -> None:
    pushed = {path: body for path, body in second_files().items() if path in first_files()}
    pushed = pages_of(pushed, b"another")

    found = await said(proof(room), complete(room, 1) | pushed)

    assert found.code == "invalid"


def manifest(path: str) -> bool:
    return path == paths.manifest(2)


def shard(path: str) -> bool:
    return path.startswith("s/")


@pytest.mark.parametrize("which", [manifest, shard])
async def test_what_the_pointer_needs_and_is_not_there_is_missing(
    room: Newsroom, which: Callable[[str], bool]
) -> None:
    # formats 4.4
    files = {path: body for path, body in complete(room, 2).items() if not which(path)}

    found = await said(proof(room), files)

    assert (found.code, found.edition) == ("missing", 2)


@pytest.mark.parametrize("which", [manifest, shard])
async def test_what_the_pointer_needs_and_was_changed_is_invalid(
    room: Newsroom, which: Callable[[str], bool]
) -> None:
    # formats 3.3 and 4.3
    files = {p: body[:-2] + b" \n" if which(p) else body for p, body in complete(room, 2).items()}

    found = await said(proof(room), files)

    assert (found.code, found.edition) == ("invalid", 2)


async def test_an_edition_forged_with_our_stolen_keys_is_an_alarm(room: Newsroom) -> None:
    thief = await Newsroom().found()
    await thief.publish(first_files() | {"en/2026/aaaaaaaaaaaaa.html": b"<h1>Forged</h1>\n"})

    found = await said(proof(room), complete(thief, 1))

    assert (found.code, found.edition) == ("unknown_edition", 1)


async def test_a_later_edition_than_the_order_knows_is_an_alarm(room: Newsroom) -> None:
    found = await said(knowing(room, 1, 2), complete(room, 3))

    assert (found.code, found.edition) == ("unknown_edition", 3)


async def test_any_edition_of_a_newsroom_without_editions_is_an_alarm(room: Newsroom) -> None:
    assert (await said(knowing(room), complete(room, 1))).code == "unknown_edition"


async def test_an_old_copy_that_is_forgotten_is_ours_and_stale(room: Newsroom) -> None:
    found = await said(knowing(room, 3), complete(room, 1), LATE)

    assert (found.code, found.edition) == ("stale", 1)


async def test_a_forgotten_edition_that_claims_to_be_fresh_is_an_alarm(room: Newsroom) -> None:
    assert (await said(knowing(room, 3), complete(room, 1))).code == "unknown_edition"


async def test_pages_of_a_forgotten_copy_are_looked_at(room: Newsroom) -> None:
    files = pages_of(complete(room, 1), b"false")

    assert (await said(knowing(room, 3), files, LATE)).code == "invalid"


async def test_a_forgotten_copy_must_be_signed_for(room: Newsroom) -> None:
    # formats 2.10
    start = paths.manifest(1) + "."
    files = {p: body for p, body in complete(room, 1).items() if not p.startswith(start)}

    assert (await said(knowing(room, 3), files, LATE)).code == "invalid"


async def test_a_stranger_in_our_place_is_no_copy(room: Newsroom) -> None:
    files = dict.fromkeys(complete(room, 1), b"<html>Blocked</html>")

    assert (await said(proof(room), files)).code == "missing"


def test_the_clock_is_that_of_whoever_gave_the_order() -> None:
    clock = OrderedClock(at=SOON, _began=monotonic() - 90)

    assert clock.now() - SOON in {timedelta(seconds=90), timedelta(seconds=91)}


async def lines(base: str, count: int) -> bytes:
    """So many orders to look at a mirror."""
    order = ordered(proof(await three_editions()))
    order = replace(order, aims=(replace(order.aims[0], base=base),), patience=PATIENCE)
    return (encode(order) + b"\n") * count


def test_orders_are_carried_out_one_after_the_other_until_they_end() -> None:
    orders = BytesIO(asyncio.run(lines(f"http://{HOST}:{free_port()}/", 2)))
    answers = BytesIO()

    obey(orders, answers)

    greeting, *told = answers.getvalue().splitlines()
    assert greeting == GREETING
    assert [str(decode(one, "answer").failure) for one in told] == ["tcp:connection_refused"] * 2


@pytest.mark.parametrize("line", [b"nonsense\n", b"{}\n", b"x" * (MAX_ORDER + 2)])
def test_what_is_no_order_ends_it(line: bytes) -> None:
    answers = BytesIO()

    with pytest.raises(SourceError, match=r"^order: "):
        obey(BytesIO(line), answers)

    assert answers.getvalue() == GREETING + b"\n"


BROKEN = [
    # what the order says                                       what is said of it
    (lambda order: replace(order, authorities="no PEM"), "cannot be carried out"),
    (
        lambda order: replace(order, proof=replace(order.proof, roots=order.proof.roots[:1] * 2)),
        "6.2",
    ),
]


@pytest.mark.parametrize(("change", "words"), BROKEN)
def test_an_order_that_cannot_be_carried_out_ends_it(
    change: Callable[[Order], Order], words: str
) -> None:
    order = change(ordered(proof(asyncio.run(three_editions()))))

    with pytest.raises(SourceError, match=words):
        obey(BytesIO(encode(order)), BytesIO())


class Deaf(BytesIO):
    """Takes the greeting; then nobody listens any more."""

    def write(self, line: object, /) -> int:
        if line != GREETING + b"\n":
            raise BrokenPipeError
        return 0


def test_it_ends_when_nobody_listens_any_more() -> None:
    orders = BytesIO(asyncio.run(lines(f"http://{HOST}:{free_port()}/", 1)))

    with pytest.raises(BrokenPipeError):
        obey(orders, Deaf())
