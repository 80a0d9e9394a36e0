"""The channel: how the ledger of letters calls the messenger's, and what may stand in it."""

from collections.abc import Sequence

from tamizdat.article import ArticleId
from tamizdat.ledgers import Facts
from tamizdat.letter import GatewayId, LetterState, Posting
from tamizdat.letters import Letters

CHANNEL = GatewayId("messenger:telegram")
"""No gateway of the config can be called so."""

UNSURE = "unsure"
BEGUN = "messenger begun"
CORRECTED = "messenger corrected"
"""Articles that were corrected, of which something earlier may stand there."""


def may_stand(one: Posting) -> bool:
    """Whether it may stand there under a number that nobody knows."""
    return one.unsure or (one.state is LetterState.LOST and one.detail.startswith(UNSURE))


async def owe_earlier(facts: Facts, letters: Letters, articles: Sequence[ArticleId]) -> None:
    """New revisions of these are about to be released: what stands of earlier ones is to go."""
    if not articles or await facts.get(BEGUN) is None:
        return
    known = {one.article for one in await letters.of(CHANNEL, articles)}
    noted = (await facts.get(CORRECTED) or "").split()
    fresh = known.difference(noted)
    if fresh:
        await facts.set(CORRECTED, " ".join([*noted, *sorted(fresh)]))
