"""Many articles rendered by two processes: the same sheets, whatever happens to the other one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from feeds import hand as hands
from feeds import sheets as many
from feeds.hand import hand
from feeds.parcel import of_paper, of_sheets, of_texts, paper_in, sheets_in, texts_in
from feeds.sheet import sheet
from feeds.sheets import sheets
from store.blobs import MemoryBlobs
from tamizdat.article import encode
from tamizdat.digest import Digest
from tests.unit.feeds.press import LANGUAGES, article, illustrated, paper

COUNT = 300
HOUSE = Path(__file__).parents[3]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def texts(blobs: MemoryBlobs) -> list[Digest]:
    """Texts in all languages, some with pictures, one without a section."""
    made = [illustrated("en", 1), article("en", 2, section=None, correction="A name was wrong.")]
    made += [article(LANGUAGES[at % len(LANGUAGES)], at) for at in range(COUNT - len(made))]
    return [blobs.write(encode(one)) for one in made]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are many here, and there is more than one processor."""
    monkeypatch.setattr(many, "MANY", 10)
    monkeypatch.setattr(many, "PIECE", 20)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The other processes that are started from now on."""
    found: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*words: object, **more: object) -> "subprocess.Popen[bytes]":
        found.append(real(*words, **more))  # type: ignore[call-overload]
        return found[-1]

    monkeypatch.setattr(hands, "Popen", start)
    return found


def alone(blobs: MemoryBlobs, texts: Sequence[Digest]) -> dict[int, object]:
    return {at: sheet(paper(), blobs.read(text)) for at, text in enumerate(texts)}


@pytest.mark.usefixtures("two")
def test_two_processes_make_what_one_makes(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = started(monkeypatch)

    made = list(sheets(paper(), blobs, texts))

    assert len(made) == COUNT
    assert dict(made) == alone(blobs, texts)
    assert [one.returncode for one in processes] == [0]


def test_the_other_process_makes_leaves_itself(blobs: MemoryBlobs, texts: list[Digest]) -> None:
    bodies = [blobs.read(text) for text in texts]

    with hand(paper()) as other:
        pieces = [other.ask(bodies[:200]), other.ask(bodies[200:])]
        made = [one for piece in pieces for one in piece.result() or ()]

    assert made == [sheet(paper(), body) for body in bodies]


@pytest.mark.parametrize(("count", "processors"), [(9, {0, 1}), (COUNT, {0})])
def test_few_articles_or_one_processor_start_nothing(
    blobs: MemoryBlobs,
    texts: list[Digest],
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    processors: set[int],
) -> None:
    monkeypatch.setattr(many, "MANY", 10)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: processors)
    processes = started(monkeypatch)

    assert dict(sheets(paper(), blobs, texts[:count])) == alone(blobs, texts[:count])
    assert processes == []


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("after", [0, 1, 150])
def test_one_that_is_killed_leaves_the_rest_to_ours(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    processes = started(monkeypatch)
    made = {}

    with closing(sheets(paper(), blobs, texts)) as rendered:
        for number, (at, one) in enumerate(rendered):
            if number == after:
                processes[0].kill()
            made[at] = one

    assert made == alone(blobs, texts)
    assert processes[0].returncode == -signal.SIGKILL


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_one_that_never_answers_is_given_up(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(hands, "PATIENCE", 1)
    monkeypatch.setattr(hands, "_PROGRAM", program)
    processes = started(monkeypatch)

    assert dict(sheets(paper(), blobs, texts)) == alone(blobs, texts)
    assert processes[0].returncode is not None


@pytest.mark.usefixtures("two")
def test_where_none_can_be_started_ours_renders_all(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert dict(sheets(paper(), blobs, texts)) == alone(blobs, texts)


@pytest.mark.usefixtures("two")
def test_whoever_stops_reading_ends_it(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = started(monkeypatch)

    with closing(sheets(paper(), blobs, texts)) as rendered:
        next(rendered)
        assert processes[0].poll() is None

    assert processes[0].returncode is not None


def test_it_ends_when_ours_is_killed() -> None:
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from feeds import hand as hands\nfrom tests.unit.feeds.press import paper\n"
        "real = hands.Popen\n"
        "def start(*words, **more):\n"
        "    process = real(*words, **more); print(process.pid, flush=True); return process\n"
        "hands.Popen = start\n"
        "with hands.hand(paper()):\n    sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", program, str(HOUSE)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ours:
        assert ours.stdout
        other = Path("/proc", ours.stdout.readline().decode().strip())
        assert other.exists()
        ours.kill()
        end = time.monotonic() + 60
        while other.exists() and time.monotonic() < end:
            time.sleep(0.05)

    assert not other.exists()


def test_it_is_given_no_word_of_our_surroundings(
    monkeypatch: pytest.MonkeyPatch, blobs: MemoryBlobs, texts: list[Digest]
) -> None:
    monkeypatch.setenv("SECRET", "a key to a bucket")
    processes = started(monkeypatch)

    with hand(paper()) as other:
        assert other.ask([blobs.read(texts[0])]).result()
        place = Path("/proc", str(processes[0].pid))
        surroundings = (place / "environ").read_bytes()
        named = [str(one.readlink()) for one in (place / "fd").iterdir()]

    assert b"SECRET" not in surroundings
    assert [one for one in named if not one.startswith(("/dev/null", "socket:"))] == []


def test_what_is_packed_comes_out_again(blobs: MemoryBlobs, texts: list[Digest]) -> None:
    bodies = [blobs.read(text) for text in texts]
    made = [sheet(paper(), body) for body in bodies]

    assert paper_in(of_paper(paper())) == paper()
    assert texts_in(of_texts(bodies)) == bodies
    assert sheets_in(of_sheets(made)) == made
    assert texts_in(of_texts([])) == []


@pytest.mark.usefixtures("two")
def test_one_that_renders_otherwise_is_asked_for_nothing(
    blobs: MemoryBlobs, texts: list[Digest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after another version was installed over one that runs."""
    monkeypatch.setattr(hands, "rendering_id", lambda _: "0" * 64)
    processes = started(monkeypatch)

    with hand(paper()) as other:
        assert other.ask([blobs.read(texts[0])]).result() is None
    assert dict(sheets(paper(), blobs, texts)) == alone(blobs, texts)
    assert len(processes) == 2
