"""A typist: saves word after word, asks and is approved at every fifth, until killed with -9.

Run as a program with a newsroom's folder, a story's id and the number of the word before the first.
"""

import asyncio
import random
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from tamizdat.article import ArticleId, decode
from tamizdat.moves import Ask
from tamizdat.state import StoryState
from tests.kit.eyes import MIRA, Eyes, again, eyes
from tests.kit.newsdesk import end_agents, written

EACH = 5
PATIENCE = 180.0
_WORD = re.compile(r"word (\d+)")


@dataclass(slots=True)
class Kills:
    """What was seen after so many kills. `lost` are words that were acknowledged and gone."""

    kills: int = 0
    words: int = 0
    lost: int = 0
    unapproved: int = 0
    released: int = 0

    def told(self) -> str:
        """The figures, for a person."""
        return (
            f"{self.kills} kills over {self.words} saves: {self.lost} acknowledged words lost, "
            f"{self.unapproved} texts out without approval, {self.released} releases acknowledged"
        )


async def type_on(house: Eyes, article: ArticleId, number: int) -> None:
    """Type until killed; each line tells what was acknowledged."""
    while True:
        number += 1
        await house.desk.save(article, written(f"<p>word {number}</p>", "Typed"), MIRA)
        _tell("saved", number)
        if number % EACH == 0:
            await house.desk.move(article, Ask(person=MIRA))
            await house.approve(article)
            _tell("out", number)


async def killed(folder: Path, kills: int, seed: int) -> Kills:
    """Type in a new newsroom at `folder`, and be killed so many times at seeded moments."""
    turn, seen = random.Random(seed), Kills()  # noqa: S311 - seeded on purpose
    async with eyes(folder) as house:
        article = await house.written(written("<p>word 0</p>", "Typed"))
    last = 0
    for _ in range(kills):
        told = await _type_and_kill(folder, article, last, turn)
        end_agents(folder)
        last = await _look(folder, article, last, told, seen)
        seen.kills += 1
    return seen


async def _type_and_kill(
    folder: Path, article: ArticleId, last: int, turn: random.Random
) -> dict[str, int]:
    """What was acknowledged last before the kill: the word that was saved, and that went out."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.typist", str(folder), article, str(last)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout
    told: dict[str, int] = {}
    lines = turn.randrange(2, 14)
    async with asyncio.timeout(PATIENCE):
        for _ in range(lines):
            _note(told, await child.stdout.readline())
        await asyncio.sleep(turn.random() * 0.2)
        child.send_signal(signal.SIGKILL)
        async for line in child.stdout:
            _note(told, line)
        assert await child.wait() == -signal.SIGKILL
    return told


async def _look(
    folder: Path, article: ArticleId, before: int, told: dict[str, int], seen: Kills
) -> int:
    """The word that stands there now; what should not be is counted."""
    saved = told.get("saved", before)
    async with again(folder) as house:
        story = await house.desk.story(article)
        assert story
        record = (await house.room.ledgers.articles.find([article])).get(article)
        text = decode(house.room.blobs.read(record.text)) if record and record.text else None
    number, out = _number(story.html), _number(text.html) if text else 0
    seen.words += saved - before
    seen.lost += max(0, saved - number) + int(out < told.get("out", 0))
    seen.unapproved += int(out % EACH != 0)
    seen.released += told.get("out", before) // EACH - before // EACH
    assert number <= saved + 1
    assert story.card.state in {
        StoryState.WRITING,
        StoryState.CORRECTING,
        StoryState.WAITING,
        StoryState.OUT,
    }
    return number


def _number(html: str) -> int:
    found = _WORD.search(html)
    assert found
    return int(found[1])


def _note(told: dict[str, int], line: bytes) -> None:
    what, _, number = line.decode().strip().partition(" ")
    if number:
        told[what] = int(number)


def _tell(what: str, number: int) -> None:
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


async def _main() -> None:
    folder, article, number = sys.argv[1:]
    async with again(Path(folder)) as house:
        await type_on(house, ArticleId(article), int(number))


if __name__ == "__main__":
    asyncio.run(_main())
