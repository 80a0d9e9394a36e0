"""Anew: the fact that asks for an edition rendered from nothing, whatever changed."""

FROM_NOTHING = "render from nothing"
"""Set to 1 in the ledger; an edition that was rendered so unsets it."""
