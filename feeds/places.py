"""Places: where each rendered file lies on a mirror (formats 3.5 to 3.10)."""

from tamizdat.paths import check as safe

INDEX = "index.html"
WAYS = "ways.html"
BUNDLES = "bundles.html"


def front(language: str) -> str:
    """The front of one language."""
    return safe(f"{language}/{INDEX}")


def section_front(language: str, slug: str) -> str:
    """The front of a section."""
    return safe(f"{language}/s-{slug}/{INDEX}")


def list_page(language: str, slug: str, number: int) -> str:
    """A list page, counted from the oldest; `slug` is empty for the list of all articles."""
    return safe(f"{language}/s-{slug}/{number}.html" if slug else f"{language}/lists/{number}.html")


def withdrawn(language: str) -> str:
    """The notice that takes the place of a withdrawn article."""
    return safe(f"{language}/withdrawn.html")


def check(language: str) -> str:
    """How to check that a page is ours."""
    return safe(f"{language}/check.html")


def safety(language: str) -> str:
    """What to think of before reading."""
    return safe(f"{language}/safety.html")


def atom(language: str) -> str:
    """The Atom feed."""
    return safe(f"{language}/atom.xml")


def rss(language: str) -> str:
    """The RSS feed."""
    return safe(f"{language}/rss.xml")


def json_feed(language: str) -> str:
    """The JSON feed."""
    return safe(f"{language}/feed.json")
