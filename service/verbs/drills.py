"""The verb for drills: lose a provider, an account or a key, on a copy that is thrown away."""

import asyncio
from typing import Annotated

import typer

from service.console import DONE, REFUSED, as_json, err, out
from service.drilling import Drilled, Loss, drill
from service.verbs.context import Json, place

READERS = 10_000
MINUTE = 60.0


def add(app: typer.Typer) -> None:
    """Hang this verb into the program."""
    app.command("drill", epilog="Example: tamizdat -C paper drill provider amazon --json")(
        drill_verb
    )


def drill_verb(
    context: typer.Context,
    loss: Annotated[Loss, typer.Argument(help="provider, account or key")],
    name: Annotated[
        str, typer.Argument(help="As mirrors name it in the config; a key's fingerprint.")
    ],
    *,
    readers: Annotated[
        int, typer.Option(min=1, max=1_000_000_000, help="How many readers to reckon with.")
    ] = READERS,
    json: Json = False,
) -> None:
    """Lose it on a scratch copy, and tell how long it takes to stand whole again.

    A backup of now is restored into a folder of its own; folders stand for mirrors, and nothing of
    the copy speaks to anybody. The newsroom itself is only read. Exit 1: a person must act.
    """

    def tell(what: str) -> None:
        if not json:
            err.print(f"{what} ...", markup=False)

    done = asyncio.run(drill(place(context).folder, loss, name, readers, tell))
    if json:
        as_json(_told(done))
    else:
        _say(done, readers)
    raise typer.Exit(REFUSED if done.needs else DONE)


def _told(done: Drilled) -> dict[str, object]:
    return {
        "lost": list(done.lost),
        "promoted": list(done.promoted),
        "opened": list(done.opened),
        "minutes_to_restore": round(done.restored / MINUTE, 3),
        "minutes_to_full_service": None if done.full is None else round(done.full / MINUTE, 3),
        "stranded": done.stranded,
        "stranded_after": done.stranded_after,
        "needs": done.needs,
    }


def _say(done: Drilled, readers: int) -> None:
    out.print(f"Lost: {', '.join(done.lost)}", markup=False)
    out.print(f"A copy stood after {done.restored / MINUTE:.1f} minutes.", markup=False)
    if done.promoted:
        out.print(f"Spares took over: {', '.join(done.promoted)}", markup=False)
    if done.full is not None:
        out.print(f"Full service after {done.full / MINUTE:.1f} minutes of work.", markup=False)
    out.print(
        f"Of {readers} readers, {done.stranded} would stand before closed doors at once, and "
        f"{done.stranded_after} still after spares took over.",
        markup=False,
    )
    if done.needs:
        err.print(f"A person must act: {done.needs}", markup=False, style="red")
