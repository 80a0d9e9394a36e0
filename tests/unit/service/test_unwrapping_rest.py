"""What lies behind the first part of a packed file is told, never passed over."""

import gzip
import io
import zipfile

import pytest

from service.proof import unwrapping
from service.proof.unwrapping import Unwrapped


def test_a_second_part_of_a_gzip_file_is_told() -> None:
    opened = Unwrapped()

    pieces = list(opened.pieces("x", gzip.compress(b"first") + gzip.compress(b"second")))

    assert [piece for _, piece in pieces][1:] == [b"first"]
    assert opened.shut == ["x: more lies in it than was opened"]


def test_one_whole_part_leaves_nothing_to_tell() -> None:
    opened = Unwrapped()

    list(opened.pieces("x", gzip.compress(b"first")))

    assert opened.shut == []


CODINGS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_zip_that_a_stranger_damaged_anywhere_is_told_and_ends_nothing(coding: int) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", coding) as archive:
        archive.writestr("first", b"some words of it " * 50)
    whole = body.getvalue()
    for place in range(4, len(whole)):
        for mask in (0x01, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= mask
            list(Unwrapped().pieces("x", bytes(damaged)))
    opened = Unwrapped()
    list(opened.pieces("x", whole[:-30]))

    assert opened.shut == ["x: is a ZIP that cannot be opened"]


def test_members_beyond_those_that_are_opened_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwrapping, "MOST_MEMBERS", 1)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("first", b"1")
        archive.writestr("second", b"2")
    opened = Unwrapped()

    list(opened.pieces("x", body.getvalue()))

    assert opened.shut == ["x: holds 2 files, 1 of them opened"]
