"""What a restored newsroom learned from its mirrors, as a verb says it."""

from service.backup.catching_up import CaughtUp
from service.console import err

SHOWN = 20
"""Paths that a person is shown at once; --json names all."""


def learned_json(told: CaughtUp) -> dict[str, object]:
    """The same for programs. `older` is null where it cannot be told."""
    older = None if told.lost.older is None else sorted(told.lost.older.values())
    return {
        "adopted": list(told.adopted),
        "withdrawn": list(told.withdrawn),
        "unknown": list(told.lost.unknown),
        "older": older,
        "kept": str(told.kept) if told.kept else None,
        "silent": [{"mirror": one.mirror, "detail": one.detail} for one in told.silent],
    }


def learned(told: CaughtUp) -> None:
    """Say it to a person, on the error stream: a publish goes on after it."""
    lines = []
    if told.adopted:
        first, last = told.adopted[0], told.adopted[-1]
        lines.append(
            f"Readers have seen editions {first} to {last} since this backup: they were adopted, "
            "and the next one is above them."
        )
    if told.withdrawn:
        lines.append(f"Withdrawn since this backup, and withdrawn here now: {len(told.withdrawn)}.")
    lines += _paths(
        "articles were published since this backup and are not in it. The next edition is without "
        "them: bring these texts in again",
        told.lost.unknown,
    )
    lines += _paths(
        "articles were corrected since this backup: correct them again",
        sorted((told.lost.older or {}).values()),
    )
    if told.lost.older is None and told.adopted:
        lines.append(
            "All pages were rendered anew since this backup, so that corrections made since cannot "
            "be told from them: compare what you corrected lately."
        )
    if told.kept:
        lines.append(f"Pages as readers have them lie in {told.kept}: delete them when done.")
    for one in told.silent:
        lines.append(f"{one.mirror} did not tell ({one.detail}): what it has was not considered.")
    for line in lines:
        err.print(line, markup=False)


def _paths(what: str, paths: tuple[str, ...] | list[str]) -> list[str]:
    if not paths:
        return []
    more = [f"  and {len(paths) - SHOWN} more (--json names all)"] if len(paths) > SHOWN else []
    return [f"{len(paths)} {what}:", *(f"  {path}" for path in paths[:SHOWN]), *more]
