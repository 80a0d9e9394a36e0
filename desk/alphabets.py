"""An alphabet: the letters that a language is written with, to tell it from its neighbours."""

_CYRILLIC = "абвгдежзйклмнопрстуфхцчшьюя"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقلمنهوآأؤئء"

ALPHABETS = {
    "ru": _CYRILLIC + "ёищъыэ",
    "be": _CYRILLIC + "ёіўыэ",
    "uk": _CYRILLIC + "ґєиіїщ",
    "kk": _CYRILLIC + "әғёиіқңөұүһщъыэ",
    "ky": _CYRILLIC + "ёиңөүщъыэ",
    "tg": _CYRILLIC + "ғёиӣқӯҳҷъэ",
    "ar": _ARABIC + "إىيةك",
    "fa": _ARABIC + "پچژکگیۀ",
    "ps": _ARABIC + "پټځچڅډړږژښکګڼیيۍېۀ",
    "ug": _ARABIC + "پچژكگڭھەۇۆۈۋېى",
}
"""Small letters by language, as many as are printed there; Latin ones tell too little."""

FEWEST = 80
"""Fewer letters tell nothing."""

LOOKED_AT = 4000
FOREIGN, OWN = 0.01, 0.004
"""Shares of letters from another alphabet: from here on it is not this language, up to here it may
be another one. Names and quotes of neighbours stay below."""


def reads_as(text: str, language: str) -> str | None:
    """The neighbour that `text` is written in, where it is surely not in `language`; else None."""
    first = language.partition("-")[0]
    own = ALPHABETS.get(first)
    letters = [char for char in text[: 8 * LOOKED_AT].lower() if char in _EVERY][:LOOKED_AT]
    if own is None or len(letters) < FEWEST or _foreign(letters, own) < FOREIGN:
        return None
    shares = {name: _foreign(letters, one) for name, one in ALPHABETS.items() if name != first}
    best = min(shares, key=lambda name: shares[name])
    return best if shares[best] <= OWN else None


_EVERY = frozenset().union(*ALPHABETS.values())


def _foreign(letters: list[str], alphabet: str) -> float:
    return sum(char not in alphabet for char in letters) / len(letters)
