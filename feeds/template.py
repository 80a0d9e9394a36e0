"""A template: fills a page with values; everything is escaped but what `SafeHtml` became."""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from feeds.letters import legal
from feeds.paper import Paper
from feeds.style import Kind, style
from feeds.words import Words, words_of
from tamizdat.digest import digest
from tamizdat.language import direction


def fill(
    name: str, kind: Kind, *, paper: Paper, language: str, title: str, **values: object
) -> bytes:
    """The page that the template `name` makes, as UTF-8."""
    words = words_of(language)
    text = _ENVIRONMENT.get_template(name).render(
        paper=paper,
        language=language,
        direction=direction(language),
        title=title,
        style=style(kind, language),
        w=words.texts,
        ui=mark(words, language),
        **values,
    )
    return _bytes(text)


@dataclass(frozen=True, slots=True)
class Frame:
    """A page but for its title and what it tells, which many pages share to the byte."""

    before: bytes
    between: bytes
    after: bytes

    def filled(self, title: str, told: Markup) -> bytes:
        """The page with both in their places."""
        parts = (self.before, _bytes(escape(title)), self.between, _bytes(told), self.after)
        return b"".join(parts)


@lru_cache(maxsize=256)
def frame(name: str, kind: Kind, *, paper: Paper, language: str, **values: str) -> Frame:
    """What the template `name` makes around a page's `title` and what is `told` on it."""
    # no paper can hold its own digest, so the holes are found where they were left
    hole = digest(repr(paper).encode())
    page = fill(
        name, kind, paper=paper, language=language, title=f"a{hole}", told=f"b{hole}", **values
    )
    before, _, rest = page.partition(f"a{hole}".encode())
    between, _, after = rest.partition(f"b{hole}".encode())
    return Frame(before, between, after)


def part(macro: str, *values: object) -> Markup:
    """What a macro of `story.html` makes of `values`, to stand within a page."""
    made: Markup = getattr(_parts(), macro)(*values)
    return made


def mark(words: Words, language: str) -> Markup:
    """Attributes for what the interface says on a page in `language`: none, or its own language."""
    if not words.borrowed:
        return Markup()
    turn = f" dir={words.direction}" if words.direction != direction(language) else ""
    return Markup(f" lang={words.tag}{turn}")  # noqa: S704 - our own files


def _bytes(text: str) -> bytes:
    return legal(text).encode()


@cache
def _parts() -> object:
    return _ENVIRONMENT.get_template("story.html").module


def _read(name: str) -> str:
    return files("feeds").joinpath("templates", name).read_text("utf-8")


_ENVIRONMENT = Environment(
    loader=FunctionLoader(_read),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
