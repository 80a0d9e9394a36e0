"""Mutants that may live: what they change cannot be seen, and why the code says it nevertheless."""

from collections.abc import Mapping

SPARED: Mapping[str, str] = {}
