"""Releasing: a newsroom as the running service holds it, and what one article more costs there.

A program of its own: `python -m tests.kit.bench.releasing FOLDER FIRST TIMES` answers in JSON.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from feeds.incoming import Incoming
from feeds.intake import take
from feeds.sources.folder import html
from feeds.sources.front_matter import part
from service.newsroom import Newsroom
from service.pipeline import publish
from service.stories.importing import to_record
from service.wiring import opened
from tests.kit.bench.corpus import Text, texts


async def released(folder: Path, first: int, times: int) -> list[dict[str, float]]:
    """Publish once, to be warm, and then `times` with one article more; what each of them took."""
    async with opened(folder) as room:
        costs = []
        for text in texts(times + 1, first=first):
            await _release(room, text)
            wall, cpu = time.perf_counter(), processor()
            done = await publish(room)
            costs.append({"wall": time.perf_counter() - wall, "cpu": processor() - cpu})
            assert not done.refusals, done.refusals
    return costs[1:]


async def _release(room: Newsroom, text: Text) -> None:
    incoming = Incoming(
        kind="folder",
        key=text.name,
        title=text.title,
        html=html(part(text.markdown).text),
        language=text.language,
        published=text.published,
        authors=(text.author,),
        section_name=text.section,
        summary=text.summary,
    )
    taken = take(incoming, salt=room.salt, default_language=None, now=room.clock.now())
    await room.ledgers.articles.release([await to_record(room, taken.article)])


def processor() -> float:
    """Seconds of processor so far, those of ended children included."""
    own, children = (
        resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    found = asyncio.run(released(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
    sys.stdout.write(json.dumps(found) + "\n")
