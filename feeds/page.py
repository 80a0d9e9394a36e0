"""A page: one HTML file that asks for nothing but its own pictures, and runs no script.

The page of ways may run one, to open a token.

Links are such that a push killed midway leaves none dangling (formats 4.1): articles link only to
the front of their language and to fixed pages, lists only to articles, lists and that front.
"""

import re
from collections.abc import Mapping, Sequence
from math import ceil

from markupsafe import Markup

from feeds import places
from feeds.day import spelled
from feeds.figures import image, placed
from feeds.letters import line
from feeds.paper import Card, Paper
from feeds.plain import brief, headline, minutes, repeats
from feeds.qr import square
from feeds.script import opener
from feeds.template import fill, frame, mark, part
from feeds.tongue import own_name
from feeds.view import CardView, StoryView, row, shown
from feeds.words import Words, words_of
from tamizdat import paths
from tamizdat.article import Article, Section
from tamizdat.language import direction
from tamizdat.wire import BundleRef

BELOW_LEAD = 5
BESIDE_LEAD = 4
KILOBYTE = 1000

_RICH = re.compile(r"<(?:img|ul|ol|blockquote|figure|table|pre)[ >]")

_View = Mapping[str, object]


def article_page(paper: Paper, article: Article) -> bytes:
    """The page of an article; the same bytes on every mirror and in every ZIP."""
    language, path = article.language, article.path
    text = placed(article, lambda picture: image(picture, paths.relative(path, picture.path)))
    around = frame(
        "article.html",
        "rich" if is_rich(article) else "article",
        paper=paper,
        language=language,
        home=paths.relative(path, places.front(language)),
        ways=paths.relative(path, places.WAYS),
        check=paths.relative(path, places.check(language)),
        safety=paths.relative(path, places.safety(language)),
    )
    words = words_of(language)
    told = part("told", story(article, text), words.texts["correction"], mark(words, language))
    return around.filled(f"{headline(article)} – {paper.name}", told)


def is_rich(article: Article) -> bool:
    """Whether it holds more than paragraphs and headings, and so needs more rules of style."""
    return bool(article.correction or _RICH.search(article.html))


def story(article: Article, text: Markup) -> StoryView:
    """What a template tells of an article; `text` is its text with the pictures in place."""
    words = words_of(article.language)
    changed = spelled(article.updated.date(), words) if article.correction else ""
    return StoryView(
        id=article.id,
        title=headline(article),
        kick=line(article.section.name) if article.section else "",
        dek="" if repeats(article.summary, article.html) else line(article.summary),
        between=words.between,
        authors=[line(name) for name in article.authors],
        day=article.published.date().isoformat(),
        date=spelled(article.published.date(), words),
        changed=words.texts["changed"].format(date=changed) if changed else "",
        correction=line(article.correction),
        text=text,
    )


def card(article: Article, page_length: int) -> Card:
    """The article as lists show it; `page_length` is that of its page, in bytes."""
    weight = page_length + sum(picture.length for picture in article.pictures)
    return Card(
        id=article.id,
        path=article.path,
        title=headline(article),
        summary=brief(article),
        section=article.section,
        published=article.published,
        updated=article.updated,
        corrected=bool(article.correction),
        minutes=minutes(article.html),
        kilobytes=max(1, ceil(weight / KILOBYTE)),
        language=article.language,
    )


def front(
    paper: Paper,
    language: str,
    cards: Sequence[Card],
    sections: Sequence[Section],
    pages: int,
    at: str,
) -> bytes:
    """The front of a language, to lie at `at`; `cards` newest first, `pages` list pages exist."""
    words = words_of(language)
    views = [card_view(one, at, words, year=False) for one in cards]
    beside = 1 + min(BELOW_LEAD, (len(views) - 1) // 2) if views else 0
    columns = [
        (words.texts["more"], views[beside : beside + BESIDE_LEAD]),
        (words.texts["earlier"], views[beside + BESIDE_LEAD :]),
    ]
    return fill(
        "front.html",
        "front",
        paper=paper,
        language=language,
        title=paper.name,
        languages=[_tongue_link(tag, language, at) for tag in paper.languages],
        sections=[_section_link(section, language, at) for section in sections],
        date=spelled(max(one.published for one in cards).date(), words) if cards else "",
        lead=views[0] if views else None,
        below=views[1:beside],
        columns=[column for column in columns if column[1]],
        all=paths.relative(at, places.list_page(language, "", pages)) if pages else "",
        atom=paths.relative(at, places.atom(language)),
        rss=paths.relative(at, places.rss(language)),
        json=paths.relative(at, places.json_feed(language)),
        check=paths.relative(at, places.check(language)),
        safety=paths.relative(at, places.safety(language)),
        bundles=paths.relative(at, places.BUNDLES),
        ways=paths.relative(at, places.WAYS),
    )


def section_front(
    paper: Paper, language: str, section: Section, cards: Sequence[Card], pages: int
) -> bytes:
    """The front of a section: its newest articles, newest first; `pages` list pages exist."""
    at = places.section_front(language, section.slug)
    words = words_of(language)
    href = paths.relative(at, places.list_page(language, section.slug, pages))
    turns = [(href, "", words.texts["all"])] if pages else []
    return _list(paper, language, at, cards=cards, heading=line(section.name), turns=turns)


def list_page(
    paper: Paper,
    language: str,
    section: Section | None,
    number: int,
    cards: Sequence[Card],
    *,
    newest: bool,
) -> bytes:
    """A list page, counted from the oldest; `cards` newest first, `newest` where it is the last.

    A page that is full and not the newest never changes again.
    """
    slug = section.slug if section else ""
    at = places.list_page(language, slug, number)
    words = words_of(language)
    name = line(section.name) if section else words.texts["all"]
    heading = f"{name}{words.between}{words.filled('page', number)}"
    turns = []
    if not newest:
        href = paths.relative(at, places.list_page(language, slug, number + 1))
        turns.append((href, "prev", words.texts["newer"]))
    if number > 1:
        href = paths.relative(at, places.list_page(language, slug, number - 1))
        turns.append((href, "next", words.texts["older"]))
    return _list(
        paper, language, at, cards=cards, heading=heading, turns=turns, ours=section is None
    )


def withdrawn_page(paper: Paper, language: str) -> bytes:
    """The notice that takes an article's place: it links nowhere, for it lies at many depths."""
    return _notice(paper, language, "withdrawn", "withdrawn", home="")


def check_page(paper: Paper, language: str, root_words: str, root_id: str) -> bytes:
    """How to check that a page is ours, and what no page can prove (formats 6)."""
    at = places.check(language)
    return _notice(
        paper,
        language,
        "check",
        "check",
        home=paths.relative(at, places.front(language)),
        ways=paths.relative(at, places.WAYS),
        root_words=root_words,
        root_id=root_id,
    )


def safety_page(paper: Paper, language: str) -> bytes:
    """What to think of before reading: device, network, saved files."""
    at = places.safety(language)
    return _notice(
        paper,
        language,
        "safety",
        "safe",
        home=paths.relative(at, places.front(language)),
        check=paths.relative(at, places.check(language)),
    )


def ways_page(
    paper: Paper, base: str | None, hints: Sequence[str], *, tokens: bool = False
) -> bytes:
    """How to reach us, in every language: the only page that differs from mirror to mirror.

    `base` is the address of the mirror it lies on, `hints` are addresses to try next. Where there
    are `tokens`, a script of its own opens one: the only page of ours that runs any.
    """
    words = words_of(paper.language)
    return fill(
        "ways.html",
        "token" if tokens else "notice",
        paper=paper,
        language=paper.language,
        title=f"{words.texts['ways']} – {paper.name}",
        home=places.INDEX,
        address=base,
        square=square(base, words.texts["qr"]) if base else "",
        hints=[line(hint) for hint in hints],
        tongues=_sections_of(paper.languages),
        script=opener() if tokens else None,
    )


def bundles_page(paper: Paper, bundles: Sequence[BundleRef]) -> bytes:
    """The files to take along, by language, with their sizes."""
    words = words_of(paper.language)
    tongues = [
        {**_tongue(tag), "files": [_file(one) for one in bundles if one.language == tag]}
        for tag in paper.languages
        if any(one.language == tag for one in bundles)
    ]
    return fill(
        "bundles.html",
        "notice",
        paper=paper,
        language=paper.language,
        title=f"{words.texts['later']} – {paper.name}",
        home=places.INDEX,
        tongues=tongues,
    )


def contents_page(paper: Paper, language: str, cards: Sequence[Card], at: str) -> bytes:
    """The contents of a ZIP, to lie at `at` in it: links to nothing that is not in it."""
    words = words_of(language)
    return fill(
        "contents.html",
        "list",
        paper=paper,
        language=language,
        title=paper.name,
        cards=[card_view(one, at, words) for one in cards],
        check=paths.relative(at, places.check(language)),
        safety=paths.relative(at, places.safety(language)),
        ways=paths.relative(at, places.WAYS),
    )


def card_view(one: Card, at: str, words: Words, *, year: bool = True) -> CardView:
    """What a template shows of a card on the page at `at`."""
    return shown(one, paths.relative(at, one.path), words, year=year)


def _list(
    paper: Paper,
    language: str,
    at: str,
    *,
    cards: Sequence[Card],
    heading: str,
    turns: Sequence[tuple[str, str, str]],
    ours: bool = False,
) -> bytes:
    words = words_of(language)
    return fill(
        "list.html",
        "list",
        paper=paper,
        language=language,
        title=f"{heading} – {paper.name}",
        heading=heading,
        heading_ui=mark(words, language) if ours else "",
        cards=[row(one, paths.relative(at, one.path), language) for one in cards],
        turns=turns,
        home=paths.relative(at, places.front(language)),
    )


def _notice(paper: Paper, language: str, name: str, heading: str, **values: str) -> bytes:
    title = words_of(language).texts[heading]
    return fill(
        f"{name}.html",
        "notice",
        paper=paper,
        language=language,
        title=f"{title} – {paper.name}",
        heading=title,
        **values,
    )


def _tongue(language: str) -> dict[str, object]:
    words = words_of(language)
    return {
        "tag": language,
        "direction": direction(language),
        "name": own_name(language),
        "words_tag": words.tag if words.borrowed else language,
        "words_direction": words.direction,
        "w": words.texts,
        "between": words.between,
    }


def _sections_of(languages: Sequence[str]) -> list[_View]:
    """Languages with the section that speaks to their readers: those without words share one."""
    sections: dict[str, str] = {}
    found: list[_View] = []
    for tag in languages:
        tongue = {**_tongue(tag), "check": places.check(tag)}
        tongue["section"] = sections.setdefault(str(tongue["words_tag"]), tag)
        found.append(tongue)
    return found


def _tongue_link(tag: str, here: str, at: str) -> _View:
    href = paths.relative(at, places.front(tag))
    return {**_tongue(tag), "href": href, "here": tag == here}


def _section_link(section: Section, language: str, at: str) -> _View:
    href = paths.relative(at, places.section_front(language, section.slug))
    return {"href": href, "name": line(section.name)}


def _file(bundle: BundleRef) -> tuple[str, str, str]:
    words = words_of(bundle.language)
    if bundle.len < KILOBYTE**2:
        size = words.filled("kilobytes", ceil(bundle.len / KILOBYTE))
    else:
        size = words.filled("megabytes", ceil(bundle.len / KILOBYTE**2))
    label = words.texts[f"bundle_{bundle.kind}"]
    return paths.bundle(bundle.sha256, bundle.extension), label, size
