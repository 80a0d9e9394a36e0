"""A language: its BCP 47 tag, and the direction in which it is written."""

import re

from tamizdat.errors import SourceError

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_DEVICES = frozenset({"aux", "con", "nul", "prn"})
"""Languages of ISO 639-3 whose folder some computers cannot have (formats 3.1)."""

_RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg"})
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "khw", "ks", "lrc", "mzn"}
    | {"pnb", "ps", "sd", "skr", "syr", "ug", "ur", "yi"}
)


def tag(text: str) -> str:
    """The tag in its usual spelling (`ZH_hans` gives `zh-Hans`, `en-us` gives `en-US`).

    Raises SourceError where `text` is no language tag that can name a folder.
    """
    parts = text.strip().replace("_", "-").split("-")
    spelled = [parts[0].lower(), *(_subtag(part) for part in parts[1:])]
    name = "-".join(spelled)
    if not _TAG.fullmatch(name) or parts[0].lower() in _DEVICES:
        raise SourceError(f"{text[:40]!r} is no language tag (such as en, fa or zh-Hans)")
    return name


def direction(language: str) -> str:
    """`rtl` or `ltr`, from the script where the tag names one, else from the language."""
    first, *rest = language.split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]  # noqa: PLR2004
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"


def _subtag(part: str) -> str:
    if len(part) == 2:  # noqa: PLR2004 - a region
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()  # noqa: PLR2004
