"""Checking: is this entry of a feed one of our letters, unchanged? From the entry alone. Pure."""

from dataclasses import dataclass

from gateway.slip import Parted, parted, sealed_slip
from gateway.words import digest_of, words_of
from tamizdat.errors import FormatError
from tamizdat.letter import Entry, LetterSlip, LetterState
from tamizdat.ports import SlipGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry that claims to be of ours: `state` is verified or altered, `detail` says why."""

    urn: str
    revision: int
    state: LetterState
    detail: str


def check(entry: Entry, gate: SlipGate) -> Checked | None:
    """What an entry proves (formats 8.7); None where it holds no slip block."""
    found = parted(entry.html)
    if found is None:
        return None
    state, detail = LetterState.VERIFIED, ""
    try:
        _prove(entry.title, found, gate)
    except FormatError as error:
        state, detail = LetterState.ALTERED, error.clause
    return Checked(urn=found.claim.urn, revision=found.claim.revision, state=state, detail=detail)


def _prove(title: str, found: Parted, gate: SlipGate) -> None:
    claim, where = found.claim, "letter"
    if digest_of(title, words_of(found.before, where)) != claim.sha256:
        raise FormatError("8.4", where, "has other words than its slip was made for")
    sealed = sealed_slip(claim, where)
    gate.admit(sealed)
    slip = LetterSlip.parse(sealed.body, where)
    if not slip.lists(claim.urn, claim.revision, claim.sha256):
        raise FormatError("8.5", where, "is not among those that its slip vouches for")
