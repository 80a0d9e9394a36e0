"""Alarms: who is told of a key theft, by which way, and what."""
