"""Backup: a newsroom into a file and back, and what must be learned before it goes on."""
