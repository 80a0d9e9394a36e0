"""The intake: an article that came in, cleaned and made ours, at revision 1."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feeds.cleaner import clean
from feeds.incoming import Incoming
from feeds.letters import cut, line
from feeds.pictures import Rebuilt
from feeds.soup import Meaning, meaning
from feeds.sources.html import KIND as PAGE
from tamizdat.article import Article, Picture, SafeHtml, Section, article_id
from tamizdat.digest import digest
from tamizdat.errors import SourceError
from tamizdat.language import tag

MAX_RAW = 20 * 1024 * 1024
"""Characters of an article before it is cleaned."""
MAX_TEXT = 5 * 1024 * 1024
"""Bytes of an article after it was cleaned."""
MAX_TITLE = 300
MAX_FIRST_WORDS = 80
MAX_SUMMARY = 400
OPENING = 200
"""Characters of the text that stand for a summary."""
MAX_AUTHORS = 20
MAX_TAGS = 20
MAX_NAME = 100
MAX_SLUG = 40
AHEAD = timedelta(days=2)
"""How far a date may lie ahead of the clock."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No article is older: feedgen spells the year 1 with one digit, and RFC 822 with four."""

_MAIL = re.compile(r"<?\s*(?:mailto:)?[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}\s*>?")
_MARKER = re.compile(r'src="picture:(\d+)"')
_SAMPLE = 4096
_JUNK = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffd]")  # the parser makes U+FFFD of NUL
_TAG = re.compile(
    r"<(?:p|a|br|div|span|h[1-6]|[uo]l|li|img|table|pre|blockquote|figure|em|strong|b|i)[\s/>]"
)
_NO_SLUG = re.compile(r"[0-9-]*|lists|con|prn|aux|nul|com[0-9]|lpt[0-9]")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An article of ours, the bytes of `article.pictures` in their order, and what was removed."""

    article: Article
    pictures: tuple[bytes, ...]
    removed: tuple[str, ...]


def take(incoming: Incoming, *, salt: bytes, default_language: str | None, now: datetime) -> Taken:
    """`incoming` as an article at revision 1, cleaned, its pictures rebuilt.

    `default_language` is for sources that do not say a usable one; `now` dates what has no date.
    Raises SourceError, in one line, for what cannot be an article.
    """
    if len(incoming.html) > MAX_RAW:
        raise SourceError(f"text is over {MAX_RAW // 1024**2} million characters: shorten it")
    if incoming.kind == PAGE and _is_binary(incoming.html[:_SAMPLE]):
        raise SourceError("is binary data, no page of HTML")
    language = _language(incoming.language, default_language)
    title = _seen(cut(line(incoming.title[: MAX_TITLE * 10]), MAX_TITLE))
    found = meaning(
        incoming.html,
        language=language,
        title=title,
        base=incoming.base,
        pictures=incoming.pictures,
    )
    html, order = cleaned(found.html, len(found.pictures))
    if not title and not _seen(found.text):
        raise SourceError("has neither title nor text")
    if len(html.encode()) > MAX_TEXT:
        raise SourceError(f"text is over {MAX_TEXT // 1024**2} MB: part it")
    published, updated = _dates(incoming, now)
    article = Article(
        id=article_id(salt, incoming.kind, incoming.key),
        revision=1,
        language=language,
        title=title or cut(line(found.text[:1000]), MAX_FIRST_WORDS) or "…",
        html=html,
        summary=_summary(incoming.summary, found),
        authors=_names(map(_without_mail, incoming.authors), MAX_AUTHORS),
        section=section(incoming.section_name, incoming.section_slug),
        tags=_names(incoming.tags, MAX_TAGS),
        published=published,
        updated=updated,
        pictures=tuple(_picture(found.pictures[n], found.alts[n]) for n in order),
    )
    bodies = tuple(found.pictures[n].body for n in order)
    return Taken(article=article, pictures=bodies, removed=(*incoming.dropped, *found.removed))


def section(name: str | None, slug: str | None) -> Section | None:
    """The section called `name`, its slug made from `slug`, else from the name, else its hash."""
    shown = line(name or slug or "")[:MAX_NAME].strip()
    if not shown:
        return None
    made = _slug(slug or "") or _slug(shown)
    if not made:
        mac = hashlib.sha256(shown.encode()).digest()
        made = "s" + base64.b32encode(mac).decode().lower()[:8]
    return Section(slug=made, name=shown)


def _is_binary(sample: str) -> bool:
    """Whether more than 1 % of `sample` are control characters, and no tag is in it."""
    return len(_JUNK.findall(sample)) * 100 > len(sample) and not _TAG.search(sample)


def _language(told: str | None, default: str | None) -> str:
    for text in (told, default):
        try:
            if text:
                return tag(text)
        except SourceError:
            continue
    raise SourceError("does not say its language: name one with --language")


def cleaned(html: str, count: int) -> tuple[SafeHtml, tuple[int, ...]]:
    """The safe HTML with its pictures counted from 0, and which of the `count` found they are."""
    safe = clean(html)
    order = tuple(dict.fromkeys(int(n) for n in _MARKER.findall(safe) if int(n) < count))
    if order == tuple(range(count)):
        return safe, order
    renumbered = _MARKER.sub(
        lambda hit: f'src="picture:{order.index(int(hit.group(1)))}"', str(safe)
    )
    return clean(renumbered), order


def _dates(incoming: Incoming, now: datetime) -> tuple[datetime, datetime]:
    published = (incoming.published or now).replace(microsecond=0)
    if published > now + AHEAD:
        raise SourceError(f"is dated {published:%Y-%m-%d}, in the future: mend its date")
    if published < EARLIEST:
        raise SourceError(f"is dated {published.date()}, before {EARLIEST.year}: mend its date")
    updated = max(incoming.updated or published, published).replace(microsecond=0)
    return published, min(updated, max(now.replace(microsecond=0), published))


def _seen(text: str) -> str:
    """`text` where a reader would see any of it, else nothing."""
    return text if any(letter.isprintable() and letter != " " for letter in text) else ""


def _summary(told: str, found: Meaning) -> str:
    """What the source says, else how the text begins, without its headings where it has others."""
    given = line(told[: MAX_SUMMARY * 10])
    return cut(given, MAX_SUMMARY) if given else cut(line(found.text[: OPENING * 5]), OPENING)


def _names(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """Plain names, each once, in their order."""
    plain = (cut(line(text[: MAX_NAME * 10]), MAX_NAME) for text in texts)
    return tuple(dict.fromkeys(filter(None, plain)))[:most]


def _without_mail(author: str) -> str:
    """The name alone: an editor's mail address never reaches an output."""
    bare = _MAIL.sub(" ", author[: MAX_NAME * 10])
    return line(bare).strip(" ()<>[],;:\"'-")


def _slug(text: str) -> str:
    """Lower-case ASCII words with hyphens; empty where `text` is written in other letters."""
    parted = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    if any(letter.isalpha() and not letter.isascii() for letter in bare):
        return ""
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:MAX_SLUG].strip("-")
    if slug and _NO_SLUG.fullmatch(slug):
        return f"s-{slug}"[:MAX_SLUG].strip("-")
    return slug


def _picture(rebuilt: Rebuilt, alt: str) -> Picture:
    return Picture(
        sha256=digest(rebuilt.body),
        extension=rebuilt.extension,
        length=len(rebuilt.body),
        width=rebuilt.width,
        height=rebuilt.height,
        alt=alt,
    )
