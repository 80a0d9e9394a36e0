"""The stage's newspaper: a newsroom whose mirrors, vantages and gateway lie on a stage."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kit.lab.places import COUNTRY, INNOCENT_NAME, LAKE, PAPERS, POST, POST_NAME, RESOLVER
from tests.kit.newsroom import SAMPLES, tamizdat
from tests.kit.stage.stage import TAMIZDAT

SPARES = ("dune", "ember")
BUCKET = "lake"
"""The mirror that is a bucket; all others are folders."""

DESK, STATUS = 8180, 8181
LAND = "XX"
"""The country behind the censor: a code that no country has."""

Value = str | int | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a newspaper's mirrors are found, and the blocks of its config beside theirs.

    `bases` are the mirrors' addresses by id; one that is a bucket lies at the provider `endpoint`.
    """

    bases: Mapping[str, str]
    blocks: Sequence[tuple[str, Mapping[str, Value]]]
    addresses: Mapping[str, str]
    endpoint: str = ""
    languages: tuple[str, ...] = ("en", "fa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A newsroom that is ready for `tamizdat serve`. `feed` is its own gateway's, if it has one."""

    folder: Path
    root: str
    site: Site
    feed: str | None = None

    @property
    def mirrors(self) -> Path:
        """Where folder mirrors lie."""
        return self.folder / "mirrors"

    def file(self, mirror: str, path: str) -> Path:
        """A file as it lies on a folder mirror."""
        return self.mirrors / mirror / path


def on_stage(*, every: int = 5, audit: int = 3600, bucket: bool = False) -> Site:
    """A site in the free world, looked at from there and from inside the country."""
    look = ["ip", "netns", "exec", COUNTRY, TAMIZDAT, "reach", "look"]
    eyes: Mapping[str, Value] = {"groups": ["open"], "resolver": RESOLVER}
    abroad = {"id": "abroad", "kind": "control", "country": "SE", "network": "AS64501"}
    inside = {"id": "inside", "country": LAND, "network": "AS64500", "command": look}
    post = {"domain": POST_NAME, "smtp": "127.0.0.1:2525", "http": f"{POST}:80"}
    bases = {name: f"https://{name}.example/" for name in PAPERS}
    if bucket:
        bases[BUCKET] = f"http://{LAKE}:5000/{BUCKET}-bucket/"
    return Site(
        bases=bases,
        addresses={**PAPERS, BUCKET: LAKE},
        endpoint=f"http://{LAKE}:5000",
        blocks=(
            ("[serve]", serving(every, audit)),
            ("[post]", {**post, "base": f"http://{POST_NAME}/"}),
            ("[[vantage]]", {**abroad, **eyes}),
            ("[[vantage]]", {**inside, **eyes}),
        ),
    )


def serving(every: int, audit: int) -> Mapping[str, Value]:
    """The keys of `[serve]`."""
    return {
        "desk": f"127.0.0.1:{DESK}",
        "status": f"127.0.0.1:{STATUS}",
        "look_seconds": every,
        "audit_seconds": audit,
    }


def founded(folder: Path, site: Site | None = None) -> Paper:
    """A newsroom with the demo's articles released, not yet published."""
    site, room = site or on_stage(), folder / "paper"
    languages = [word for tag in site.languages for word in ("--language", tag)]
    told = _does("init", room, "--name", "The Tideline", *languages)
    config = room / "tamizdat.toml"
    text = config.read_text(encoding="utf-8").partition("[[mirror]]")[0]
    mirrors = [("[[mirror]]", _mirror(name, site)) for name in site.bases]
    text += "".join(_block(head, keys) for head, keys in (*mirrors, *site.blocks))
    config.write_text(text, encoding="utf-8")
    secret = room / "secrets" / "bucket.toml"
    secret.parent.mkdir(mode=0o700)
    secret.write_text('access_key = "demo-key"\nsecret_key = "demo-secret"\n', encoding="utf-8")
    secret.chmod(0o600)
    _does("-C", room, "import", "folder", SAMPLES, "--release")
    return Paper(folder=room, root=told["root"], site=site)


def with_gateway(paper: Paper) -> Paper:
    """The same, with a mailbox of its own gateway that its letters go to."""
    told = _does("-C", paper.folder, "gateway", "open", "The Tideline", "--for-us", "post")
    return replace(paper, feed=str(told["feeds"][0]))


def _does(*words: str | Path) -> dict[str, Any]:
    done = tamizdat(*words, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _mirror(name: str, site: Site) -> Mapping[str, Value]:
    keys: dict[str, Value] = {"id": name, "url": site.bases[name]}
    if name == BUCKET:
        keys |= {"backend": "s3", "bucket": f"{BUCKET}-bucket", "endpoint": site.endpoint}
        keys |= {"credentials": "secrets/bucket.toml"}
    else:
        keys |= {"backend": "folder", "folder": f"mirrors/{name}"}
    if name in SPARES:
        keys["state"] = "spare"
    if name in site.addresses:
        keys |= {"addresses": [site.addresses[name]], "decoy": INNOCENT_NAME}
        keys |= {"canaries": [f"https://{INNOCENT_NAME}/"]}
    return keys


def _block(head: str, keys: Mapping[str, Value]) -> str:
    return f"\n{head}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
