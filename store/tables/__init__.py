"""The ledger's tables, by noun."""
