"""Numbers of editions that are skipped, where several people must sign."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signing.sources import FolderSource
from signing.state import Seen, State
from signing.trust import MAX_STEP
from signing.verify import verify
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.wire import Previous, Sized
from tests.unit.signing.paper import (
    Files,
    Newsroom,
    complete,
    lasting,
    lay,
    passing,
)
from tests.unit.signing.test_two_people import NOW, PAIR, begin, paired, refusal, told


def skipping(room: Newsroom, to: int) -> tuple[Files, Sealed]:
    """The mirror of edition 3, which bears a higher number."""
    made = room.published[2]
    manifest = replace(made.edition.manifest, edition=to)
    edition = resigned(room, manifest, *PAIR)
    sized = Sized(sha256=edition.sha256, len=len(edition.body))
    pointer = replace(made.pointer.pointer, edition=to, manifest=sized)
    files = {path: body for path, body in complete(room, 3).items() if "/3/" not in path}
    files = {path: body for path, body in files.items() if "latest.json" not in path}
    files |= dict(lasting(paths.manifest(to), edition))
    return files | dict(passing("latest.json", resigned(room, pointer, "timestamp"))), edition


def resigned(room: Newsroom, file: Any, *names: str) -> Sealed:
    body = file.encode()
    made = tuple(room.pen(name).sign(body) for name in names)
    return Sealed(body=body, sha256=digest(body), signatures=made)


@pytest.mark.parametrize(("to", "clause"), [(4, ""), (2 + MAX_STEP, ""), (3 + MAX_STEP, "4.5")])
async def test_numbers_may_be_skipped_where_several_must_sign(
    to: int, clause: str, tmp_path: Path
) -> None:
    room = await paired()
    files, _ = skipping(room, to)

    report = await told(room, tmp_path, files)

    assert (report.authentic, report.clause) == (not clause, clause), report.reason


async def test_where_one_signs_no_number_is_skipped(room: Newsroom) -> None:
    made = replace(room.published[2].edition.manifest, edition=4)
    named = Previous(edition=3, sha256=digest(b"x"))
    back = replace(room.published[2].edition.manifest, prev=named)

    assert refusal(begin(room), resigned(room, made, "release"), 4) == "4.5"
    assert refusal(begin(room), resigned(room, back, "release"), 3) == "4.5"


async def test_a_number_that_was_seen_is_not_skipped(tmp_path: Path) -> None:
    room = await paired()
    files, edition = skipping(room, 4)
    third = Seen(number=3, sha256=room.published[2].edition.sealed.sha256)
    lay(tmp_path, files)

    unseen = await verify(FolderSource(tmp_path), room.root_id, NOW, State(root_id=room.root_id))
    forked = await verify(
        FolderSource(tmp_path), room.root_id, NOW, State(root_id=room.root_id, edition=third)
    )

    assert unseen.authentic, unseen.reason
    assert edition.sha256 != third.sha256
    assert forked.clause == "6.6"


async def test_a_manifest_in_a_gap_is_refused(tmp_path: Path) -> None:
    room = await paired()
    files, _ = skipping(room, 4)
    stray = dict(lasting(paths.manifest(3), room.published[2].edition.sealed))

    report = await told(room, tmp_path, files | stray)

    assert report.clause == "4.6"


async def test_signatures_of_an_edition_after_a_gap_may_wait(tmp_path: Path) -> None:
    room = await paired()
    files = complete(room, 2)
    early = room.pen("release").sign(b"a body that never came").armor.encode()
    name = room.pen("release").fingerprint

    near = await told(room, tmp_path / "near", files | {f"e/10/manifest.json.{name}.asc": early})
    far = await told(room, tmp_path / "far", files | {f"e/11/manifest.json.{name}.asc": early})

    assert (near.authentic, far.clause) == (True, "4.6")
