"""Verbs for the mail responder: responder host, responder key rotate|publish|list."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from gateway.responder.own_key import LEAD, Pair, in_use, zone_line
from service.clock import SystemClock
from service.config import load
from service.console import as_json, err, out
from service.post.answer_keys import add_pair, publish_old, read_pairs
from service.post.responding import Answering, responder_of, responding
from service.stopping import stopping
from service.verbs.context import Json, place


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Readers who ask by mail, and are answered.", no_args_is_help=True)
    group.command("host", epilog="Example: tamizdat -C paper responder host")(host)
    keys = typer.Typer(help="The keys that sign answers (DKIM).", no_args_is_help=True)
    keys.command("rotate", epilog="Example: tamizdat -C paper responder key rotate")(rotate)
    keys.command("publish", epilog="Example: tamizdat -C paper responder key publish")(publish)
    keys.command("list", epilog="Example: tamizdat -C paper responder key list")(list_)
    group.add_typer(keys, name="key")
    app.add_typer(group, name="responder")


def host(context: typer.Context, *, json: Json = False) -> None:
    """Answer readers' mail until stopped. Needs [responder] in the config, and a key.

    `tamizdat serve` does this too; use this verb where nothing else is to run.
    """
    asyncio.run(_host(place(context).folder, json=json))


def rotate(context: typer.Context, *, json: Json = False) -> None:
    """Make a new key, tell what DNS must say of it, and lay out old keys to be given away."""
    folder = place(context).folder
    settings = responder_of(load(folder))
    today = SystemClock().now().date()
    made = add_pair(folder / settings.keys, today)
    laid = publish_old(folder / settings.keys, today)
    pairs = list(read_pairs(folder / settings.keys))
    first = len(pairs) == 1 and not laid
    used = today if first else made.day + LEAD
    if json:
        as_json(
            {
                "records": made.records(settings.domain),
                "used_from": used.isoformat(),
                "published": [str(path) for path in laid],
            }
        )
        return
    _tell_records([made], settings.domain)
    err.print(f"Put these two records into DNS now. The key signs from {used} on.", markup=False)
    if not first:
        err.print("Leave the records of older keys there until their private halves are published.")
    _tell_laid(laid)


def publish(context: typer.Context, *, json: Json = False) -> None:
    """Lay out the private halves that no mail needs any more, to be given away."""
    folder = place(context).folder
    settings = responder_of(load(folder))
    laid = publish_old(folder / settings.keys, SystemClock().now().date())
    if json:
        as_json({"published": [str(path) for path in laid]})
        return
    _tell_laid(laid)
    if not laid:
        err.print("There is none yet: mail that it signed may still be under way.")


def list_(context: typer.Context, *, json: Json = False) -> None:
    """The keys, and what DNS must say of each."""
    folder = place(context).folder
    settings = responder_of(load(folder))
    pairs = list(read_pairs(folder / settings.keys))
    today = SystemClock().now().date()
    signs = in_use(pairs, today)
    if json:
        as_json(
            {
                "keys": [
                    {
                        "made": one.day.isoformat(),
                        "signs": one is signs,
                        "records": one.records(settings.domain),
                    }
                    for one in pairs
                ]
            }
        )
        return
    _tell_records(pairs, settings.domain)
    if signs is not None:
        err.print(f"The key of {signs.day} signs.", markup=False)


def _tell_laid(laid: Sequence[Path]) -> None:
    for path in laid:
        err.print(
            f"{path}: no mail needs this key any more. Put it where anybody can fetch it, and take "
            "its two records out of DNS.",
            markup=False,
        )


def _tell_records(pairs: list[Pair], domain: str) -> None:
    for one in pairs:
        for name, text in one.records(domain).items():
            out.print(zone_line(name, text), markup=False)


async def _host(folder: Path, *, json: bool) -> None:
    with stopping() as stop:
        async with responding(folder) as found:
            _say(found, json=json)
            await stop.wait()


def _say(found: Answering, *, json: bool) -> None:
    if json:
        as_json({"address": found.address, "smtp": found.port})
        sys.stdout.flush()
        return
    out.print(f"Mail to {found.address} comes in at port {found.port}.", markup=False)
