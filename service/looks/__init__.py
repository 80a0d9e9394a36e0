"""Looks: mirrors measured from everywhere, with our own editions as the proof."""
