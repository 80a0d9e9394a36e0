"""Verbs for gateways: gateway send, gateway status; those for our own lie in boxes.py."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.mailing import Standing
from service.console import DONE, REFUSED, as_json, out, table
from service.post.mailing import opened_mail
from service.post.messaging import Turned, opened_messenger, post_news
from service.verbs import boxes
from service.verbs.context import Json, place
from service.wiring import opened
from tamizdat.errors import ConfigError
from tamizdat.letter import LetterState

PATIENCE = 30
"""Seconds that `send` waits for feeds to show what it sent."""

Wait = Annotated[
    int, typer.Option("--wait", min=0, max=3600, help="Seconds to wait for feeds to show it.")
]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Gateways: letters that become feeds.", no_args_is_help=True)
    group.command("send", epilog="Example: tamizdat -C paper gateway send --wait 60")(send)
    group.command("status", epilog="Example: tamizdat -C paper gateway status")(status)
    group.command("messenger", epilog="Example: tamizdat -C paper gateway messenger")(messenger)
    boxes.add(group)
    app.add_typer(group, name="gateway")


def send(context: typer.Context, *, wait: Wait = PATIENCE, json: Json = False) -> int:
    """Send what is published to every gateway, and look in their feeds for it."""
    standing = asyncio.run(_sent(place(context).folder, timedelta(seconds=wait)))
    _show(standing, json=json)
    return REFUSED if any(one.failed for one in standing) else DONE


def status(context: typer.Context, *, json: Json = False) -> None:
    """How the letters stand. Only what is verified is delivered."""
    _show(asyncio.run(_standing(place(context).folder)), json=json)


def messenger(context: typer.Context, *, json: Json = False) -> None:
    """Post what is new into the channel of `[messenger]`. `tamizdat serve` does so every minute.

    The first time it only notes what is out already: old news is not posted.
    """
    done = asyncio.run(_posted(place(context).folder))
    if json:
        as_json({"posted": done.posted, "waits": done.waits, **done.counts})
        return
    told = ", ".join(f"{count} {state}" for state, count in sorted(done.counts.items()))
    out.print(f"{done.posted} posted now. In all: {told or 'none'}.", markup=False)
    if done.waits:
        out.print(f"It waits: {done.waits}.", markup=False)


async def _posted(folder: Path) -> Turned:
    async with opened(folder) as room, opened_messenger(room) as opened_one:
        if opened_one is None:
            raise ConfigError("messenger: the config has none: add a [messenger] block")
        return await post_news(room, opened_one)


async def _sent(folder: Path, patience: timedelta) -> Sequence[Standing]:
    async with opened(folder) as room:
        if not room.config.gateway:
            raise ConfigError("gateway: the config has none: add a [[gateway]] block")
        async with opened_mail(room) as mail:
            return await mail.send(patience)


async def _standing(folder: Path) -> Sequence[Standing]:
    async with opened(folder) as room, opened_mail(room) as mail:
        return await mail.standing()


def _show(standing: Sequence[Standing], *, json: bool) -> None:
    if json:
        as_json({"gateways": [_told(one) for one in standing]})
        return
    columns = ["gateway", *(state.value for state in LetterState), "failures"]
    rows = [
        [
            one.gateway,
            *(str(one.states.get(state, 0)) for state in LetterState),
            "\n".join(f"{f.article} r{f.revision} {f.state}: {f.detail}" for f in one.failed),
        ]
        for one in standing
    ]
    table("Letters", columns, rows)


def _told(one: Standing) -> dict[str, object]:
    return {
        "id": one.gateway,
        "delivered": one.delivered,
        "states": {state.value: one.states.get(state, 0) for state in LetterState},
        "failed": [
            {
                "article": f.article,
                "revision": f.revision,
                "state": f.state.value,
                "detail": f.detail,
            }
            for f in one.failed
        ],
    }
