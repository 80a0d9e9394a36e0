"""Remembers: a ledger of facts, and files by hash."""
