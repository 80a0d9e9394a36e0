"""What answers are made of: the newest edition, public mirrors, and nothing that was withdrawn."""

import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest

from service.post import shelf as module
from service.post.lanes import SlowLane, drawn
from service.post.responding import responding
from service.post.shelf import EditionShelf
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tests.kit.asking import (
    PROVIDER,
    Relay,
    ask,
    founded,
    hand_in,
    provider_key,
    relaying,
    with_responder,
    zone,
)
from tests.kit.program import Answer, inside
from tests.kit.unsigned import unsigned


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("paper"), "en", "fa")


async def run(*words: str | Path) -> Answer:
    found = await asyncio.to_thread(inside, *words)
    assert found.code == 0, found.err
    return found


async def copied(paper: Path, to: Path) -> tuple[Path, str]:
    """The newsroom once more, and the id of an English article."""
    room = Path(shutil.copytree(paper, to / "room", symlinks=True))
    listed = (await run("-C", room, "article", "list", "--json")).json
    return room, next(one["id"] for one in listed if one["language"] == "en")


async def test_what_is_withdrawn_goes_to_nobody(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    room, first = await copied(paper, tmp_path)
    relay = Relay()
    async with relaying(relay) as port, zone(provider_key().records(PROVIDER)) as (resolver, _):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver)
        async with responding(room) as found:
            texts = await found.responder.shelf.texts("en")
            await hand_in(found.port, ask("reader@mail.example", "bundle en 18000"))
            await relay.until(1)
            await run("-C", room, "article", "withdraw", first, "--json")
            left = await found.responder.shelf.texts("en")
            await hand_in(found.port, ask("reader@mail.example", "bundle en 18000"))
            await relay.until(2)

    assert len(left) == len(texts) - 1
    assert set(left) < set(texts)
    names = [next(mail.iter_attachments()).get_filename() for _, _, mail in relay.taken]
    assert names == ["1.html", "2.html"]


async def test_a_correction_goes_by_mail_with_its_edition_and_not_before(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    room, first = await copied(paper, tmp_path)
    await run("-C", room, "article", "correct", first, "--title", "Another", "--json")
    await asyncio.to_thread(with_responder, room, relay=25, resolver="127.0.0.1")
    async with responding(room) as found:
        before = await found.responder.shelf.texts("en")
        await run("-C", room, "publish", "--json")
        after = await found.responder.shelf.texts("en")

    assert [one.startswith("Another") for one in before].count(True) == 0
    assert [one.startswith("Another") for one in after].count(True) == 1
    assert len(after) == len(before) + 1


async def test_before_the_first_edition_there_is_nothing_to_tell(tmp_path: Path) -> None:
    async with unsigned(tmp_path) as room:
        found = EditionShelf(texts_of=room, clock=room.clock, wanted=("en", "fa"))

        assert await found.languages() == ("en", "fa")
        assert await found.texts("en") == ()
        assert await found.bundles("en") == []


async def test_a_file_that_went_is_not_enclosed(paper: Path, tmp_path: Path) -> None:
    room = Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))
    await asyncio.to_thread(with_responder, room, relay=25, resolver="127.0.0.1")
    async with responding(room) as found:
        on_shelf = found.responder.shelf
        (first, *_) = await on_shelf.bundles("en")
        shutil.rmtree(room / "state" / "blobs")

        assert await on_shelf.enclosed("en", first) is None
        assert await on_shelf.enclosed("ru", first) is None
        assert await on_shelf.texts("en") == ()


def mirror(name: str, base: str | None, **more: object) -> Mirror:
    settings: dict[str, object] = {
        "state": MirrorState.ACTIVE,
        "exposure": Exposure.PUBLIC,
        "group": "open",
        **more,
    }
    return Mirror(id=MirrorId(name), backend="s3", base=base, folder=None, **settings)  # type: ignore[arg-type]


POOL = [
    *(mirror(f"m{n}", f"https://m{n}.host{n % 2}.example/") for n in range(8)),
    mirror("spare", "https://spare.example/", state=MirrorState.SPARE),
    mirror("group", "https://group.example/", exposure=Exposure.GROUP),
    mirror("secret", "https://secret.example/", exposure=Exposure.SECRET),
    mirror("folder", None),
]


def test_mirrors_are_drawn_from_the_public_ones_in_use_of_different_providers() -> None:
    lots = [drawn(POOL, hashlib.sha256(bytes([n])).hexdigest()) for n in range(200)]

    assert {len(one) for one in lots} == {3}
    assert all({"host0", "host1"} <= {base.split(".")[1] for base in one} for one in lots)
    assert {base for one in lots for base in one} == {one.base for one in POOL[:8]}


def test_with_one_mirror_there_is_one_way() -> None:
    assert drawn(POOL[:1], "x") == ("https://m0.host0.example/",)
    assert drawn([], "x") == ()


async def test_an_asker_is_given_the_same_mirrors_all_day_and_the_pool_is_read_seldom() -> None:
    reads = []

    async def pool() -> list[Mirror]:
        reads.append(1)
        return POOL

    lane = SlowLane(pool=pool)
    first = [await lane.for_asker("a" * 64, 739_946) for _ in range(5)]
    days = {tuple(await lane.for_asker("a" * 64, day)) for day in range(20)}

    assert len(set(map(tuple, first))) == 1
    assert len(days) > 1
    assert len(reads) == 1
