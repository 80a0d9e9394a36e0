"""A verdict: what measurements mean, by one table: finding -> verdict -> state on the board."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tamizdat.measurement import Failure
from tamizdat.placement import MirrorId


class Finding(StrEnum):
    """What one measurement, beside its control, shows."""

    VANTAGE_DOWN = "vantage_down"
    SERVER_DOWN = "server_down"
    NO_CONTROL = "no_control"
    OK = "ok"
    THROTTLED = "throttled"
    FROZEN = "frozen"
    DNS = "dns"
    TCP_IP = "tcp_ip"
    TLS_SNI = "tls_sni"
    TLS_OTHER = "tls_other"
    TLS_MITM = "tls_mitm"
    BLOCKPAGE = "blockpage"
    HTTP_DIFF = "http_diff"
    HTTP_HOST = "http_host"
    HTTP_FAILURE = "http_failure"
    SERVER_SIDE = "server_side"
    ALTERED = "altered"
    IMPAIRED = "impaired"
    IMPERSONATED = "impersonated"


class Word(StrEnum):
    """The verdict on one measurement, in a word."""

    REACHABLE = "reachable"
    SLOW = "slow"
    BLOCKED = "blocked"
    ALTERED = "altered"
    DOWN = "down"
    NOTHING = "nothing"
    IMPERSONATED = "impersonated"  # somebody else answers under a name that was ours


class Board(StrEnum):
    """What the board shows of a mirror in a country."""

    REACHABLE = "reachable"
    SLOW = "slow"
    SUSPECTED = "suspected"
    BLOCKED = "blocked"
    ALTERED = "altered"
    NO_DATA = "no data"
    DOWN = "down"


class Vote(StrEnum):
    """What a measurement says in the count of networks."""

    BLOCKED = "blocked"
    OPEN = "open"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a finding comes to. `artefact`: somebody's hand is seen, not only silence."""

    word: Word
    vote: Vote
    board: Board
    confirmed: Board
    artefact: bool = False


def _blocked(*, artefact: bool = False) -> Meaning:
    return Meaning(
        word=Word.BLOCKED,
        vote=Vote.BLOCKED,
        board=Board.SUSPECTED,
        confirmed=Board.BLOCKED,
        artefact=artefact,
    )


def _plain(word: Word, vote: Vote, board: Board, *, artefact: bool = False) -> Meaning:
    return Meaning(word=word, vote=vote, board=board, confirmed=board, artefact=artefact)


MEANINGS: Mapping[Finding, Meaning] = {
    Finding.VANTAGE_DOWN: _plain(Word.NOTHING, Vote.NONE, Board.NO_DATA),
    Finding.SERVER_DOWN: _plain(Word.DOWN, Vote.NONE, Board.DOWN),
    Finding.NO_CONTROL: _plain(Word.NOTHING, Vote.NONE, Board.NO_DATA),
    Finding.OK: _plain(Word.REACHABLE, Vote.OPEN, Board.REACHABLE),
    Finding.THROTTLED: _plain(Word.SLOW, Vote.BLOCKED, Board.SLOW),
    Finding.FROZEN: _blocked(),
    Finding.DNS: _blocked(artefact=True),
    Finding.TCP_IP: _blocked(),
    Finding.TLS_SNI: _blocked(artefact=True),
    Finding.TLS_OTHER: _blocked(),
    Finding.TLS_MITM: _plain(Word.ALTERED, Vote.BLOCKED, Board.ALTERED, artefact=True),
    Finding.BLOCKPAGE: _blocked(artefact=True),
    Finding.HTTP_DIFF: _plain(Word.ALTERED, Vote.BLOCKED, Board.ALTERED, artefact=True),
    Finding.HTTP_HOST: _blocked(artefact=True),
    Finding.HTTP_FAILURE: _blocked(),
    Finding.SERVER_SIDE: _plain(Word.DOWN, Vote.NONE, Board.DOWN),
    Finding.ALTERED: _plain(Word.ALTERED, Vote.NONE, Board.ALTERED),
    Finding.IMPAIRED: _plain(Word.NOTHING, Vote.NONE, Board.NO_DATA),
    Finding.IMPERSONATED: _plain(Word.IMPERSONATED, Vote.NONE, Board.ALTERED, artefact=True),
}
"""The one table (notes A6). The vote counts only where a control saw the mirror well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The verdict on one measurement: the first rule that holds, and what it rests on."""

    finding: Finding
    rule: str
    rules_version: int
    failure: Failure | None
    flags: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def meaning(self) -> Meaning:
        """What the finding comes to."""
        return MEANINGS[self.finding]

    @property
    def word(self) -> Word:
        """The verdict in a word."""
        return self.meaning.word


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a mirror stands in a country, since when, and why.

    `finding` and `sighting` are those of the look that it rests on, IMPAIRED and 0 where none is.
    `national`: proven by the count of networks, for the whole country.
    """

    mirror: MirrorId
    country: str
    state: Board
    since: datetime
    evidence: tuple[str, ...]
    rule: str
    rules_version: int
    finding: Finding = Finding.IMPAIRED
    sighting: int = 0
    national: bool = False

    def __post_init__(self) -> None:
        if self.since.tzinfo is not UTC:
            raise ValueError("times are UTC")
