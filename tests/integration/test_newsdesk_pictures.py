"""Pictures at the newsdesk: pasted, kept, and given out while they stand in a story."""

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from tamizdat.digest import Digest
from tamizdat.story import Story
from tests.kit.images import jpeg, png
from tests.kit.newsdesk import Office, address, office, written
from tests.kit.seeker import hits, needles, tree

TOLD = "Wilhelmina Quast, ward seven"
PASTED = f'<p>Told.</p><img src="{address(jpeg(11, told=TOLD))}" alt="A quay" class="x">'


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


def sha256(story: Story, number: int = 0) -> str:
    return story.pictures[number].partition(".")[0]


async def test_a_pasted_picture_tells_nothing_but_its_pixels(house: Office) -> None:
    draft = await house.desk.save(None, written(PASTED))
    given = await house.desk.picture(sha256(draft))
    out = await house.desk.release(draft.card.id)
    await house.publish()

    assert draft.removed == ()
    assert 'src="picture:0"' in draft.html
    assert 'alt="A quay"' in draft.html
    assert given
    assert (given[0][:2], given[1]) == (b"\xff\xd8", "image/jpeg")
    assert hits(tree(house.room.folder), needles(TOLD)) == []
    name = out.pictures[0]
    for page, mirror in zip(house.pages(out.path), ("amber", "birch", "cedar"), strict=True):
        assert f"o/{name[:2]}/{name}" in page
        assert 'alt="A quay"' in page
        lying = house.room.folder / "mirrors" / mirror / "o" / name[:2] / name
        assert lying.read_bytes() == given[0]


AGAIN = [
    # how a browser names a picture that the desk has shown it
    "picture:0",
    "/pictures/{}",
    "pictures/{}",
    "https://desk.example:8180/pictures/{}",
    "http://127.0.0.1:8180/pictures/{}?v=1#x",
]


@pytest.mark.parametrize("place", AGAIN)
async def test_a_picture_of_the_story_survives_the_next_save(house: Office, place: str) -> None:
    first = await house.desk.save(None, written(PASTED))
    html = f'<p>More.</p><img src="{place.format(first.pictures[0])}" alt="The quay">'

    again = await house.desk.save(first.card.id, written(html))

    assert (again.pictures, again.removed) == (first.pictures, ())
    assert 'alt="The quay"' in again.html


async def test_markdown_names_pictures_too(house: Office) -> None:
    pasted = written(f"Told.\n\n![A quay]({address(png(3), 'png')})")
    first = await house.desk.save(None, replace(pasted, form="markdown"))
    again = replace(written("![The quay](picture:0)\n\nTold."), form="markdown")

    story = await house.desk.save(first.card.id, again)

    assert (story.pictures, story.removed) == (first.pictures, ())
    assert 'alt="The quay"' in story.html


async def test_a_picture_of_what_is_out_survives_its_correction(house: Office) -> None:
    out = await house.out(written(PASTED))
    await house.publish()

    draft = await house.desk.save(out.card.id, written(out.html.replace("Told", "Said")))
    made = await house.desk.release(out.card.id, "a word")
    await house.publish()

    assert (draft.pictures, made.pictures) == (out.pictures, out.pictures)
    assert all(out.pictures[0] in page and "Said." in page for page in house.pages(out.path))


async def test_a_save_without_its_pictures_drops_them(house: Office) -> None:
    first = await house.desk.save(None, written(PASTED))

    bare = await house.desk.save(first.card.id, written("<p>Told.</p>"))

    assert (bare.pictures, bare.removed) == ((), ())
    assert await house.desk.picture(sha256(first)) is None


async def test_an_editor_who_undoes_that_has_the_picture_back(house: Office) -> None:
    first = await house.desk.save(None, written(PASTED))
    await house.desk.save(first.card.id, written("<p>Told.</p>"))
    html = f'<p>Told.</p><img src="/pictures/{first.pictures[0]}" alt="A quay">'

    back = await house.desk.save(first.card.id, written(html))

    assert back.pictures == first.pictures
    assert await house.desk.picture(sha256(first)) is not None


async def test_a_draft_without_a_picture_leaves_that_of_what_is_out(house: Office) -> None:
    out = await house.out(written(PASTED))

    await house.desk.save(out.card.id, written("<p>Told.</p>"))

    assert await house.desk.picture(sha256(out)) is not None


async def test_a_picture_of_another_story_is_refused(house: Office) -> None:
    other = await house.desk.save(None, written(PASTED))
    mine = await house.desk.save(None, written("<p>Mine.</p>"))
    html = f'<p>Mine.</p><img src="/pictures/{other.pictures[0]}"><img src="picture:0">'

    new = await house.desk.save(None, written(html))
    saved = await house.desk.save(mine.card.id, written(html))

    assert (new.pictures, saved.pictures) == ((), ())
    assert saved.removed == ("picture that is not of this story (2 times)",)


NO_PICTURES = [
    ("data:image/svg+xml;base64,PHN2Zy8+", "picture that was pasted"),
    ("data:image/png;base64,AAAA", "picture that was pasted"),
    ("data:text/html,x", "picture that was pasted"),
    ("/pictures/../../keys/x.png", "picture: /pictures/../../keys/x.png"),
    ("file:///C:/Users/w/1.jpg", "picture: file:///C:/Users/w/1.jpg"),
]


@pytest.mark.parametrize(("place", "named"), NO_PICTURES)
async def test_what_is_no_picture_is_removed_and_named(
    house: Office, place: str, named: str
) -> None:
    story = await house.desk.save(None, written(f'<p>Told.</p><img src="{place}">'))

    assert (story.html, story.pictures) == ("<p>Told.</p>", ())
    assert named in story.removed


async def test_a_text_is_never_given_out_as_a_picture(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>The grey heron.</p>"))
    text = await house.room.ledgers.drafts.get(draft.card.id)
    assert text

    texts = [text, Digest("0" * 64), "../../keys", text.upper(), f"{text}.jpg", ""]

    assert [await house.desk.picture(one) for one in texts] == [None] * len(texts)


async def test_a_picture_goes_with_its_story(house: Office) -> None:
    out = await house.out(written(PASTED))
    draft = await house.desk.save(None, written(PASTED.replace("Told", "Also")))
    both = await house.desk.picture(sha256(out))

    await house.desk.withdraw(out.card.id, 1)
    one = await house.desk.picture(sha256(draft))
    await house.desk.discard(draft.card.id)

    assert both == one
    assert await house.desk.picture(sha256(draft)) is None


async def test_a_picture_is_given_out_only_after_its_story_was_told(house: Office) -> None:
    out = await house.out(written(PASTED))
    later = Office(house.room)

    before = await later.desk.picture(sha256(out))
    await later.desk.story(out.card.id)

    assert before is None
    assert await later.desk.picture(sha256(out)) is not None


async def test_a_photo_of_a_good_camera_is_taken(house: Office) -> None:
    pixels = Random(1).randbytes(2000 * 1400 * 3)  # noqa: S311 - noise does not compress
    noise = Image.frombytes("RGB", (2000, 1400), pixels)
    out = BytesIO()
    noise.save(out, "PNG")
    photo = address(out.getvalue(), "png")
    html = f"<p>a</p><IMG alt='b' src='{photo}'><p>c</p><img src=\"{photo}\">"

    story = await house.desk.save(None, written(html))

    assert len(photo) > 11_000_000
    assert story.pictures == (story.pictures[0],) * 2
    assert story.html.index("<p>a") < story.html.index('alt="b"') < story.html.index("<p>c")


async def test_too_many_pictures_are_named(house: Office) -> None:
    one = f'<img src="{address(png(3), "png")}">'

    story = await house.desk.save(None, written(one * 62))

    assert len(story.pictures) == 60
    assert story.removed == ("picture that was pasted (2 times)",)
