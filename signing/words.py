"""Words: octets that can be said, written down and compared by people.

Each word is 16 bits (D. Wilkerson, "A Proposal for Proquints: Identifiers that are Readable,
Spellable, and Pronounceable", arXiv 0901.4016). Of a root id, the first 192 bits are twelve words.
"""

import hmac
import re

from tamizdat.digest import Digest
from tamizdat.errors import ConfigError

WORDS = 12
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"
_DIGITS = WORDS * 4
_WORD = re.compile(f"(?:[{_CONSONANTS}][{_VOWELS}]){{2}}[{_CONSONANTS}]")


def spelled(root_id: Digest) -> str:
    """The twelve words of `root_id`, a space between them."""
    return " ".join(_word(int(root_id[at : at + 4], 16)) for at in range(0, _DIGITS, 4))


def digits(text: str) -> str:
    """The first 48 digits of the root id that twelve words name; ConfigError where they do not.

    Letter case and what stands between the words do not matter.
    """
    words = re.split(r"[^a-z]+", text.lower().strip())
    if len(words) != WORDS or not all(_WORD.fullmatch(word) for word in words):
        raise ConfigError(f"{text[:40]!r} is no root id: twelve words of five letters are")
    return "".join(f"{_number(word):04x}" for word in words)


def match(text: str, root_id: Digest) -> bool:
    """Whether the words in `text` name `root_id`."""
    return hmac.compare_digest(digits(text), root_id[:_DIGITS])


def written(body: bytes) -> str:
    """The words of an even number of octets, two octets a word."""
    return " ".join(_word(int.from_bytes(body[at : at + 2])) for at in range(0, len(body), 2))


def octets(text: str) -> bytes | None:
    """The octets that words stand for, None where one is no word of ours.

    Letter case and what stands between the words do not matter.
    """
    words = re.split(r"[^a-z]+", text.lower().strip())
    if not all(_WORD.fullmatch(word) for word in words):
        return None
    return b"".join(_number(word).to_bytes(2) for word in words)


def _word(number: int) -> str:
    first, second, third = number >> 12, number >> 6 & 15, number & 15
    return (
        _CONSONANTS[first]
        + _VOWELS[number >> 10 & 3]
        + _CONSONANTS[second]
        + _VOWELS[number >> 4 & 3]
        + _CONSONANTS[third]
    )


def _number(word: str) -> int:
    number = 0
    for letter in word:
        letters = _VOWELS if letter in _VOWELS else _CONSONANTS
        number = number * len(letters) + letters.index(letter)
    return number
