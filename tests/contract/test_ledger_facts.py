"""What every ledger of facts keeps to."""

from store.engine import Ledger
from store.facts import SqlFacts


async def test_a_fact_is_none_until_set_and_then_replaced(ledger: Ledger) -> None:
    facts = SqlFacts(ledger)
    assert await facts.get("salt") is None

    await facts.set("salt", "one")
    await facts.set("build", "b")
    await facts.set("salt", "two")

    assert await facts.get("salt") == "two"
    assert await facts.get("build") == "b"
