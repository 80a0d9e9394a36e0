"""A template: fills a page with values; everything is escaped but what is `Markup` already."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from desk import spans, tongues
from desk.assets import EDITOR, SCRIPT, STYLE
from desk.countries import name_of, place_of
from tamizdat.language import direction


def fill(template: str, /, **values: object) -> str:
    """What the template makes of `values`."""
    return _ENVIRONMENT.get_template(template).render(values)


def _read(name: str) -> str:
    return files("desk").joinpath("templates", name).read_text("utf-8")


_ENVIRONMENT = Environment(
    loader=FunctionLoader(_read),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.globals.update(style=STYLE.path, script=SCRIPT.path, editor=EDITOR.path)
_ENVIRONMENT.filters.update(
    country=name_of,
    place=place_of,
    tongue=tongues.name_of,
    direction=direction,
    brief=spans.brief,
    exact=spans.exact,
    clock=spans.clock,
    seconds_clock=spans.clock_to_the_second,
    day_and_clock=spans.day_and_clock,
)
