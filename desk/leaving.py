"""Leaving: what went with a person who was removed, and what an operator must still do. Pure."""

from tamizdat.people import Removed

STILL = (
    "If they hold a key that signs editions: `tamizdat key revoke release FINGERPRINT`.",
    "If they hold a share of root, or a root key: plan a new root (docs/ceremony.md).",
    "If they could log in to this machine, or know a passphrase or a password: change it.",
    "If their address stands in the file that `alarm.to` names: take it out.",
    "If their name stands under articles: `tamizdat author remove NAME`.",
)
"""What no button can do."""


def went(number: int, gone: Removed) -> str:
    """What happened, in a sentence."""
    parts = [
        _counted(gone.sessions, "session ended", "sessions ended"),
        _counted(gone.approvals, "approval is void", "approvals are void"),
        _counted(gone.clocks, "clock asks again", "clocks ask again"),
        _counted(gone.invitations, "link lapsed", "links lapsed"),
    ]
    told = ", ".join(part for part in parts if part) or "they were signed in nowhere"
    return f"Person {number} is removed: {told}."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""
