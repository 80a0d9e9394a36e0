import pytest

from signing import words
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError

ROOT = digest(b"root")


def test_the_published_examples_come_out() -> None:
    # arXiv 0901.4016: 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
    root = Digest("7f000001" + "3f54dcc1" + "0" * 48)

    assert words.spelled(root).startswith("lusab babad gutih tugad babab")


def test_twelve_words_name_the_root_again() -> None:
    text = words.spelled(ROOT)

    assert words.digits(text) == ROOT[:48]
    assert words.match(text.upper().replace(" ", "-\n"), ROOT)
    assert not words.match(words.spelled(digest(b"other")), ROOT)


@pytest.mark.parametrize(
    "text", ["", "lusab", "lusab " * 11 + "xxxxx", "lusab " * 13, "lusabb " * 12]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="twelve words"):
        words.digits(text)
