"""Leftovers: what editions that left a mirror's pointer two passes ago still have lying there."""

from collections.abc import Sequence

from mirror.changes import Gone, Load, gone
from mirror.target import LyingEdition
from tamizdat.wire import Manifest


def leftovers(
    target: Manifest,
    leaving: Sequence[LyingEdition],
    staying: Sequence[LyingEdition],
    load: Load,
) -> Gone:
    """What `leaving` named and neither `target` nor any of `staying` does (formats 4.2).

    `staying` left the pointer in this very pass: a reader may be on the way through them.
    """
    lost = gone(target, leaving, load)
    spared = gone(target, staying, load)
    return Gone(
        pages=_without(lost.pages, spared.pages),
        shards=_without(lost.shards, spared.shards),
        bundles=_without(lost.bundles, spared.bundles),
        manifests=lost.manifests,
    )


def _without(paths: tuple[str, ...], spared: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(paths) - set(spared)))
