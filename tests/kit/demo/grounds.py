"""Grounds for the demo: a stage with a censored country where the kernel lets it, else loopback."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.kit.demo.plain import plain
from tests.kit.lab.places import LAKE, PAPERS
from tests.kit.lab.running import way_in
from tests.kit.showing import shown
from tests.kit.stage.paper import BUCKET, Site, on_stage, serving
from tests.kit.stage.runner import Runner
from tests.kit.stage.stage import FREE, Stage, staged
from tests.kit.strangers import HOST, free_port

LANGUAGES = ("en", "ru", "be", "fa", "zh-Hans", "sv")
EVERY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the demo plays. `stage` is None where there is no country."""

    runs: Runner
    stage: Stage | None
    site: Site


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """The best ground that this machine has, with an S3 provider, until the block ends."""
    mirrors, kept = folder / "paper" / "mirrors", folder / "ground"
    kept.mkdir()
    if way_in() is None:
        async with plain(kept) as here:
            site = loopback_site(bucket=True)
            await _provider(here, HOST, int(site.endpoint.rpartition(":")[2]))
            places = {name: mirrors / name for name in PAPERS}
            port = int(site.bases["amber"].split(":")[2].split("/")[0])
            async with shown(places, port):
                yield Ground(runs=here, stage=None, site=site)
        return
    async with staged(kept, mirrors) as stage:
        await _provider(stage, LAKE, 5000)
        site = replace(on_stage(every=EVERY, bucket=True), languages=LANGUAGES)
        yield Ground(runs=stage, stage=stage, site=site)


def loopback_site(*, bucket: bool = False) -> Site:
    """A site on this machine's loopback, on ports that were free a moment ago."""
    port, post = free_port(), free_port()
    bases = {name: f"http://{HOST}:{port}/{name}/" for name in PAPERS}
    endpoint = f"http://{HOST}:{free_port()}"
    if bucket:
        bases[BUCKET] = f"{endpoint}/{BUCKET}-bucket/"
    letters = {"domain": "post.example", "smtp": f"{HOST}:{free_port()}"}
    feeds = {"http": f"{HOST}:{post}", "base": f"http://{HOST}:{post}/"}
    return Site(
        bases=bases,
        blocks=(("[serve]", serving(EVERY, 3600)), ("[post]", {**letters, **feeds})),
        addresses={},
        endpoint=endpoint,
        languages=LANGUAGES,
    )


async def _provider(runs: Runner, host: str, port: int) -> None:
    """An S3 server with a public bucket."""
    words = ("moto.server", "-H", host, "-p", str(port))
    await runs.start("s3", FREE, sys.executable, "-m", *words)
    endpoint = f"http://{host}:{port}"
    module = ("-m", "tests.kit.bucketing", endpoint, f"{BUCKET}-bucket")
    done = await runs.run(FREE, sys.executable, *module, patience=90)
    if done.code:
        raise OSError(f"no bucket: {done.err[-500:]}")
