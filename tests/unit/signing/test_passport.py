import base64
from datetime import timedelta

import pytest

from signing import archive, passport, seal
from signing.sources import FileSource
from signing.state import Seen, State
from signing.verify import Report, verify
from tamizdat import canonical
from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.errors import FormatError
from tamizdat.wire import BundleKind, Slip
from tests.unit.signing.paper import START, Newsroom, first_files
from tests.unit.signing.zips import plain_zip

NOW = START + timedelta(hours=6)
PAGE = b"<!doctype html>\n<p>All of it\n"


def slip_of(room: Newsroom, kind: BundleKind) -> Slip:
    manifest = room.published[1].edition.manifest
    return seal.slip(manifest, root_version=1, kind=kind, language="en", issued=manifest.issued)


async def html(room: Newsroom, kind: BundleKind = "html") -> bytes:
    return await seal.html_bundle(PAGE, slip_of(room, kind), room.roots, room.signer("release"))


async def zip_of(room: Newsroom, members: dict[str, bytes]) -> bytes:
    return await seal.zip_bundle(
        plain_zip(members), slip_of(room, "zip"), room.roots, room.signer("release")
    )


def judge(room: Newsroom, file: bytes) -> archive.HandedOver:
    return archive.open_file(file, room.root_id, NOW, None, "copy")


def refusal(room: Newsroom, file: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        judge(room, file)
    return caught.value.clause


async def test_a_page_and_a_zip_prove_themselves(room: Newsroom) -> None:
    pages = {path: body for path, body in first_files().items() if path.startswith("en/")}

    for kind in ("html", "text"):
        assert judge(room, await html(room, kind)).slip.kind == kind
    handed = judge(room, await zip_of(room, pages))

    assert dict(archive.members(handed, "copy")) == pages
    assert archive.names(handed, "copy") == pages.keys()


async def test_every_changed_octet_of_a_page_is_refused(room: Newsroom) -> None:
    file = await html(room)

    for at in range(len(file)):
        assert refusal(room, file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :])


async def test_every_cut_of_a_page_is_refused(room: Newsroom) -> None:
    file = await html(room)

    for at in range(0, len(file), 7):
        assert refusal(room, file[:at])
        assert refusal(room, file[:at] + file[at + 1 :])
        assert refusal(room, file[:at] + b"x" + file[at:])
    assert refusal(room, file + b"\n")
    assert refusal(room, b"\n" + file)
    assert refusal(room, file + file)


async def test_every_changed_octet_of_a_zip_is_refused(room: Newsroom) -> None:
    file = await zip_of(room, {"en/index.html": b"<p>hello\n"})

    for at in range(len(file)):
        assert refusal(room, file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :])
    for at in range(0, len(file), 5):
        assert refusal(room, file[:at])
        assert refusal(room, file[:at] + b"x" + file[at:])
    assert refusal(room, file + b"x")
    assert refusal(room, b"PK\x03\x04" + file)


async def test_a_second_trailer_is_refused(room: Newsroom) -> None:
    file = await html(room)
    line = file[len(PAGE) :]

    assert refusal(room, PAGE + line + line) == "7.3"
    with pytest.raises(FormatError) as caught:
        passport.attach_html(file, b"{}\n")
    assert caught.value.clause == "7.1"


async def test_a_slip_for_another_form_is_refused(room: Newsroom) -> None:
    file = await html(room, "zip")

    assert refusal(room, file) == "7.2"


async def test_a_bundle_of_another_newsroom_is_refused(room: Newsroom) -> None:
    stranger = await Newsroom(name="other").found()
    file = await html(room)

    with pytest.raises(FormatError) as caught:
        archive.open_file(file, stranger.root_id, NOW, None, "copy")

    assert caught.value.clause == "6.2"


def html_with(fields: dict[str, canonical.Json] | bytes) -> bytes:
    text = fields if isinstance(fields, bytes) else canonical.encode(fields)
    return passport.attach_html(PAGE, text)


async def test_trailers_of_another_shape_are_refused(room: Newsroom) -> None:
    good = canonical.decode(passport.trailer(room.roots[0], room.roots), "trailer")
    root = good["roots"]
    shapes: list[dict[str, canonical.Json] | bytes] = [
        {},
        good | {"more": 1},
        good | {"roots": []},
        good | {"roots": {}},
        good | {"roots": [1]},
        good | {"roots": [{"text": ""}]},
        good | {"slip": 1},
        good | {"signatures": []},
        good | {"signatures": {"x": "y"}},
        good | {"signatures": {"A" * 40: 1}},
        canonical.encode(good)[:-1],
        canonical.encode(good).replace(b"channel", b"\\ud800"),
        canonical.encode(good).replace(b'"roots":', b'"roots": '),
        canonical.encode(good).replace(b"channel", b"\\u0063hannel"),
        b" " * (passport.MAX_TRAILER + 1),
    ]

    assert root
    for shape in shapes:
        with pytest.raises(FormatError) as caught:
            passport.split(html_with(shape), "copy")
        assert caught.value.clause in {"1.2", "7.1"}, shape


def test_a_trailer_that_is_no_base64_is_refused() -> None:
    for coded in (b"!!!!", b"abc", b"ab==\n", base64.b64encode(b"{}\n")[:-1] + b"p"):
        with pytest.raises(FormatError) as caught:
            passport.split(PAGE + b"<!--tamizdat-1:" + coded + b"-->\n", "copy")
        assert caught.value.clause in {"1.2", "7.1"}


def test_a_body_that_cannot_bear_a_trailer_is_refused() -> None:
    with pytest.raises(FormatError):
        passport.attach_html(b"no line feed", b"{}\n")
    with pytest.raises(FormatError):
        passport.zip_body(b"no zip", 0)
    with pytest.raises(FormatError):
        passport.zip_body(plain_zip({"a.html": b""}), 70_000)
    with pytest.raises(FormatError):
        passport.attach_zip(plain_zip({"a.html": b""}), b"{}\n")


async def test_a_trailer_that_grows_too_long_is_refused(room: Newsroom) -> None:
    with pytest.raises(FormatError) as caught:
        passport.trailer(room.roots[0], [room.roots[0]] * 30)

    assert caught.value.clause == "7.1"


def test_a_zip_without_a_trailer_is_refused() -> None:
    for file in (plain_zip({"a.html": b"x"}), b"PK\x03\x04nothing"):
        with pytest.raises(FormatError) as caught:
            passport.split(file, "copy")
        assert caught.value.clause == "7.1"


MEMBERS = ["../evil.html", "/evil.html", "en/.hidden", "en/con.html", "en\\x.html", "en/"]


@pytest.mark.parametrize("name", MEMBERS)
async def test_members_with_odd_names_are_refused(room: Newsroom, name: str) -> None:
    handed = judge(room, await zip_of(room, {name: b""}))

    with pytest.raises(FormatError) as caught:
        list(archive.members(handed, "copy"))

    assert caught.value.clause in {"3.1", "7.4"}


async def test_two_members_of_one_name_are_refused(room: Newsroom) -> None:
    handed = judge(room, await zip_of(room, {"en/A.html": b"", "en/a.html": b""}))

    with pytest.raises(FormatError) as caught:
        archive.names(handed, "copy")

    assert caught.value.clause == "7.4"


async def test_a_signed_body_that_is_no_zip_is_refused(room: Newsroom) -> None:
    torn = plain_zip({"a.html": b"x" * 100})
    broken = b"PK\x03\x04" + torn[60:]
    file = await seal.zip_bundle(broken, slip_of(room, "zip"), room.roots, room.signer("release"))

    with pytest.raises(FormatError) as caught:
        list(archive.members(judge(room, file), "copy"))

    assert caught.value.clause == "7.4"


async def test_a_file_is_judged_where_it_lies(
    room: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("stick") / "e2.html"
    file.write_bytes(await html(room))
    seen = State(root_id=room.root_id, edition=Seen(number=3, sha256="0" * 64))

    report: Report = await verify(FileSource(file), room.root_id, NOW)
    older = await verify(FileSource(file), room.root_id, NOW, seen)
    absent = await verify(FileSource(file.with_name("none")), room.root_id, NOW)

    assert (report.authentic, report.fresh, report.edition, report.clause) == (True, None, 2, "6.7")
    assert "older than edition 3" in older.reason
    assert not absent.authentic


async def test_a_zip_comes_out_whatever_the_signature_is_long(room: Newsroom) -> None:
    for number in range(40):
        file = await zip_of(room, {"en/index.html": b"%d\n" % number})
        assert judge(room, file).slip.kind == "zip"


def test_sealed_text_keeps_its_bytes() -> None:
    sealed = Sealed(body=b'{"a":"\xd9\x84"}\n', sha256=digest(b""), signatures=())

    text = passport.trailer(sealed, [sealed])
    split = passport.split(passport.attach_html(PAGE, text), "copy")

    assert (split.slip.body, split.roots[0].body) == (sealed.body, sealed.body)
