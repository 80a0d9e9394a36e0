"""Arrivals: how released stories get out, kept live and forgotten when the program ends."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tamizdat.article import Article, ArticleId
from tamizdat.board import Leg
from tamizdat.letter import LetterState
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.story import Arrival

MOST = 200
"""Stories whose way out is remembered."""

FAILED = {LetterState.ALTERED: "stands in its feed with other words", LetterState.LOST: "given up"}
"""How a letter's end is told where it is not a good one."""


@dataclass(slots=True, kw_only=True)
class _Way:
    """One story's way out, as far as it got. Of each place: the seconds since it began."""

    id: ArticleId
    revision: int
    began: datetime
    path: str | None
    gateways: tuple[str, ...]
    edition: int | None = None
    built: float | None = None
    mirrors: dict[MirrorId, float] = field(default_factory=dict)
    feeds: dict[str, float] = field(default_factory=dict)
    refused: dict[MirrorId, str] = field(default_factory=dict)
    returned: dict[str, str] = field(default_factory=dict)

    def since(self, at: datetime) -> float:
        return max(0.0, (at - self.began).total_seconds())


class Arrivals:
    """The ways out of the newest stories; `tell` is called with each that changed.

    `mirrors` gives the pool as it stands, in its order. `gateways` are those of the config, each
    with the one language that it wants (None: all). Whoever publishes reports here.
    """

    def __init__(
        self,
        *,
        mirrors: Callable[[], Sequence[Mirror]],
        gateways: Mapping[str, str | None],
        tell: Callable[[Arrival], None],
    ) -> None:
        self._mirrors = mirrors
        self._gateways = dict(gateways)
        self._tell = tell
        self._ways: dict[ArticleId, _Way] = {}

    def released(self, article: Article, at: datetime) -> None:
        """A new revision was released; what was known of an earlier one is dropped."""
        gateways = tuple(
            name
            for name, language in self._gateways.items()
            if language is None or language == article.language
        )
        self._begin(
            _Way(
                id=article.id,
                revision=article.revision,
                began=at,
                path=article.path,
                gateways=gateways,
            )
        )

    def withdrawn(self, article: ArticleId, revision: int, at: datetime) -> None:
        """The story is taken back. Letters cannot be, so no gateway is waited for."""
        self._begin(_Way(id=article, revision=revision, began=at, path=None, gateways=()))

    def built(self, edition: int, at: datetime, but: Collection[ArticleId] = ()) -> None:
        """The edition is signed. `but` are those that changed since: it holds them not as they are.

        `but` is what `Articles.changed` names after the edition was recorded.
        """
        for way in self._all():
            if way.edition is None and way.id not in but:
                way.edition, way.built = edition, way.since(at)
                self._changed(way)

    def placed(self, mirror: MirrorId, edition: int, at: datetime) -> None:
        """The edition was read back from the mirror: so is every story of it and of those before.

        Where a mirror holds the edition of a removal, what was taken back is gone from it.
        """
        for way in self._all():
            if way.edition is not None and way.edition <= edition and mirror not in way.mirrors:
                way.mirrors[mirror] = way.since(at)
                way.refused.pop(mirror, None)
                self._changed(way)

    def refused(self, mirror: MirrorId, detail: str) -> None:
        """The mirror did not take the newest edition."""
        for way in self._all():
            waits = way.edition is not None and mirror not in way.mirrors
            if waits and way.refused.get(mirror) != detail:
                way.refused[mirror] = detail
                self._changed(way)

    def mailed(
        self, gateway: str, article: ArticleId, revision: int, state: LetterState, at: datetime
    ) -> None:
        """What is known of a letter: only one that was verified in the feed has arrived."""
        way = self._ways.get(article)
        if way is None or way.revision != revision or gateway not in way.gateways:
            return
        if state is LetterState.VERIFIED and gateway not in way.feeds:
            way.feeds[gateway] = way.since(at)
            way.returned.pop(gateway, None)
            self._changed(way)
        elif state in FAILED and way.returned.get(gateway) != FAILED[state]:
            way.returned[gateway] = FAILED[state]
            self._changed(way)

    def of(self, article: ArticleId) -> Arrival | None:
        """How the story's newest release gets out."""
        way = self._ways.get(article)
        return None if way is None else self._arrival(way)

    def _all(self) -> Sequence[_Way]:
        return tuple(self._ways.values())

    def _begin(self, way: _Way) -> None:
        self._ways.pop(way.id, None)
        self._ways[way.id] = way
        while len(self._ways) > MOST:
            del self._ways[next(iter(self._ways))]
        self._changed(way)

    def _changed(self, way: _Way) -> None:
        self._tell(self._arrival(way))

    def _arrival(self, way: _Way) -> Arrival:
        mirrors = {name: way.mirrors.get(name) for name in self._wanted(way)}
        feeds = {name: way.feeds.get(name) for name in way.gateways}
        return Arrival(
            id=way.id,
            revision=way.revision,
            began=way.began,
            legs=_legs(way, mirrors, feeds),
            places=(*mirrors.items(), *feeds.items()),
            refusals=(*way.refused.items(), *way.returned.items()),
            address=self._address(way),
        )

    def _wanted(self, way: _Way) -> Sequence[MirrorId]:
        """Mirrors in use and spares; also others that took it or refused it."""
        pool = self._mirrors()
        used = {mirror.id for mirror in pool if mirror.state is not MirrorState.RETIRED}
        told = {*way.mirrors, *way.refused}
        known = [mirror.id for mirror in pool if mirror.id in used or mirror.id in told]
        return [*known, *(name for name in way.mirrors if name not in known)]

    def _address(self, way: _Way) -> str | None:
        for mirror in self._mirrors():
            offered = mirror.state is MirrorState.ACTIVE and mirror.exposure is Exposure.PUBLIC
            if way.path and offered and mirror.base and mirror.id in way.mirrors:
                return f"{mirror.base}{way.path}"
        return None


def _legs(
    way: _Way, mirrors: Mapping[MirrorId, float | None], feeds: Mapping[str, float | None]
) -> tuple[Leg, ...]:
    """A leg in feeds only where a gateway waits for the story."""
    gone = way.path is None
    first = Leg(name="taken back" if gone else "released", done=1, wanted=1, seconds=0.0)
    built = Leg(
        name="built and signed", done=int(way.built is not None), wanted=1, seconds=way.built
    )
    legs = (first, built, _leg("gone from mirrors" if gone else "on mirrors", mirrors.values()))
    return (*legs, _leg("in gateways' feeds", feeds.values())) if feeds else legs


def _leg(name: str, places: Collection[float | None]) -> Leg:
    done = [seconds for seconds in places if seconds is not None]
    whole = bool(done) and len(done) == len(places)
    return Leg(name=name, done=len(done), wanted=len(places), seconds=max(done) if whole else None)
