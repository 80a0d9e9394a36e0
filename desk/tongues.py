"""A language's own name, and the script that its letters come from."""

import unicodedata

NAMES = {
    "ar": "العربية",
    "az": "Azərbaycan",
    "be": "Беларуская",
    "be-tarask": "Беларуская (тарашкевіца)",
    "bo": "བོད་སྐད",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fr": "Français",
    "hi": "हिन्दी",
    "kk": "Қазақша",
    "km": "ខ្មែរ",
    "ko": "한국어",
    "ku": "Kurdî",
    "ky": "Кыргызча",
    "my": "မြန်မာ",
    "pl": "Polski",
    "prs": "دری",
    "ps": "پښتو",
    "pt": "Português",
    "ru": "Русский",
    "sv": "Svenska",
    "tg": "Тоҷикӣ",
    "th": "ไทย",
    "tk": "Türkmen",
    "tr": "Türkçe",
    "ug": "ئۇيغۇرچە",
    "uk": "Українська",
    "uz": "Oʻzbek",
    "vi": "Tiếng Việt",
    "zh": "中文",
    "zh-Hans": "中文（简体）",
    "zh-Hant": "中文（繁體）",
}

_SCRIPTS = {
    "CYRILLIC": ("be", "kk", "ky", "ru", "tg", "uk"),
    "ARABIC": ("ar", "fa", "prs", "ps", "ug"),
    "CJK": ("zh",),
    "LATIN": ("az", "de", "en", "es", "fr", "pl", "pt", "sv", "tk", "tr", "uz", "vi"),
    "MYANMAR": ("my",),
    "THAI": ("th",),
    "KHMER": ("km",),
    "HANGUL": ("ko",),
    "TIBETAN": ("bo",),
    "DEVANAGARI": ("hi",),
}

LOOKED_AT = 4000
"""Letters that are looked at to tell a script."""

FEWEST = 20
"""Fewer letters tell nothing."""


def name_of(language: str) -> str:
    """The language's name for itself; its tag where we know none."""
    return NAMES.get(language) or NAMES.get(language.partition("-")[0], language)


def fits(text: str, language: str) -> bool:
    """Whether half of the letters of `text` are of the script that `language` is written in.

    True where we do not know its script, or where there is too little text to tell.
    """
    first = language.partition("-")[0]
    script = next((name for name, those in _SCRIPTS.items() if first in those), None)
    letters = [char for char in text[: 8 * LOOKED_AT] if char.isalpha()][:LOOKED_AT]
    if script is None or len(letters) < FEWEST or _names_a_script(language):
        return True
    ours = sum(unicodedata.name(char, "").startswith(script) for char in letters)
    return 2 * ours >= len(letters)


def _names_a_script(language: str) -> bool:
    """`uz-Cyrl` is not written as `uz` is; `zh-Hans` is."""
    return any(
        len(part) == 4 and part not in {"Hans", "Hant"}  # noqa: PLR2004 - a subtag of script
        for part in language.split("-")[1:]
    )
