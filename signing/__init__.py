"""Proves that an edition is ours and lets a stranger check it."""
