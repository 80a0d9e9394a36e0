"""An answer: what a reader is told, in words of their language. Pure.

It quotes nothing of the mail that asked: an answer that went astray tells only what anybody may
read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.responder.phrases import Phrases
from gateway.responder.request import Wish

BETWEEN = "\n\n* * *\n\n"
_KB = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file that goes with an answer: its neutral name, its kind, and its base64 in lines."""

    name: str
    media_type: str
    lines: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The subject and text, their language, and the file that goes with them."""

    language: str
    subject: str
    text: str
    enclosed: Enclosed | None = None


def helping(voices: Sequence[Phrases], languages: Sequence[str], answers: int) -> str:
    """What can be asked for: once in each of `voices`."""
    return BETWEEN.join(_help(one, languages, answers) for one in voices)


def pointing(voice: Phrases, ways: Sequence[str]) -> str:
    """Addresses where we can be read."""
    if not ways:
        return voice.texts["no_mirrors"]
    return "\n".join((voice.texts["mirrors"], "", *ways))


def telling(voice: Phrases, articles: Sequence[str], most: int) -> str:
    """The newest articles that fit into `most` bytes, whole ones; it says where there are more."""
    if not articles:
        return voice.texts["nothing"]
    whole: list[str] = []
    left = most
    for one in articles:
        left -= len(one.encode()) + len(BETWEEN)
        if left < 0:
            break
        whole.append(one)
    told = whole or [_cut(articles[0], most, voice.texts["rest"])]
    if len(whole) < len(articles):
        told.append(f"{voice.texts['more']}\n{voice.word(Wish.BUNDLE)}")
    return BETWEEN.join((voice.texts["latest"], *told))


def too_large(voice: Phrases, smallest: int, most: int) -> str:
    """That no file fits, and how to ask for the smallest; `most` is what mail may carry."""
    kilobytes = -(-smallest // _KB)
    if smallest > most:
        return voice.texts["too_large_all"].format(number=kilobytes)
    asking = voice.texts["too_large"].format(number=kilobytes)
    return f"{asking}\n{voice.word(Wish.BUNDLE)} {kilobytes}"


def joined(*parts: str) -> str:
    """Parts of an answer, those that say something."""
    return BETWEEN.join(part for part in parts if part) + "\n"


def _help(voice: Phrases, languages: Sequence[str], answers: int) -> str:
    texts = voice.texts
    lines = [
        f"{voice.word(Wish.MIRRORS)}: {texts['mirrors_help']}",
        f"{voice.word(Wish.LATEST)}: {texts['latest_help']}",
        f"{voice.word(Wish.BUNDLE)} 500: {texts['bundle_help']}",
    ]
    language = texts["language"].format(languages=", ".join(languages))
    limit = texts["limit"].format(number=answers)
    return "\n\n".join((texts["how"], "\n".join(lines), language, limit, texts["kept"]))


def _cut(text: str, most: int, rest: str) -> str:
    """As many whole paragraphs as fit, at least the first words."""
    kept: list[str] = []
    left = most
    for paragraph in text.split("\n\n"):
        left -= len(paragraph.encode()) + 2
        if left < 0:
            break
        kept.append(paragraph)
    start = kept or [text.encode()[:most].decode(errors="ignore")]
    return "\n\n".join((*start, rest))
