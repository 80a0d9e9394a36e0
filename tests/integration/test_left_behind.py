"""A mirror that was away for long: what its readers are told while it catches up."""

from pathlib import Path

import pytest

from service.pipeline import publish
from service.wiring import opened
from tests.integration.test_faults import SOUND, corrected, street
from tests.kit.deeds import Deed
from tests.kit.printshop import PrintShop
from tests.kit.proxy import Fault, Proxy


async def test_a_bucket_that_missed_more_than_is_kept_never_looks_forged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.composing.KEEP_MOST", 2)
    async with street(tmp_path, "lake", SOUND) as road:
        await published_in(road.shop)
        road.proxy.faults["lake"] = Fault.REFUSE
        for title in ("Two", "Three", "Four", "Five"):
            await corrected(road.shop, title)
            await published_in(road.shop)
        stale = await road.read("lake")
        road.proxy.faults.clear()
        road.proxy.after = lambda deed: cut(road.proxy, deed)
        refused = await published_in(road.shop)
        meanwhile = await road.read("lake")
        road.proxy.after = lambda _deed: None
        road.proxy.faults.clear()
        mended = await published_in(road.shop)
        afterwards = await road.read("lake")

    assert refused == ["lake"]
    assert (stale.authentic, stale.edition) == (True, 1)
    assert (meanwhile.authentic, meanwhile.edition) == (False, None)
    assert meanwhile.reason.startswith("latest.json: is missing, and no edition")  # not: forged
    assert mended == []
    assert (afterwards.authentic, afterwards.edition) == (True, 5)


@pytest.mark.parametrize("missed", [1, 4])
async def test_what_was_withdrawn_meanwhile_must_be_gone_for_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missed: int
) -> None:
    monkeypatch.setattr("service.composing.KEEP_MOST", 2)
    async with street(tmp_path, "lake", SOUND) as road:
        await published_in(road.shop)
        road.proxy.faults["lake"] = Fault.REFUSE
        async with opened(road.shop.folder) as room:
            gone = max(one.id for one in await room.ledgers.articles.texts())
            await room.ledgers.articles.withdraw(gone, room.clock.now())
        await published_in(road.shop)
        for number in range(missed - 1):
            await corrected(road.shop, f"Meanwhile {number}")
            await published_in(road.shop)
        road.proxy.faults["lake"] = Fault.CACHE

        async with opened(road.shop.folder) as room:
            cached = (await publish(room)).refusals
        road.proxy.faults.clear()  # somebody empties it
        emptied = await published_in(road.shop)
        afterwards = await road.read("lake")

    assert [one.mirror for one in cached] == ["lake"]
    assert cached[0].detail.startswith(("b/", "o/", "s/"))
    assert "a stranger still gets it after it was deleted" in cached[0].detail
    assert emptied == []
    assert (afterwards.authentic, afterwards.edition) == (True, 1 + missed)


async def published_in(shop: PrintShop) -> list[str]:
    """Publish in this process; the mirrors that refused."""
    async with opened(shop.folder) as room:
        return [one.mirror for one in (await publish(room)).refusals]


def cut(proxy: Proxy, deed: Deed) -> None:
    """The bucket refuses from its first language front on."""
    if (deed.mirror, deed.verb, deed.path) == ("lake", "PUT", "en/index.html"):
        proxy.faults["lake"] = Fault.REFUSE
