"""Copies: where one lies, and what a reader is told of it. Loads nothing that takes long."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from service.clock import SystemClock
from service.console import DONE, REFUSED, as_json, bars, err, out
from service.quick import Question
from signing import state as states
from signing.sources import FileSource, Source, local
from signing.verify import Progress, Report, verify
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled


def answer(asked: Question) -> int:
    """Check a copy and say what was found; gives the exit code."""
    report = asyncio.run(_verified(asked))
    return say(report, asked.copy, require_fresh=asked.require_fresh, json=asked.json)


async def source_of(copy: str, stack: AsyncExitStack) -> Source | FileSource:
    """The place that a person wrote; open until `stack` closes."""
    if copy.startswith(("http://", "https://")):
        from signing.web import UrlSource, new_session  # noqa: PLC0415 - aiohttp is slow to load

        return UrlSource(copy, await stack.enter_async_context(new_session()))
    path = Path(copy.removeprefix("file://"))
    if not await asyncio.to_thread(path.exists):
        raise ConfigError(f"{copy}: is not there")
    return local(path)


@contextmanager
def shown(verb: str, *, quiet: bool) -> Iterator[Progress]:
    """A bar that tells how many files are done, where a person watches."""
    with bars(quiet=quiet) as progress:
        task = progress.add_task(verb, total=None) if progress else None

        def show(done: int, total: int) -> None:
            if progress and task is not None:
                progress.update(task, completed=done, total=total)

        yield show


def say(
    report: Report, copy: str, *, require_fresh: bool, json: bool, thefts: Sequence[int] = ()
) -> int:
    """Tell a person or a program what was found; gives the exit code."""
    good = report.authentic and (bool(report.fresh) or not require_fresh)
    if json:
        as_json(
            {
                "authentic": report.authentic,
                "fresh": report.fresh,
                "edition": report.edition,
                "changing_to": report.changing_to,
                "issued": spelled(report.issued) if report.issued else None,
                "expires": spelled(report.expires) if report.expires else None,
                "reason": report.reason,
                **({"thefts": list(thefts)} if thefts else {}),
            }
        )
        return DONE if good else REFUSED
    if not report.authentic:
        err.print(f"NOT AUTHENTIC: {copy}: {report.reason}", markup=False, style="red")
        return REFUSED
    changing = f", changing to {report.changing_to}" if report.changing_to else ""
    out.print(f"AUTHENTIC: edition {report.edition}{changing}", style="bold", markup=False)
    age = {True: "fresh", False: "not fresh: a newer one may exist", None: "age cannot be told"}
    issued = spelled(report.issued) if report.issued else "unknown"
    out.print(f"issued {issued}; {age[report.fresh]}", markup=False)
    if report.reason:
        out.print(report.reason, markup=False)
    return DONE if good else REFUSED


async def _verified(asked: Question) -> Report:
    seen = await states.load(asked.state, asked.root) if asked.state else None
    async with AsyncExitStack() as stack:
        source = await source_of(asked.copy, stack)
        with shown("verify", quiet=asked.json) as show:
            report = await verify(source, asked.root, SystemClock().now(), seen, show)
    if asked.state and report.seen:
        await states.save(asked.state, report.seen)
    return report
