"""A court: which channel told on its mirrors, as odds and never as a verdict. Pure.

Mirrors also fall by chance: with their provider, or to a scan. How fast, canaries tell (mirrors
that were never handed out) and the other channels. A channel whose mirrors fall faster is leaking;
how sure that is, Bayes' rule tells, with rates that are Gamma distributed and losses that are
Poisson distributed. At most one channel is taken to leak at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

NAMED = 2.0
"""Odds from which the board names the likeliest channel. Dividing its groups costs little."""

PATTERN = 2
"""Losses without which no channel is named: one may be anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Mirrors of one channel (or canaries): how many were lost in how many mirror-days."""

    lost: int
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before anything is seen. Rates are losses in a mirror-day.

    A rate is Gamma distributed: `shape` losses were as if seen in `days` mirror-days.
    """

    shape: float
    days: float


BY_CHANCE = Prior(shape=0.5, days=100.0)
"""Half a percent of mirrors are lost in a day by chance, give or take much."""

TOLD_ON = Prior(shape=2.0, days=12.0)
"""A sixth of a leaking channel's mirrors are lost in a day, or half of that, or twice."""

TINY = 1e-300
"""Odds are not infinite."""

LEAKS = 0.7
"""How likely some channel leaks, before anything is seen: nobody asks a court in a quiet time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A channel, and the odds that it leaks: 20.0 is twenty to one."""

    channel: str
    watched: Watched
    odds: float

    @property
    def is_named(self) -> bool:
        """Whether the board names it."""
        return self.odds >= NAMED and self.watched.lost >= PATTERN


def heard(channels: Mapping[str, Watched], canaries: Watched) -> Sequence[Suspect]:
    """The channels with their odds, the likeliest first."""
    share = log(LEAKS / max(1, len(channels)))
    fits = {name: share + _leaks(name, channels, canaries) for name in channels}
    top = max(fits.values(), default=0.0)
    weights = {name: exp(fit - top) for name, fit in fits.items()}
    total = sum(weights.values()) + exp(log(1 - LEAKS) - top)
    suspects = (
        Suspect(channel=name, watched=channels[name], odds=weight / max(total - weight, TINY))
        for name, weight in weights.items()
    )
    return sorted(suspects, key=lambda one: (-one.odds, one.channel))


def _leaks(name: str, channels: Mapping[str, Watched], canaries: Watched) -> float:
    """Logarithm of how much better the losses fit a leak than chance."""
    others = sorted((one for key, one in channels.items() if key != name), key=_rate)[:-1]
    quiet = (canaries, *others)  # the worst of the others may be the one that leaks
    chance = Prior(
        shape=BY_CHANCE.shape + sum(one.lost for one in quiet),
        days=BY_CHANCE.days + sum(one.days for one in quiet),
    )
    rate = TOLD_ON.shape / TOLD_ON.days + chance.shape / chance.days
    leak = Prior(shape=TOLD_ON.shape, days=TOLD_ON.shape / rate)
    return _fits(channels[name], leak) - _fits(channels[name], chance)


def _rate(seen: Watched) -> float:
    return seen.lost / max(seen.days, 1.0)


def _fits(seen: Watched, prior: Prior) -> float:
    """Logarithm of how likely so many losses are: a negative binomial, but for their number."""
    total = prior.days + seen.days
    ways = lgamma(seen.lost + prior.shape) - lgamma(prior.shape)
    kept = prior.shape * log(prior.days / total)
    return ways + kept + (seen.lost * log(seen.days / total) if seen.lost and seen.days else 0.0)
