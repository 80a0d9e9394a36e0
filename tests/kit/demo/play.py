"""The play: an editor, a censor, a spare, a reader, and a text that is taken back.

Everything is the real program, spoken to as people do: by forms, by files, by its own verbs.
"""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.demo.grounds import Ground
from tests.kit.demo.show import Scene, Show
from tests.kit.editor import Editor, joined
from tests.kit.stage.paper import BUCKET, LAND, Paper
from tests.kit.stage.reader import Reader
from tests.kit.stage.running import Running
from tests.kit.stage.stage import Stage

TITLE, RIGHT = "Ferry tickets double in a night", "Ferry tickets treble in a night"
TEXT = "The price on the harbour wall was painted over between two sailings.\n\nNobody said why."
ROTATED = "took over"
WORDS = "four words for a file"
KEY_WORDS = "four others for the keys"


@dataclass(kw_only=True)
class Play:
    """The play while it goes on."""

    ground: Ground
    paper: Paper
    folder: Path
    stack: AsyncExitStack
    running: Running
    story: str = ""
    reader: Reader | None = None
    gone: set[str] = field(default_factory=set)
    _editor: Editor | None = field(default=None)

    async def run(self, show: Show) -> None:
        """Scene by scene, up to where people may look around."""
        await show.play("the first edition lies on every mirror", self._first)
        await show.play("an editor releases a text at the desk", self._release)
        scenes: Sequence[tuple[str, Scene]]
        stage = self.ground.stage
        if stage is not None:
            behind = _Behind(play=self, stage=stage)
            scenes = behind.scenes()
        else:
            show.left_out.append(
                "a censor and a reader behind it: network namespaces cannot be made here"
            )
            scenes = (("a provider fails, and an operator lets a spare take over", self._rotate),)
        for name, scene in scenes:
            await show.play(name, scene)

    async def end(self, show: Show) -> None:
        """Take the text back, keep all in a file, stop, and go on from the file."""
        await show.play("the text is taken back, everywhere", self._withdraw)
        await show.play("the whole newsroom goes into one file", self._backup)
        await show.play("told to stop, it stops", self._stop)
        await show.play("another machine goes on from the file", self._restore)
        await show.play("strangers verify every mirror", self._verify)

    @property
    def editor(self) -> Editor:
        """Who signed in."""
        assert self._editor is not None
        return self._editor

    async def invite(self) -> str:
        """A one-time link for whoever watches."""
        done = await self.ground.runs.tamizdat(
            "-C", self.paper.folder, "desk", "invite", "--role", "editor+operator", "--json"
        )
        return f"{self.running.desk}/join/{str(done.told['join']).rpartition('/')[2]}"

    async def _first(self) -> tuple[bool, str]:
        wanted = len(self.paper.site.bases)
        await self.running.until(lambda told: told.get("tamizdat_delivered{On mirrors}") == wanted)
        held, seen = await self._verify()
        return held, f"edition 1; {seen}"

    async def _verify(self) -> tuple[bool, str]:
        """Each mirror, by its address, as a stranger with the root id."""
        good, wrong = 0, []
        bases = {n: b for n, b in self.paper.site.bases.items() if n not in self.gone}
        for name, base in bases.items():
            words = ("verify", base, "--root", self.paper.root, "--require-fresh", "--json")
            done = await self.ground.runs.tamizdat(*words)
            good += done.code == 0
            if done.code:
                wrong.append(f"{name}: {done.err.strip()[:200] or done.told['reason']}")
        told = f"{good} of {len(bases)} mirrors are authentic and fresh"
        return good == len(bases), "; ".join([told, *wrong])

    async def _release(self) -> tuple[bool, str]:
        assert self.running.join is not None
        editor = joined(self.running.desk, self.running.join)
        self._editor = await self.stack.enter_async_context(editor)
        self.story = await self.editor.write(TITLE, TEXT)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.editor.release(self.story, TITLE, TEXT)
        arrived = await self.arrived()
        return (
            True,
            f"at {len(arrived)} places after {loop.time() - began:.1f} s: {', '.join(arrived)}",
        )

    async def arrived(self) -> list[str]:
        """Wait until the story stands everywhere; gives the places."""
        return await self.editor.until_arrived(self.story, self.gone)

    async def _rotate(self) -> tuple[bool, str]:
        """Without a country: the provider is gone, and a person acts."""
        await self.ground.runs.stop("s3", "KILL")
        self.gone.add(BUCKET)
        await self.running.cell(BUCKET, "control", "down")
        page = await self.editor.rotate(BUCKET, "control")
        told = await self.running.until(
            lambda found: f"tamizdat_mirror{{{BUCKET},active}}" not in found
        )
        active = [
            name for name in self.paper.site.bases if f"tamizdat_mirror{{{name},active}}" in told
        ]
        return (
            ROTATED in page,
            f"{BUCKET} shows as down, never as blocked; in use: {', '.join(active)}",
        )

    async def _withdraw(self) -> tuple[bool, str]:
        await self.editor.withdraw(self.story, RIGHT.split(maxsplit=1)[0])
        await self.arrived()
        left = await self._left(b"painted over between two sailings")
        return not left, "its words stand in no file" if not left else f"left in {left[:3]}"

    async def _left(self, words: bytes) -> list[str]:
        """Files that still hold `words`; our own gateway takes a moment to forget them."""
        for _ in range(20):
            left = await asyncio.to_thread(self._holding, words)
            if not left:
                break
            await asyncio.sleep(0.5)
        return left

    def _holding(self, words: bytes) -> list[str]:
        """Files of the newsroom, its mirrors and its gateway that hold `words`."""
        files = [path for path in self.paper.folder.rglob("*") if path.is_file()]
        return [str(path) for path in files if words in path.read_bytes()]

    async def _backup(self) -> tuple[bool, str]:
        for name, words in (("words", WORDS), ("key-words", KEY_WORDS)):
            (self.folder / name).write_text(words + "\n", encoding="utf-8")
        done = await self.ground.runs.tamizdat(
            "-C", self.paper.folder, "backup", self.folder / "paper.tar.gpg",
            "--secret", self.folder / "words", "--keys", self.folder / "keys.tar.gpg",
            "--keys-secret", self.folder / "key-words", "--json",
        )  # fmt: skip
        size = (self.folder / "paper.tar.gpg").stat().st_size if done.code == 0 else 0
        return done.code == 0, f"{size // 1024} KB, encrypted; the keys in a file of their own"

    async def _stop(self) -> tuple[bool, str]:
        code, seconds = await self.running.stop()
        return code == 0 and seconds < 5, f"exit {code} after {seconds:.1f} s"

    async def _restore(self) -> tuple[bool, str]:
        """The first machine is lost; its mirrors' folders are not, as they lie elsewhere."""
        there, lost = self.paper.folder, self.folder / "lost"
        there.rename(lost)
        done = await self.ground.runs.tamizdat(
            "restore", self.folder / "paper.tar.gpg", there,
            "--secret", self.folder / "words", "--keys", self.folder / "keys.tar.gpg",
            "--keys-secret", self.folder / "key-words", "--json",
        )  # fmt: skip
        if done.code:
            return False, done.err.strip()[:300]
        await asyncio.to_thread(shutil.copytree, lost / "mirrors", there / "mirrors")
        published = await self.ground.runs.tamizdat("-C", there, "publish", "--json", patience=150)
        told = published.told
        return not [r for r in told["refusals"] if r["mirror"] not in self.gone], (
            f"edition {told['edition']} on {len(told['placements'])} mirrors"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    """The scenes that need a country."""

    play: Play
    stage: Stage

    def scenes(self) -> Sequence[tuple[str, Scene]]:
        """In order."""
        return (
            ("a reader in the country keeps four things", self._keep),
            ("a censor resets connections to a mirror's name", self._block),
            ("a spare takes over, and is read from there", self._spare),
            ("a correction reaches the reader, by what was kept", self._correct),
            ("our own outage is not called a block", self._outage),
            ("the censor gives up", self._lift),
        )

    async def _keep(self) -> tuple[bool, str]:
        feed = self.play.paper.feed
        assert feed is not None
        self.play.reader = Reader(
            stage=self.stage,
            root=self.play.paper.root,
            saved=self.play.folder / "saved",
            copy=self.play.folder / "copy",
        )
        await self.play.reader.keep("https://amber.example/", feed)
        edition = await self.play.reader.read()
        return edition > 0, f"a page, the ways, a feed, a letter; reads edition {edition}"

    async def _block(self) -> tuple[bool, str]:
        began = asyncio.get_running_loop().time()
        await self.stage.censor({"do": "tls_name_reset", "name": "amber.example"})
        state = await self.play.running.cell("amber", LAND, "suspected", "blocked")
        seconds = asyncio.get_running_loop().time() - began
        page = await self.play.editor.page(f"/board/cell/amber/{LAND}")
        step = "SNI" if "SNI" in page else "TLS"
        return True, f"the board shows amber {state} at step {step} after {seconds:.0f} s"

    async def _spare(self) -> tuple[bool, str]:
        done = f"tamizdat_incident{{amber,{LAND},verified}}"
        told = await self.play.running.until(lambda found: done in found)
        new = [n for n in ("dune", "ember") if f"tamizdat_mirror{{{n},active}}" in told]
        return len(new) == 1, f"{new[0]} stands in, by itself; it was read from the country"

    async def _correct(self) -> tuple[bool, str]:
        play = self.play
        await play.editor.release(play.story, RIGHT, TEXT, reason="The price")
        await play.arrived()
        assert play.reader is not None
        before = play.reader.edition
        edition = await play.reader.read()
        pages = [path.read_bytes() for path in play.reader.copy.rglob("*.html")]
        found = any(RIGHT.encode() in page for page in pages)
        return found and edition > before, (
            f"edition {edition} with the corrected words, from {len(play.reader.tried)} addresses"
        )

    async def _outage(self) -> tuple[bool, str]:
        await self.stage.street("outage", "birch")
        state = await self.play.running.cell("birch", LAND, "down", "suspected", "blocked")
        await self.stage.street("heal", "birch")
        await self.play.running.cell("birch", LAND, "reachable")
        return state == "down", f"birch shows as {state} while its server is off"

    async def _lift(self) -> tuple[bool, str]:
        await self.stage.censor()
        await self.play.running.cell("amber", LAND, "reachable")
        await self.play.running.until(lambda told: told["tamizdat_incidents_open"] == 0)
        return True, "amber is read again, and the incident is closed"
