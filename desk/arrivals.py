"""An arrival as it is shown: how far a release, correction or withdrawal got, place by place."""

from markupsafe import Markup

from desk.spans import brief
from desk.template import fill
from tamizdat.story import Arrival


def arrival_part(arrival: Arrival | None) -> Markup:
    """The panel as a fragment, empty where nothing is known."""
    if arrival is None:
        return Markup()
    big, beside = headline(arrival)
    text = fill(
        "arrival.html",
        arrival=arrival,
        big=big,
        beside=beside,
        words=_words(arrival),
        refused={name for name, _ in arrival.refusals},
    )
    return Markup(text)  # noqa: S704 - our own template


def headline(arrival: Arrival) -> tuple[str, str]:
    """A big number and what it counts: places until all have it, then the seconds that took."""
    times = [seconds for _, seconds in arrival.places if seconds is not None]
    if times and len(times) == len(arrival.places):
        return brief(max(times)), f"until it was everywhere, {len(times)} places"
    if arrival.places:
        return f"{len(times)} of {len(arrival.places)}", "places have it"
    done = sum(leg.seconds is not None for leg in arrival.legs)
    return f"{done} of {len(arrival.legs)}", "steps done"


def _words(arrival: Arrival) -> str:
    return (
        "How it gets out" if arrival.revision == 1 else f"How revision {arrival.revision} gets out"
    )
