"""Verbs for our own gateway: gateway open, boxes, close, host."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from service.console import DONE, REFUSED, as_json, err, out, table
from service.post.boxes import Opened, boxes, close_box, open_box
from service.post.posting import Hosted, hosted
from service.stopping import stopping
from service.verbs.context import Json, place


def add(group: typer.Typer) -> None:
    """Hang these verbs beside those for gateways of others."""
    group.command("open", epilog="Example: tamizdat -C paper gateway open 'The Tideline'")(open_)
    group.command("boxes", epilog="Example: tamizdat -C paper gateway boxes")(list_)
    group.command("close", epilog="Example: tamizdat -C paper gateway close FEED-ADDRESS")(close)
    group.command("host", epilog="Example: tamizdat -C paper gateway host")(host)


def open_(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="The title that the feed bears.")],
    *,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Show every revision as an entry of its own.")
    ] = False,
    for_us: Annotated[
        str | None,
        typer.Option(
            "--for-us", metavar="ID", help="Send our own letters there: adds [[gateway]] ID."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Open a mailbox at our own gateway. Its addresses are told once, and never again."""
    folder = place(context).folder
    opened = asyncio.run(open_box(folder, title, keep_all=keep_all, for_us=for_us))
    if json:
        as_json({"to": opened.to, "feeds": list(opened.feeds), "gateway": for_us})
    else:
        _tell(opened, for_us)


def list_(context: typer.Context, *, json: Json = False) -> None:
    """The mailboxes of our own gateway. Nobody can see who writes or reads."""
    found = asyncio.run(boxes(place(context).folder))
    if json:
        rows = [
            {
                "number": one.number,
                "title": one.title,
                "letters": one.letters,
                "bytes": one.length,
                "since": one.since.isoformat(),
            }
            for one in found
        ]
        as_json({"boxes": rows})
        return
    table(
        "Mailboxes",
        ["", "title", "letters", "bytes", "since"],
        [
            [
                str(one.number),
                escape(one.title),
                str(one.letters),
                str(one.length),
                f"{one.since:%Y-%m-%d}",
            ]
            for one in found
        ],
    )


def close(
    context: typer.Context,
    which: Annotated[
        str, typer.Argument(metavar="FEED", help="A feed's address, its read id, or its number.")
    ],
    *,
    json: Json = False,
) -> int:
    """Close a mailbox of our own gateway, and delete what lay in it."""
    closed = asyncio.run(close_box(place(context).folder, which))
    if json:
        as_json({"closed": closed})
    elif closed:
        out.print("It is closed, and what lay in it is deleted.")
    else:
        err.print("tamizdat: no such mailbox: `tamizdat gateway boxes` lists them", style="red")
    return DONE if closed else REFUSED


def host(context: typer.Context, *, json: Json = False) -> None:
    """Take letters in by SMTP and show feeds over HTTP, until stopped. Needs [post] in the config.

    `tamizdat serve` does this too; use this verb where nothing else is to run.
    """
    asyncio.run(_host(place(context).folder, json=json))


async def _host(folder: Path, *, json: bool) -> None:
    with stopping() as stop:
        async with hosted(folder) as found:
            _say(found, json=json)
            await stop.wait()


def _say(found: Hosted, *, json: bool) -> None:
    if json:
        as_json(
            {
                "domain": found.domain,
                "smtp": found.smtp,
                "http": found.http,
                "base": found.base,
            }
        )
        sys.stdout.flush()
        return
    out.print(f"Letters to {found.domain} come in at port {found.smtp}.", markup=False)
    out.print(f"Feeds are at {found.base} (port {found.http} here).", markup=False)


def _tell(opened: Opened, for_us: str | None) -> None:
    out.print(f"Letters go to\n  {opened.to}", markup=False)
    out.print("Its feeds are at", markup=False)
    for feed in opened.feeds:
        out.print(f"  {feed}", markup=False)
    out.print(
        "These addresses are shown only now. Who knows the first can put entries in; who knows a "
        "feed's can read. Neither can be told from the other."
    )
    if for_us:
        out.print(
            f"Our own letters go there too: [[gateway]] {for_us} was added to the config. "
            "Restart `tamizdat serve` where it runs.",
            markup=False,
        )
