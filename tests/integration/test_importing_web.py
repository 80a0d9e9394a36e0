"""Imports from sites on loopback: page by page, with their pictures, and again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.sources.fetch import fetch
from service.newsroom import Newsroom
from service.stories.importing import Fate, Imported, bring_in
from service.stories.picturing import Whose, pictures_of
from service.stories.sources import Kind, Wanted, arrivals
from service.stories.web import STRIKES, Web, host_of, is_near
from tamizdat.errors import SourceError
from tests.kit.press_site import GHOST_KEY, Site, site
from tests.kit.seeker import hits, needles, tree
from tests.kit.unsigned import draft, unsigned

SECRET = "camera-of-Zofia-4711"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with unsigned(tmp_path / "room") as made:
        yield made


@pytest.fixture
async def paper() -> AsyncIterator[Site]:
    async with site() as made:
        yield made


def way_out() -> Web:
    return Web(loop=asyncio.get_running_loop(), allow_private=True)


async def brought(room: Newsroom, wanted: Wanted, whose: Whose = Whose.SITE) -> Imported:
    way = way_out()
    pictures = pictures_of(room, way, whose, host_of(wanted.place))
    return await bring_in(room, pictures.along(arrivals(wanted, way)), release=False)


def post(number: int) -> dict[str, object]:
    return {
        "id": number,
        "uuid": f"uuid-{number}",
        "guid": {"rendered": f"https://heron.example/?p={number}"},
        "title": {"rendered": f"Story {number}"},
        "content": {"rendered": f"<p>Told {number}.</p>"},
    }


async def test_a_wordpress_site_is_read_page_by_page_and_again(room: Newsroom, paper: Site) -> None:
    paper.posts = [post(number) for number in range(1, 6)]
    wanted = Wanted(kind=Kind.WORDPRESS, place=paper.address)

    first = await brought(room, wanted)
    again = await brought(room, wanted)
    paper.posts[2]["content"] = {"rendered": "<p>Told otherwise.</p>"}
    changed = await brought(room, wanted)
    newest = await brought(room, replace(wanted, pages=1))

    assert [len(one.fates[Fate.NEW]) for one in (first, again, changed)] == [5, 0, 1]
    assert len(again.fates[Fate.UNCHANGED]) == 5
    assert newest.taken == 2


async def test_a_site_that_breaks_off_keeps_what_came(room: Newsroom, paper: Site) -> None:
    paper.posts = [post(1), post(2), {"id": 3}, post(4)]

    found = await brought(room, Wanted(kind=Kind.WORDPRESS, place=paper.address))

    assert found.taken == 3
    assert [one.label for one in found.set_aside] == ["post 3"]


async def test_a_site_that_is_no_wordpress_is_told_so(room: Newsroom, paper: Site) -> None:
    paper.status = 500

    with pytest.raises(SourceError, match="answers 500"):
        await brought(room, Wanted(kind=Kind.WORDPRESS, place=paper.address))


async def test_a_ghost_site_is_read_with_its_key(room: Newsroom, paper: Site) -> None:
    paper.posts = [
        {"uuid": f"u{n}", "title": f"Story {n}", "html": "<p>x</p>"} for n in range(1, 4)
    ]
    wanted = Wanted(kind=Kind.GHOST, place=paper.address, key=GHOST_KEY)

    found = await brought(room, wanted)
    again = await brought(room, wanted)

    assert len(found.fates[Fate.NEW]) == 3
    assert len(again.fates[Fate.UNCHANGED]) == 3


async def test_a_wrong_key_is_refused_and_never_told(room: Newsroom, paper: Site) -> None:
    with pytest.raises(SourceError) as caught:
        await brought(room, Wanted(kind=Kind.GHOST, place=paper.address, key="no" * 13))

    assert "nono" not in str(caught.value)


async def test_pictures_of_the_site_come_along_and_only_once(room: Newsroom, paper: Site) -> None:
    paper.picture("/p/boat.jpg", SECRET)
    place = paper.feed(("one", '<p>A.</p><img src="/p/boat.jpg" alt="a boat">'))
    wanted = Wanted(kind=Kind.FEED, place=place)

    found = await brought(room, wanted)
    again = await brought(room, wanted)

    article = await draft(room, found.fates[Fate.NEW][0])
    assert [one.alt for one in article.pictures] == ["a boat"]
    assert len(again.fates[Fate.UNCHANGED]) == 1
    assert paper.asked.count("/p/boat.jpg") == 1
    assert hits(tree(room.folder), needles(SECRET)) == []


async def test_a_site_that_loses_a_picture_changes_nothing(room: Newsroom, paper: Site) -> None:
    paper.picture("/p/boat.jpg")
    wanted = Wanted(kind=Kind.FEED, place=paper.feed(("one", '<p>A.</p><img src="/p/boat.jpg">')))
    await brought(room, wanted)
    del paper.bodies["/p/boat.jpg"]

    again = await brought(room, wanted)

    assert len(again.fates[Fate.UNCHANGED]) == 1


async def test_the_ledger_tells_nothing_of_a_picture(room: Newsroom, paper: Site) -> None:
    address = paper.picture("/p/boat.jpg")
    wanted = Wanted(kind=Kind.FEED, place=paper.feed(("one", '<p>A.</p><img src="/p/boat.jpg">')))

    found = await brought(room, wanted)

    article = await draft(room, found.fates[Fate.NEW][0])
    ledger = {k: v for k, v in tree(room.folder).items() if "ledger" in k}
    assert ledger
    assert hits(ledger, needles(address, article.pictures[0].sha256, "boat.jpg")) == []


async def test_a_stranger_is_not_asked_for_pictures(room: Newsroom, paper: Site) -> None:
    async with site("127.0.0.2") as spy:
        address = spy.picture("/count.jpg")
        place = paper.feed(("one", f'<p>A.</p><img src="{address}" alt="x">'))

        shy = await brought(room, Wanted(kind=Kind.FEED, place=place))
        unseen = list(spy.asked)
        await brought(room, Wanted(kind=Kind.FEED, place=place), Whose.NONE)
        unasked = list(paper.asked)
        bold = await brought(room, Wanted(kind=Kind.FEED, place=place), Whose.ALL)

    assert (unseen, unasked) == ([], ["/feed", "/feed"])
    assert spy.asked == ["/count.jpg"]
    assert (len(shy.fates[Fate.NEW]), len(bold.fates[Fate.NEW])) == (1, 1)


async def test_a_counting_picture_is_never_fetched(room: Newsroom, paper: Site) -> None:
    paper.picture("/pixel.jpg")
    one = '<p>A.</p><img src="/pixel.jpg" width="1" height="1"><p hidden><img src="/pixel.jpg"></p>'

    await brought(room, Wanted(kind=Kind.FEED, place=paper.feed(("one", one))))

    assert paper.asked == ["/feed"]


async def test_what_is_no_picture_is_left_out(room: Newsroom, paper: Site) -> None:
    paper.put("/a.jpg", "<svg onload='x()'>", "image/svg+xml")
    html = '<p>A.</p><img src="/a.jpg" alt="a chart"><img src="/none.jpg"><img src="http://[::1">'

    found = await brought(room, Wanted(kind=Kind.FEED, place=paper.feed(("one", html))))

    article = await draft(room, found.fates[Fate.NEW][0])
    assert article.pictures == ()
    assert "[a chart]" in article.html


async def test_a_host_that_fails_is_left_in_peace(paper: Site) -> None:
    way = way_out()
    paper.status = 503

    def asked() -> list[str]:
        said = []
        for number in range(STRIKES + 2):
            with pytest.raises(SourceError) as caught:
                way.fetched(f"{paper.address}/{number}")
            said.append(str(caught.value))
        return said

    said = await asyncio.to_thread(asked)

    assert len(paper.asked) == STRIKES
    assert "not asked again" in said[-1]


async def test_an_import_takes_only_so_much(paper: Site) -> None:
    way = Web(loop=asyncio.get_running_loop(), allow_private=True, left=100)
    place = paper.put("/big", "x" * 99)

    got = await asyncio.to_thread(way.fetched, place)
    with pytest.raises(SourceError, match="sends over 0 MB"):
        await asyncio.to_thread(way.fetched, place)

    assert len(got.body) == 99


async def test_private_pictures_are_not_fetched_without_being_told(paper: Site) -> None:
    way = Web(loop=asyncio.get_running_loop())

    with pytest.raises(SourceError, match="private network"):
        await asyncio.to_thread(way.fetched, paper.picture("/p.jpg"))

    assert (await fetch(f"{paper.address}/p.jpg", allow_private=True)).body
    assert paper.asked == ["/p.jpg"]


NEAR = [
    ("a.example", "a.example", True),
    ("www.a.example", "a.example", True),
    ("cdn.a.example", "www.a.example", True),
    ("a.example", "blog.a.example", True),
    ("b.example", "a.example", False),
    ("xa.example", "a.example", False),
    ("example", "a.example", False),
    ("", "", False),
]


@pytest.mark.parametrize(("host", "of", "near"), NEAR)
def test_a_host_is_of_a_site_or_it_is_not(host: str, of: str, *, near: bool) -> None:
    assert is_near(host, of) is near
