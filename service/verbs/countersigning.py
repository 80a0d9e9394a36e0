"""Verbs for two people: review, rebuild, key countersign."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.backup.passphrase import Locked, passphrase
from service.backup.receiving import Progress
from service.console import DONE, REFUSED, as_json, bars, err, out
from service.countersigning.comparing import Rebuilt
from service.countersigning.rebuilding import rebuild
from service.countersigning.reviewing import review
from service.countersigning.signing import countersign
from service.countersigning.store import Store, carried, here
from service.verbs.context import Json, place
from service.verbs.reading import pinned
from tamizdat.errors import ConfigError

SHOWN = 20
"""Differences and articles that a person is shown at once; --json names all."""

Secret = Annotated[
    Path, typer.Option("--secret", metavar="FILE", help="A file with the passphrase of the review.")
]
Root = Annotated[str | None, typer.Option("--root", help="The root id, 64 digits.")]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("review", epilog="Example: tamizdat -C paper review 42.review --secret words")(
        review_verb
    )
    app.command(
        "rebuild",
        epilog="Example: tamizdat rebuild 42 --from 42.review --secret words --root 4cd7f4...",
    )(rebuild_verb)


def hang(group: typer.Typer) -> None:
    """Hang these verbs below `key`."""
    group.command(
        "countersign",
        epilog="Example: tamizdat key countersign 42.review --secret words --root 4cd7f4... "
        "--with bea",
    )(countersign_verb)


def review_verb(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
    *,
    secret: Secret,
    json: Json = False,
) -> None:
    """Put the edition that waits into an encrypted file, with all that others rebuild it from.

    It may run while `tamizdat serve` does.
    """
    target = Locked(file=file, passphrase=passphrase(secret))
    with _bar("review", quiet=json) as progress:
        made = asyncio.run(review(place(context).folder, target, progress))
    if json:
        as_json({"file": str(file), "edition": made.edition, "manifest": made.sha256})
        return
    out.print(f"{file}: edition {made.edition}. Carry it to the others.", markup=False)


def rebuild_verb(
    context: typer.Context,
    edition: Annotated[int | None, typer.Argument(metavar="[EDITION]", min=1)] = None,
    *,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A review; else the newsroom at -C."),
    ] = None,
    secret: Annotated[
        Path | None, typer.Option("--secret", metavar="FILE", help="The review's passphrase.")
    ] = None,
    root: Root = None,
    json: Json = False,
) -> None:
    """Make an edition once more from its articles, and compare every byte. Exit 1: not equal.

    It tells which articles differ from the edition before: read them, no machine can.
    """
    where = place(context)
    store = _review(source, secret) if source else _newsroom(where.folder)
    found = asyncio.run(_rebuilt(store, pinned(where, root), edition, quiet=json))
    if json:
        as_json(_as_told(found))
    else:
        _say(found)
    raise typer.Exit(DONE if found.equal else REFUSED)


def countersign_verb(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="REVIEW", help="The file that was carried.")],
    *,
    folder: Annotated[
        Path, typer.Option("--with", metavar="FOLDER", help="The folder of a release key.")
    ],
    secret: Secret,
    key_secret: Annotated[
        Path | None,
        typer.Option(
            "--key-secret", metavar="FILE", help="The passphrase of the key, else you type it."
        ),
    ] = None,
    root: Root = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Rebuild the edition in a review, and sign it if every byte is equal.

    It says which articles differ from the edition before, and asks. It needs no newsroom.
    """
    pin = pinned(place(context), root)
    found = asyncio.run(_rebuilt(_review(source, secret), pin, None, quiet=json))
    if not json:
        _say(found)
    if found.equal and not yes:
        typer.confirm("Did you read these articles, and may they go out?", abort=True, err=True)
    made = asyncio.run(countersign(found, folder, _passphrase(key_secret), source.parent))
    if json:
        as_json({"edition": made.edition, "fingerprint": made.fingerprint, "file": str(made.file)})
        return
    out.print(f"Signed. Carry to the newsroom: {made.file}", markup=False)


_Open = Callable[[Progress], AbstractAsyncContextManager[Store]]


def _newsroom(folder: Path) -> _Open:
    return lambda _: here(folder)


def _review(source: Path, secret: Path | None) -> _Open:
    if secret is None:
        raise ConfigError("--from: give --secret FILE with the passphrase of the review")
    locked = Locked(file=source, passphrase=passphrase(secret))
    return lambda progress: carried(locked, progress)


async def _rebuilt(open_store: _Open, root: str, edition: int | None, *, quiet: bool) -> Rebuilt:
    with _bar("rebuild", quiet=quiet) as progress:
        async with open_store(progress) as store:
            return await rebuild(store, root, edition, progress)


def _passphrase(file: Path | None) -> Callable[[], str]:
    if file is not None:
        return lambda: passphrase(file)
    return lambda: str(typer.prompt("Passphrase of the key", hide_input=True, err=True))


@contextmanager
def _bar(verb: str, *, quiet: bool) -> Iterator[Progress]:
    with bars(quiet=quiet) as progress:
        tasks = {}

        def tell(what: str, done: int, total: int) -> None:
            if progress is None:
                return
            if what not in tasks:
                tasks[what] = progress.add_task(f"{verb}: {what}")
            progress.update(tasks[what], completed=done, total=max(1, total))

        yield tell


def _as_told(found: Rebuilt) -> dict[str, object]:
    return {
        "edition": found.edition.manifest.edition,
        "manifest": found.edition.sha256,
        "equal": found.equal,
        "files": found.files,
        "differences": list(found.differences),
        "changes": [
            {"kind": one.kind, "path": one.path, "title": one.title} for one in found.changes
        ],
    }


def _say(found: Rebuilt) -> None:
    number = found.edition.manifest.edition
    _list([f"{one.kind}: {one.path} {one.title}".rstrip() for one in found.changes])
    if found.equal:
        out.print(
            f"EQUAL: edition {number}, {found.files} files, to the last byte. Above is what "
            "differs from the edition before it.",
            markup=False,
            style="bold",
        )
        return
    err.print(f"NOT EQUAL: edition {number}: do not sign it.", markup=False, style="bold red")
    _list(found.differences)


def _list(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        out.print(f"  {line}", markup=False)
    if len(lines) > SHOWN:
        out.print(f"  and {len(lines) - SHOWN} more (--json)", markup=False)
