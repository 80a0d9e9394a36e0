"""The verb of those who do the work: worker."""

import asyncio
from typing import Annotated

import typer

from service.console import as_json, out
from service.verbs.context import Json, place

MOST = 64


def add(app: typer.Typer) -> None:
    """Hang this verb into the program."""
    app.command("worker", epilog="Example: tamizdat -C paper worker --concurrency 8")(worker_verb)


def worker_verb(
    context: typer.Context,
    *,
    concurrency: Annotated[int, typer.Option(min=1, max=MOST, help="So much is done at once.")] = 8,
    json: Json = False,
) -> None:
    """Push to mirrors, and look at them, for a newsroom with a ledger in PostgreSQL.

    `tamizdat serve` hands the work out, where its config says so, and signs; a worker needs no key.
    Runs until it is stopped (SIGTERM, or Ctrl-C), and may be killed at any instant.
    """
    from service.dispatching.worker import work  # noqa: PLC0415 - only a worker needs it
    from service.running.saying import say_all  # noqa: PLC0415 - same

    say_all()

    async def ready() -> None:
        if json:
            as_json({"working": True, "concurrency": concurrency})
        else:
            out.print(f"Doing up to {concurrency} things at once. Stop with Ctrl-C.")

    asyncio.run(work(place(context).folder, concurrency, ready))
