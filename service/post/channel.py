"""The channel: how the ledger of letters calls the messenger's, and what may stand in it."""

from tamizdat.letter import GatewayId, LetterState, Posting

CHANNEL = GatewayId("messenger:telegram")
"""No gateway of the config can be called so."""

UNSURE = "unsure"


def may_stand(one: Posting) -> bool:
    """Whether it may stand there under a number that nobody knows."""
    return one.unsure or (one.state is LetterState.LOST and one.detail.startswith(UNSURE))
