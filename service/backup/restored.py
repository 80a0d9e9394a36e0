"""A restored ledger: what it has yet to learn before anything is published from it. Pure.

It stands in one fact. First it asks: what have readers seen since the backup was made? Then it may
have to hold: texts are out in a newer revision than it knows, and must not go back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tamizdat.article import ArticleId
from tamizdat.moment import spelled

RESTORED = "restored"
_ASKING, _HOLDING = "asking", "holding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """It was backed up at `created`, when `edition` (0: none) of the rendering `build` was out.

    The last two are noted when it is first asked, before anything changes. None before that.
    """

    created: str
    edition: int | None = None
    build: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Articles that are out in a newer text than the revision that is known here."""

    texts: Mapping[ArticleId, int]


def restored_at(created: datetime) -> str:
    """The fact, as a restore leaves it."""
    return written(Asking(created=spelled(created)))


def written(state: Asking | Holding | None) -> str:
    """The fact that says so; empty where there is nothing left to learn."""
    if state is None:
        return ""
    if isinstance(state, Holding):
        texts = (f"{article}:{number}" for article, number in sorted(state.texts.items()))
        return " ".join([_HOLDING, *texts])
    known = [] if state.edition is None else [str(state.edition), state.build or "-"]
    return " ".join([_ASKING, state.created, *known])


def read(fact: str | None) -> Asking | Holding | None:
    """What the fact says."""
    word, *rest = (fact or "").split() or [""]
    if word == _HOLDING:
        pairs = (one.partition(":") for one in rest)
        return Holding(texts={ArticleId(article): int(number) for article, _, number in pairs})
    if word != _ASKING:
        return None
    created, *known = rest
    if not known:
        return Asking(created=created)
    return Asking(created=created, edition=int(known[0]), build=known[1].strip("-"))
