"""Finds out who can still read us, from where, and at which step it fails."""
