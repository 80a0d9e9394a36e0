"""The stage's newspaper: a newsroom whose mirrors, vantages and gateway lie on the stage."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kit.lab.places import COUNTRY, PAPERS, POST, POST_NAME, RESOLVER
from tests.kit.newsroom import SAMPLES, tamizdat
from tests.kit.stage.stage import TAMIZDAT

SPARES = ("dune", "ember")
DESK, STATUS = 8180, 8181
LAND = "XX"
"""The country behind the censor: a code that no country has."""

_CONFIG = """
[serve]
desk = "127.0.0.1:{desk}"
status = "127.0.0.1:{status}"
look_seconds = {every}
audit_seconds = {audit}

[post]
domain = "{post}"
smtp = "127.0.0.1:2525"
http = "{post_address}:80"
base = "http://{post}/"

[[vantage]]
id = "abroad"
kind = "control"
country = "SE"
network = "AS64501"
groups = ["open"]
resolver = "{resolver}"

[[vantage]]
id = "inside"
country = "{land}"
network = "AS64500"
groups = ["open"]
resolver = "{resolver}"
command = {command}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A published newsroom that is ready for `tamizdat serve` on a stage."""

    folder: Path
    root: str
    mirrors: Path
    feed: str | None = None

    def file(self, mirror: str, path: str) -> Path:
        """A file as it lies on a mirror."""
        return self.mirrors / mirror / path


def address(mirror: str) -> str:
    """Where readers find a mirror."""
    return f"https://{mirror}.example/"


def founded(folder: Path, *, every: int = 5, audit: int = 3600) -> Paper:
    """A newsroom with the demo's articles released, not yet published."""
    room = folder / "paper"
    made = tamizdat("init", room, "--language", "en", "--language", "fa", "--json")
    assert made.returncode == 0, made.stderr
    config = room / "tamizdat.toml"
    text = config.read_text(encoding="utf-8").partition("[[mirror]]")[0]
    blocks = "".join(_mirror(name) for name in PAPERS)
    command = ["ip", "netns", "exec", COUNTRY, TAMIZDAT, "reach", "look"]
    text += blocks + _CONFIG.format(
        desk=DESK,
        status=STATUS,
        every=every,
        audit=audit,
        post=POST_NAME,
        post_address=POST,
        resolver=RESOLVER,
        land=LAND,
        command=json.dumps(command),
    )
    config.write_text(text, encoding="utf-8")
    _does("-C", room, "import", "folder", SAMPLES, "--release")
    return Paper(folder=room, root=json.loads(made.stdout)["root"], mirrors=room / "mirrors")


def with_gateway(paper: Paper) -> Paper:
    """The same, with a mailbox of its own gateway that its letters go to."""
    told = _does("-C", paper.folder, "gateway", "open", "The Tideline", "--for-us", "post")
    return replace(paper, feed=str(told["feeds"][0]))


def _does(*words: str | Path) -> dict[str, Any]:
    done = tamizdat(*words, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _mirror(name: str) -> str:
    state = "spare" if name in SPARES else "active"
    return _block(
        id=name,
        backend="folder",
        folder=f"mirrors/{name}",
        url=address(name),
        exposure="public",
        group="open",
        state=state,
        addresses=[PAPERS[name]],
        decoy="innocent.example",
    )


def _block(**keys: str | Sequence[str]) -> str:
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f"\n[[mirror]]\n{lines}"
