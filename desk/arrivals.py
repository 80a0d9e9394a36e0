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
    """A big number and what it counts: places until all are done, then the seconds that took."""
    times = [seconds for _, seconds in arrival.places if seconds is not None]
    if times and len(times) == len(arrival.places):
        return brief(max(times)), "in its one place" if len(
            times
        ) == 1 else f"all {len(times)} places"
    if arrival.places:
        return f"{len(times)} of {len(arrival.places)}", "places so far"
    done = sum(leg.seconds is not None for leg in arrival.legs)
    return f"{done} of {len(arrival.legs)}", "steps so far"


def _words(arrival: Arrival) -> str:
    """`Released`, `Revision 2 released`, or whatever the first leg is called."""
    first = arrival.legs[0].name if arrival.legs else "under way"
    return first.capitalize() if arrival.revision == 1 else f"Revision {arrival.revision} {first}"
