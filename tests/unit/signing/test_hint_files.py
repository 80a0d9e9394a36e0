"""Hint files in a copy: which may lie there, and what a reader with a token finds."""

from pathlib import Path

import pytest

from signing import hint_files
from signing.head import roots
from signing.hints import opened
from signing.lectern import Lectern
from signing.sources import FolderSource
from signing.token import Token, leaves
from signing.trust import Trust
from signing.verify import verify
from tamizdat.errors import FormatError
from tests.unit.signing.paper import lay, passing
from tests.vectors.street import ROOT, day, shown
from tests.vectors.street import hints as signed_hints

TOKENS: list[Token] = [one for _, one in leaves(bytes(range(32)), "mail\0001", "")]
PATH = f"hints/{TOKENS[0].shard}.json"


async def asked(folder: Path) -> tuple[Lectern, Trust]:
    desk = Lectern(FolderSource(folder), None)
    return desk, await roots(desk, ROOT.sha256, day(3))


async def test_a_token_finds_its_mirror_and_until_when_it_holds(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, signed_hints())])
    desk, trust = await asked(tmp_path)

    hints = await hint_files.taken(desk, trust, TOKENS[77].shard)

    assert hints is not None
    assert (opened(hints, TOKENS[77]), hints.expires) == ("https://leaf.example/", day(7))


async def test_a_token_of_another_shard_finds_no_file(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, signed_hints())])
    desk, trust = await asked(tmp_path)

    assert await hint_files.taken(desk, trust, "00000000") is None


async def test_a_token_finds_nothing_in_what_the_role_did_not_sign(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, signed_hints("release"))])
    desk, trust = await asked(tmp_path)

    with pytest.raises(FormatError, match=r"2\.10"):
        await hint_files.taken(desk, trust, TOKENS[0].shard)


async def test_more_hint_files_than_a_copy_may_have_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items()])
    lay(tmp_path, [(f"hints/{number:08x}.json", b"{}") for number in range(257)])

    report = await verify(FolderSource(tmp_path), ROOT.sha256, day(3))

    assert (report.authentic, report.clause) == (False, "10.6")


async def test_a_hint_file_under_another_shard_s_name_is_refused(tmp_path: Path) -> None:
    moved = [*passing("hints/00000000.json", signed_hints())]
    lay(tmp_path, [*shown().files().items(), *moved])

    report = await verify(FolderSource(tmp_path), ROOT.sha256, day(3))

    assert (report.authentic, report.clause) == (False, "10.1")
