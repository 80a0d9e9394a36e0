"""Sealing: a signed ZIP of all articles of a corpus, as the service makes those of its run.

A program of its own: `python -m tests.kit.bench.sealing NEWSROOM COUNT TO`.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from feeds.page import article_page
from service.bundling import Run, forms, signed
from service.wiring import opened
from tests.kit.bench.corpus import texts
from tests.kit.bench.tree import PAPER, article


async def sealed(folder: Path, count: int) -> bytes:
    """The ZIP, signed by the newsroom in `folder`."""
    made = [article(text) for text in texts(count)]
    pages = [(one, article_page(PAPER, one)) for one in made]
    run = Run(paper=PAPER, language="en", articles=pages, check=b"<p>check", pictures={})
    zipped = next(form for form in forms(run) if form.kind == "zip")
    async with opened(folder) as room:
        return await signed(room.keys, zipped, "en", 1, datetime.now(UTC).replace(microsecond=0))


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(asyncio.run(sealed(Path(sys.argv[1]), int(sys.argv[2]))))
