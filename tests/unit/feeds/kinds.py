"""Kinds of pages: one maker for each, giving the place and the bytes."""

from collections.abc import Callable

from feeds import page, places
from tamizdat.digest import Digest
from tamizdat.wire import BundleRef
from tests.unit.feeds import press

BUNDLES = [
    BundleRef(
        sha256=Digest(f"{number}a" * 32),
        len=1_900_000 * number + 900,
        kind=kind,
        language=language,
        edition=7,
        unpacked=1,
        files=1,
    )
    for number, language in enumerate(("en", "fa"), start=1)
    for kind in ("zip", "html", "text")
]

Make = Callable[[str], tuple[str, bytes]]


def language_front(language: str) -> tuple[str, bytes]:
    sections = [press.section(language, number) for number in range(5)]
    at = places.front(language)
    paper, cards = press.paper(language), press.cards(language, 14)
    return at, page.front(paper, language, cards, sections, 3, at)


def root_front(language: str) -> tuple[str, bytes]:
    paper, cards = press.paper(language), press.cards(language, 3)
    return "index.html", page.front(paper, language, cards, (), 0, "index.html")


def empty_front(language: str) -> tuple[str, bytes]:
    at = places.front(language)
    return at, page.front(press.paper(language), language, (), (), 0, at)


def article(language: str) -> tuple[str, bytes]:
    one = press.article(language, authors=("A. & B.",), correction="It was <Tuesday>.")
    return one.path, page.article_page(press.paper(language), one)


def illustrated(language: str) -> tuple[str, bytes]:
    one = press.illustrated(language)
    return one.path, page.article_page(press.paper(language), one)


def section_front(language: str) -> tuple[str, bytes]:
    section = press.section(language)
    body = page.section_front(press.paper(language), language, section, press.cards(language, 3), 2)
    return places.section_front(language, section.slug), body


def one_list(language: str) -> tuple[str, bytes]:
    cards = press.cards(language, 5)
    body = page.list_page(press.paper(language), language, None, 2, cards, newest=False)
    return places.list_page(language, "", 2), body


def section_list(language: str) -> tuple[str, bytes]:
    section = press.section(language)
    cards = press.cards(language, 5)
    body = page.list_page(press.paper(language), language, section, 1, cards, newest=True)
    return places.list_page(language, section.slug, 1), body


def withdrawn(language: str) -> tuple[str, bytes]:
    return places.withdrawn(language), page.withdrawn_page(press.paper(language), language)


def check(language: str) -> tuple[str, bytes]:
    body = page.check_page(press.paper(language), language, press.ROOT_WORDS, press.ROOT_ID)
    return places.check(language), body


def safety(language: str) -> tuple[str, bytes]:
    return places.safety(language), page.safety_page(press.paper(language), language)


def ways(language: str) -> tuple[str, bytes]:
    paper = press.paper(language, (language, "en", "fa"))
    hints = ("https://one.example/", "https://two.example/x/")
    return places.WAYS, page.ways_page(paper, "https://bits.example/far/", hints)


def bundles(language: str) -> tuple[str, bytes]:
    paper = press.paper(language, (language, "en", "fa"))
    return places.BUNDLES, page.bundles_page(paper, BUNDLES)


MAKERS: tuple[Make, ...] = (
    language_front,
    root_front,
    empty_front,
    article,
    illustrated,
    section_front,
    one_list,
    section_list,
    withdrawn,
    check,
    safety,
    ways,
    bundles,
)
