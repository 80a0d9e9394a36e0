"""A template: fills a page with values; everything is escaped but what `SafeHtml` became."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from feeds.letters import legal
from feeds.paper import Paper
from feeds.style import Kind, style
from feeds.words import Words, words_of
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
    return legal(text).encode()


def mark(words: Words, language: str) -> Markup:
    """Attributes for what the interface says on a page in `language`: none, or its own language."""
    if not words.borrowed:
        return Markup()
    turn = f" dir={words.direction}" if words.direction != direction(language) else ""
    return Markup(f" lang={words.tag}{turn}")  # noqa: S704 - our own files


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
