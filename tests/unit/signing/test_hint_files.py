"""Hint files in a copy: which may lie there, and what a reader with a token finds."""

from pathlib import Path

import pytest

from signing import hint_files
from signing.head import roots
from signing.lectern import Lectern
from signing.sources import FolderSource
from signing.token import Token, leaves
from signing.trust import Trust
from signing.verify import verify
from tamizdat.errors import FormatError, SourceError
from tests.unit.signing.paper import lay, passing
from tests.vectors.street import ROOT, day, hints, shown

TOKENS: list[Token] = [one for _, one in leaves(bytes(range(32)), "mail\0001", "")]
PATH = f"hints/{TOKENS[0].shard}.json"


async def asked(folder: Path) -> tuple[Lectern, Trust]:
    desk = Lectern(FolderSource(folder), None)
    return desk, await roots(desk, ROOT.sha256, day(3))


async def test_a_token_finds_its_mirror_and_until_when_it_holds(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, hints())])
    desk, trust = await asked(tmp_path)

    found = await hint_files.found(desk, trust, TOKENS[77])

    assert found == ("https://leaf.example/", day(7))


async def test_a_token_of_another_shard_finds_no_file(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, hints())])
    desk, trust = await asked(tmp_path)

    with pytest.raises(SourceError, match="no hints for this token"):
        await hint_files.found(desk, trust, Token(shard="00000000", key=bytes(16)))


async def test_a_token_finds_nothing_in_what_the_role_did_not_sign(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items(), *passing(PATH, hints("release"))])
    desk, trust = await asked(tmp_path)

    with pytest.raises(FormatError, match=r"2\.10"):
        await hint_files.found(desk, trust, TOKENS[0])


async def test_more_hint_files_than_a_copy_may_have_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, [*shown().files().items()])
    lay(tmp_path, [(f"hints/{number:08x}.json", b"{}") for number in range(257)])

    report = await verify(FolderSource(tmp_path), ROOT.sha256, day(3))

    assert (report.authentic, report.clause) == (False, "10.6")
