"""Verbs for backups: backup, restore."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.backup.backing_up import BackedUp, back_up
from service.backup.passphrase import Locked, passphrase
from service.backup.receiving import Progress
from service.backup.restoring import Restored, restore
from service.console import DONE, REFUSED, as_json, bars, err, out
from service.verbs.context import Json, place
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled

MIB = 1024 * 1024

Secret = Annotated[
    Path, typer.Option("--secret", metavar="FILE", help="A file with the passphrase in one line.")
]
Keys = Annotated[
    Path | None,
    typer.Option("--keys", metavar="KEYFILE", help="The backup of the keys, a file of its own."),
]
KeysSecret = Annotated[
    Path | None,
    typer.Option("--keys-secret", metavar="FILE", help="A file with the passphrase of KEYFILE."),
]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("backup", epilog="Example: tamizdat -C paper backup paper.tar.gpg --secret words")(
        backup
    )
    app.command("restore", epilog="Example: tamizdat restore paper.tar.gpg paper --secret words")(
        restore_verb
    )


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
    *,
    secret: Secret,
    keys: Keys = None,
    keys_secret: KeysSecret = None,
    json: Json = False,
) -> None:
    """Put the whole newsroom into one encrypted file. The keys only with --keys, into another.

    It may run while `tamizdat serve` does. Without us: gpg -d FILE | tar x
    """
    apart = _apart(keys, keys_secret)
    target = Locked(file=file, passphrase=passphrase(secret))
    with _bar("backup", quiet=json) as progress:
        made = asyncio.run(back_up(place(context).folder, target, apart, progress))
    raise typer.Exit(_report(made, file, keys, json=json))


def restore_verb(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty or new folder.")],
    *,
    secret: Secret,
    keys: Keys = None,
    keys_secret: KeysSecret = None,
    ledger: Annotated[
        str | None,
        typer.Option(
            help="Put the ledger elsewhere: sqlite:PATH (inside DIR), or postgresql://..."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Lay a newsroom out of a backup into a new folder, whole or not at all.

    The next publish asks the mirrors first what readers have seen since the backup was made.
    """
    apart = _apart(keys, keys_secret)
    source = Locked(file=file, passphrase=passphrase(secret))
    with _bar("restore", quiet=json) as progress:
        made = asyncio.run(restore(source, folder, apart, ledger, progress))
    _report_restored(made, folder, json=json)


def _apart(keys: Path | None, secret: Path | None) -> Locked | None:
    if (keys is None) != (secret is None):
        raise ConfigError("--keys and --keys-secret go together: give both, or neither")
    return Locked(file=keys, passphrase=passphrase(secret)) if keys and secret else None


@contextmanager
def _bar(verb: str, *, quiet: bool) -> Iterator[Progress]:
    with bars(quiet=quiet) as progress:
        tasks = {}

        def tell(what: str, done: int, total: int) -> None:
            if progress is None:
                return
            if what not in tasks:
                tasks[what] = progress.add_task(f"{verb}: {what}, MiB")
            progress.update(tasks[what], completed=done // MIB, total=max(1, total // MIB))

        yield tell


def _report(made: BackedUp, file: Path, keys: Path | None, *, json: bool) -> int:
    told = made.contents
    blobs = sum(heap.count for heap in told.heaps.values())
    if json:
        as_json(
            {
                "file": str(file),
                "bytes": made.length,
                "created": spelled(told.created),
                "root": told.root,
                "rows": sum(told.rows.values()),
                "blobs": blobs,
                "keys": str(keys) if keys else None,
                "left_out": list(made.left_out),
                "missing": list(told.missing),
            }
        )
        return REFUSED if told.missing else DONE
    out.print(
        f"{file}: {made.length // MIB or 1} MiB, {blobs} files by hash, "
        f"{sum(told.rows.values())} rows. Opened again and checked.",
        markup=False,
    )
    for one in made.left_out:
        out.print(f"left out: {one}", markup=False)
    if keys:
        out.print(f"{keys}: the keys ({made.keys} files). Keep it in another place.", markup=False)
    else:
        out.print(
            "The keys are not in it. Back them up once, into another place: "
            "--keys KEYFILE --keys-secret FILE"
        )
    for digest in told.missing:
        err.print(f"missing here, so not in it: blob {digest}", markup=False, style="red")
    return REFUSED if told.missing else DONE


def _report_restored(made: Restored, folder: Path, *, json: bool) -> None:
    told = made.contents
    if json:
        as_json(
            {
                "folder": str(folder),
                "root": told.root,
                "created": spelled(told.created),
                "rows": sum(told.rows.values()),
                "blobs": sum(heap.count for heap in told.heaps.values()),
                "keys": made.keys,
                "ledger": made.config.store.ledger,
                "changed": list(made.changed),
                "missing": list(told.missing),
            }
        )
        return
    out.print(f"A newsroom lies in {folder} again, as of {spelled(told.created)}.", markup=False)
    for one in made.changed:
        out.print(f"changed in its config: {one}", markup=False)
    for digest in told.missing:
        err.print(f"was missing already: blob {digest}", markup=False, style="red")
    if not made.keys:
        keys = folder / made.config.signing.keys
        out.print(f"Its keys are not there: put them back into {keys}.", markup=False)
    out.print(
        f"Next: tamizdat -C {folder} publish. It asks the mirrors first what readers have seen "
        "since then.",
        markup=False,
    )
