"""Plain text: what is left of an article without its mark-up."""

import re
from functools import lru_cache
from html import unescape

from feeds.letters import cut, line
from tamizdat.article import Article
from tamizdat.language import direction

BRIEF = 400
"""Most characters of a summary."""

WORDS_A_MINUTE = 200
SIGNS_A_MINUTE = 400

_TAG = re.compile(r"<[a-zA-Z/](?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|em|i|mark|q|s|small|span|strong|sub|sup|time)"
    r"(?=[\s>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LTR = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u058f\u0900-\u1fff\u3040-\ud7ff]")
_LEFT_MARK, _RIGHT_MARK = "\u200e", "\u200f"


@lru_cache(4)  # its first words, its length and its summary are asked one after the other
def without_tags(html: str) -> str:
    """The words of `html` on one line."""
    return line(unescape(_TAG.sub(" ", _INLINE.sub("", html))))


def brief(article: Article) -> str:
    """The summary, else the first words of the text: one line of at most 400 characters."""
    return cut(line(article.summary) or without_tags(article.html), BRIEF)


def repeats(summary: str, html: str) -> bool:
    """Whether `html` begins with what `summary` says, so that it need not be said twice."""
    start = line(summary).rstrip("…. ")
    return not start or without_tags(html).startswith(start)


def minutes(html: str) -> int:
    """How long `html` takes to read, at least 1."""
    text = without_tags(html)
    signs = len(_HAN.findall(text))
    words = len(_HAN.sub(" ", text).split()) if signs else text.count(" ") + 1
    return max(1, round(words / WORDS_A_MINUTE + signs / SIGNS_A_MINUTE))


def headline(article: Article) -> str:
    """The title on one line; an ellipsis where nothing of it can be shown."""
    return line(article.title) or "…"


def led(title: str, language: str) -> str:
    """`title`, led by a mark of direction where it mixes directions.

    News readers guess the direction of a title by its first letter and ignore its language.
    """
    text = title.lstrip(_LEFT_MARK + _RIGHT_MARK)
    if direction(language) == "rtl":
        return _RIGHT_MARK + text if _LTR.search(text) else text
    return _LEFT_MARK + text if _RTL.search(text) else text
