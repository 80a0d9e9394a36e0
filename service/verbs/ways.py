"""The verb ways: hand mirrors out by tokens, and find one's mirror with a token."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from service.clock import SystemClock
from service.console import DONE, REFUSED, as_json, err, out, table
from service.handing.asking import Ways, ask
from service.handing.giving import give
from service.handing.standing import Standing, standing
from service.verbs.context import Json, place
from service.verbs.copies import say, shown, source_of
from service.verbs.reading import Root, State, pinned
from service.wiring import glanced
from signing import state as states
from signing.fetch import read
from signing.sources import FileSource, Source
from signing.token import Token
from signing.token import read as token_in
from signing.verify import Report
from tamizdat.board import HandOut
from tamizdat.errors import ConfigError, FormatError
from tamizdat.moment import spelled

OPEN = "open"
COLUMNS = ["channel", "groups", "with a mirror", "handed out", "mirrors", "spares", "odds", ""]


class TokenFirst(TyperGroup):
    """A noun whose verbs may be left out by readers: what is no verb is a token."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Read `ways babab ...` as `ways open babab ...`."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [OPEN, *args]
        return super().parse_args(ctx, args)


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(
        cls=TokenFirst,
        help="Ways to us: `tamizdat ways TOKEN` finds the mirror of who holds a token.",
        no_args_is_help=True,
    )
    group.command(OPEN, epilog="Example: tamizdat ways TOKEN --from https://a.example/ --root ID")(
        ways_open
    )
    group.command("give", epilog="Example: tamizdat -C paper ways give mail --asker - --qr a.svg")(
        ways_give
    )
    group.command("status", epilog="Example: tamizdat -C paper ways status")(ways_status)
    app.add_typer(group, name="ways")


def ways_open(
    context: typer.Context,
    token: Annotated[
        list[str],
        typer.Argument(help="Eleven words, 36 letters and digits, or a link that ends in them."),
    ],
    *,
    known: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="URL", help="A mirror or folder that you have; repeat it."),
    ] = None,
    root: Root = None,
    state: State = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Read the newest edition from there, into a folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Find the mirror of your group with a token, by any mirror that you still reach.

    At most three addresses are told; whose they are, their signature proves. Exit 1 where none is.
    """
    mine = _token(token)
    pin = pinned(place(context), root)
    asked = known or _in_link(token)
    if not asked:
        raise ConfigError("name a mirror or folder that you have: --from URL")
    found = asyncio.run(_ask(asked, mine, pin, state))
    if to is None or not found.mirrors:
        raise typer.Exit(_say(found, json=json))
    if not json:
        _say(found, json=False)
    report = asyncio.run(_read([*found.mirrors, *asked], to, pin, state, quiet=json))
    raise typer.Exit(say(report, str(to), require_fresh=False, json=json))


def ways_give(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="By which channel they ask: one of the config.")],
    *,
    asker: Annotated[
        str | None,
        typer.Option(help="Who asks (kept nowhere; the same gets the same). - asks for a line."),
    ] = None,
    link: Annotated[
        str | None, typer.Option(help="The address of a page of ways, to be made a link of.")
    ] = None,
    qr: Annotated[
        Path | None,
        typer.Option("--qr", help="A picture (SVG) of the link or letters; - draws it here."),
    ] = None,
    json: Json = False,
) -> None:
    """Give a token to somebody who asks: words, letters, a link, a QR code.

    It finds their group's mirror for ever, whichever that is. Who gets it is written down nowhere;
    that one more was given in the group is.
    """
    who = _line() if asker == "-" else asker
    given = asyncio.run(give(place(context).folder, channel, who))
    address = f"{link.partition('#')[0]}#{given.letters}" if link else ""
    if qr is not None:
        _draw(address or given.letters, qr)
    if json:
        as_json({"words": given.words, "letters": given.letters, "link": address or None})
        return
    out.print(given.words, markup=False)
    out.print(given.letters, markup=False)
    if address:
        out.print(address, markup=False)


def ways_status(context: typer.Context, *, json: Json = False) -> None:
    """Groups, hand-outs and mirrors as counts, what starves, and where addresses leak, as odds."""

    async def run() -> Standing:
        async with glanced(place(context).folder) as room:
            return await standing(room, SystemClock().now())

    found = asyncio.run(run())
    if json:
        as_json(_told(found))
        return
    table("Ways", COLUMNS, [_row(one) for one in found.channels])
    canaries = found.canaries
    out.print(
        f"canaries: {found.watching} watched, {canaries.lost} lost in {canaries.days:.0f} "
        f"mirror-days; groups lost {found.burnt} mirrors in the last 7 days",
        markup=False,
    )
    if found.unwatched:
        out.print(f"no canary among: {', '.join(found.unwatched)}", markup=False)


def _token(words: Sequence[str]) -> Token:
    try:
        return token_in(" ".join(words))
    except FormatError as error:
        raise ConfigError(str(error)) from None


def _in_link(words: Sequence[str]) -> list[str]:
    """The mirror that a token's own link names."""
    link = words[0] if len(words) == 1 else ""
    if not link.startswith(("http://", "https://")):
        return []
    page = link.partition("#")[0]
    return [page.rpartition("/")[0] + "/"]


async def _ask(known: Sequence[str], token: Token, root: str, state: Path | None) -> Ways:
    seen = await states.load(state, root) if state else states.State(root_id=root)
    async with AsyncExitStack() as stack:
        sources = await _sources(known, stack)
        return await ask(sources, token, seen, SystemClock().now())


async def _read(
    known: Sequence[str], to: Path, root: str, state: Path | None, *, quiet: bool
) -> Report:
    seen = await states.load(state, root) if state else None
    async with AsyncExitStack() as stack:
        sources = await _sources(list(dict.fromkeys(known)), stack)
        with shown("read", quiet=quiet) as show:
            report = await read(sources, to, root, SystemClock().now(), seen, show)
    if state and report.seen:
        await states.save(state, report.seen)
    return report


async def _sources(known: Sequence[str], stack: AsyncExitStack) -> list[Source]:
    found: list[Source] = []
    for one in known:
        source = await source_of(one, stack)
        if isinstance(source, FileSource):
            raise ConfigError(f"--from {one}: name a mirror or a folder, not a file")
        found.append(source)
    return found


def _say(found: Ways, *, json: bool) -> int:
    for refusal in found.refusals:
        err.print(refusal, markup=False)
    if json:
        until = spelled(found.expires) if found.expires else None
        as_json({"mirrors": list(found.mirrors), "expires": until, "fresh": found.fresh})
        return DONE if found.mirrors else REFUSED
    for address in found.mirrors:
        out.print(address, markup=False)
    if found.mirrors and not found.fresh:
        err.print("These hints are old: there may be newer ones elsewhere.", markup=False)
    if not found.mirrors:
        err.print("No mirror was found with this token.", markup=False, style="red")
        return REFUSED
    return DONE


def _line() -> str:
    return str(typer.prompt("Who asks", hide_input=True, err=True))


def _draw(text: str, path: Path) -> None:
    from feeds.qr import blocks, square  # noqa: PLC0415 - slow to load, and rarely asked

    if path == Path("-"):
        err.print(blocks(text), markup=False)
        return
    try:
        path.write_text(str(square(text, "token")), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from None


def _row(one: HandOut) -> list[str]:
    evidence = f"{one.lost} lost in {one.days:.0f} days"
    notes = [evidence, *(["leaks, likely"] if one.named else [])]
    notes += ["starving: on the slow lane"] if one.starving else []
    counts = (one.groups, one.served, one.handed_out, one.active, one.spare)
    return [one.channel, *map(str, counts), one.chance, "; ".join(notes)]


def _told(found: Standing) -> dict[str, object]:
    return {
        "channels": [
            {
                "channel": one.channel,
                "groups": one.groups,
                "with_a_mirror": one.served,
                "handed_out": one.handed_out,
                "mirrors": one.active,
                "spares": one.spare,
                "starving": one.starving,
                "informers": round(one.told, 6),
                "odds": round(one.odds, 6),
                "named": one.named,
                "lost": one.lost,
                "mirror_days": one.days,
            }
            for one in found.channels
        ],
        "canaries": {
            "watched": found.watching,
            "lost": found.canaries.lost,
            "mirror_days": found.canaries.days,
            "lacking": list(found.unwatched),
        },
        "lost_in_a_week": found.burnt,
    }
