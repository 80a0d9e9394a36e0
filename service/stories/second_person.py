"""The second person: when a withdrawal waits for one (formats 5.4)."""

from dataclasses import dataclass

ALONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether the withdrawal may be carried out now; if not, the reason in one sentence."""

    allowed: bool
    reason: str = ""


def decide(
    *, made_within_the_hour: int, waiting_for: str | None, person: str, frozen: bool = False
) -> Decision:
    """The rule of formats 5.4. `waiting_for` is who asked before, if a request waits.

    `frozen` is somebody who was forced to sign in: what they ask always waits.
    """
    if frozen:
        return Decision(allowed=False, reason="withdrawals wait for a second person")
    if waiting_for is not None and waiting_for != person:
        return Decision(allowed=True)
    if made_within_the_hour < ALONE:
        return Decision(allowed=True)
    return Decision(
        allowed=False,
        reason=f"{ALONE} were withdrawn by one person within the hour: "
        "this one waits for a second person",
    )
