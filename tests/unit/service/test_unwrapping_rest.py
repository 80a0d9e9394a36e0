"""What lies behind the first part of a packed file is told, never passed over."""

import gzip

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
