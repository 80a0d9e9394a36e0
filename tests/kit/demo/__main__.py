"""The demo: the whole mission on this machine. `python -m tests.kit.demo [--once]`.

Nothing of it leaves the machine. With `--once` it goes through and ends; without, it waits before
the last scenes, so that the desk and the board can be looked at.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from service.console import DONE, out
from tests.kit.demo.grounds import ground
from tests.kit.demo.play import Play
from tests.kit.demo.show import Show
from tests.kit.stage.paper import founded, with_gateway
from tests.kit.stage.running import Running


async def main(*, once: bool) -> int:
    """Play it; gives the exit code."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tamizdat-demo-")))
        out.print("Laying out a small internet on this machine ...")
        here = await stack.enter_async_context(ground(folder))
        paper = await asyncio.to_thread(lambda: with_gateway(founded(folder, here.site)))
        running = await Running.start(here.runs, paper)
        play = Play(ground=here, paper=paper, folder=folder, stack=stack, running=running)
        show = Show()
        if not once:
            out.print(f"The desk and the board: open {await play.invite()}", markup=False)
        await play.run(show)
        if once:
            await play.end(show)
            return show.report(paper.root, as_line=True)
        show.report(paper.root, as_line=False)
        _invite(play)
        await asyncio.Event().wait()
    return DONE


def _invite(play: Play) -> None:
    """Say where to look, and what to try."""
    out.print(f"The board: {play.running.desk}/board (sign in by the link above)", markup=False)
    out.print(f"The newsroom lies in {play.paper.folder} until you stop this.", markup=False)
    front = play.paper.file("birch", "index.html")
    out.print(f"A reader's page: file://{front}", markup=False)
    out.print("Write, correct, withdraw; rotate a mirror. Stop with Ctrl-C.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="go through all of it, and end")
    try:
        sys.exit(asyncio.run(main(once=parser.parse_args().once)))
    except KeyboardInterrupt:
        sys.exit(DONE)
