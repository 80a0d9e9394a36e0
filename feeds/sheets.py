"""Sheets: the articles of an edition, rendered; many of them by two processes.

Both take pieces: the other one from the front, ours, which reads and keeps as well, from the back.
"""

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future

from feeds.hand import Hand, hand
from feeds.paper import Paper
from feeds.sheet import Sheet, sheet
from tamizdat.digest import Digest
from tamizdat.ports import Blobs

MANY = 2_000
"""From so many on, starting a second process costs less than it brings."""

PIECE, OWN = 128, 16
"""Articles that the other process is given at once; and that ours renders between two looks."""

AHEAD = 2
"""Pieces that the other process may have at once: it never waits for ours."""

Numbered = Generator[tuple[int, Sheet], None, None]
_Asked = deque[tuple[range, "Future[Sequence[Sheet] | None]"]]


def sheets(paper: Paper, blobs: Blobs, texts: Sequence[Digest]) -> Numbered:
    """Each text's number and sheet, in any order; to be closed where it is not read to its end."""
    if len(texts) < MANY or _is_alone():
        yield from _own(paper, blobs, texts, range(len(texts)))
        return
    with hand(paper) as other:
        yield from _both(paper, blobs, texts, other)


def _is_alone() -> bool:
    """Whether there is one processor for us, as far as this system tells."""
    return not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == 1


def _both(paper: Paper, blobs: Blobs, texts: Sequence[Digest], other: Hand) -> Numbered:
    todo = deque(range(len(texts))[at : at + PIECE] for at in range(0, len(texts), PIECE))
    asked: _Asked = deque()
    while todo or asked:
        while todo and other.works and len(asked) < AHEAD:
            piece = todo.popleft()
            asked.append((piece, other.ask([blobs.read(texts[at]) for at in piece])))
        if asked and (asked[0][1].done() or not todo):
            piece, future = asked.popleft()
            made = future.result()
            if made is None:
                todo.append(piece)
            else:
                yield from zip(piece, made, strict=True)
        else:
            piece = todo.pop()
            yield from _own(paper, blobs, texts, piece[:OWN])
            if piece[OWN:]:
                todo.append(piece[OWN:])


def _own(
    paper: Paper, blobs: Blobs, texts: Sequence[Digest], piece: range
) -> Iterator[tuple[int, Sheet]]:
    return ((at, sheet(paper, blobs.read(texts[at]))) for at in piece)
