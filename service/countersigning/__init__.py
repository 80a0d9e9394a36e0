"""Countersigning: an edition that waits until several people have signed it."""
