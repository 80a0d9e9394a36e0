"""Verbs for key ceremonies: key create, draft, rotate, show, sign, accept, revoke."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from service.backup.passphrase import passphrase
from service.clock import SystemClock
from service.console import DONE, REFUSED, as_json, out
from service.keys.distrusting import distrust
from service.keys.key_folder import Kind, load_draft, make_key, proven, sign_draft
from service.keys.published import published_roots, written
from service.keys.rooting import (
    ALL,
    Drafted,
    accept,
    draft,
    exchange_online,
    exchange_release,
    exchange_roots,
    read_text,
)
from service.verbs.context import Json, place
from service.verbs.newsroom import report, run_publish
from service.wiring import beside
from signing import ceremony, certificate
from signing.root_draft import Draft
from signing.words import spelled as in_words
from store.facts import SqlFacts
from store.lock import BusyError
from tamizdat import moment, paths
from tamizdat.errors import ConfigError
from tamizdat.wire import Root

DraftFile = Annotated[Path, typer.Argument(metavar="DRAFT", help="The file that is carried.")]
Secret = Annotated[
    Path | None,
    typer.Option(
        "--secret", metavar="FILE", help="A file with the passphrase in one line, else you type it."
    ),
]


def hang(group: typer.Typer) -> None:
    """Hang these verbs below `key`."""
    group.command("create", epilog="Example: tamizdat key create root anna --secret anna.words")(
        create
    )
    group.command("draft", epilog="Example: tamizdat -C paper key draft next.json")(draft_verb)
    group.command(
        "rotate",
        epilog="Example: tamizdat -C paper key rotate root next.json new.asc --out 8F3A...",
    )(rotate)
    group.command("show", epilog="Example: tamizdat key show next.json")(show)
    group.command("sign", epilog="Example: tamizdat key sign next.json --with anna")(sign)
    group.command(
        "accept", epilog="Example: tamizdat -C paper key accept next.json next.json.*.asc"
    )(accept_verb)
    group.command("revoke", epilog="Example: tamizdat -C paper key revoke release 8F3A...")(revoke)


def create(
    kind: Annotated[Kind, typer.Argument(metavar="root|release", help="What it is for.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, for this key.")],
    *,
    secret: Secret = None,
    json: Json = False,
) -> None:
    """Make a root or release key, on a machine without network. It needs no newsroom.

    Timestamp and mirrors keys are made where they are used: key rotate.
    """
    made = asyncio.run(make_key(kind, folder, _secret(secret, new=True)()))
    files = [str(one) for one in made.files]
    if json:
        as_json({"role": kind, "fingerprint": made.fingerprint, "files": files})
        return
    out.print(f"A {kind} key lies in {folder}:\n  {made.fingerprint}", markup=False)
    out.print(f"Carry to the newsroom, and nothing else: {', '.join(files)}", markup=False)


def draft_verb(context: typer.Context, file: DraftFile, *, json: Json = False) -> None:
    """Draft the next root with the same keys, so that it holds for another year."""
    _tell(asyncio.run(draft(place(context).folder, file)), json=json)


def rotate(
    context: typer.Context,
    role: Annotated[
        Literal["root", "release", "timestamp", "mirrors"],
        typer.Argument(metavar="root|release|timestamp|mirrors"),
    ],
    file: DraftFile,
    keys: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[KEY]...",
            help="Certificates of keys that come; of a release key that signs here, online.asc.",
        ),
    ] = None,
    *,
    gone: Annotated[
        list[str] | None,
        typer.Option(
            "--out",
            metavar="KEY",
            help="A root or release key that goes, by fingerprint or certificate; `all` for those "
            "of now.",
        ),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(help="How many of these keys must sign from then on.")
    ] = None,
    secret: Secret = None,
    json: Json = False,
) -> None:
    """Draft a root with other keys in one role, or add that to a draft that nobody signed yet.

    The old keys stay in force until the root is accepted. Release keys take the place of all that
    are there; with --out or --threshold the others stay, so that several people must sign.
    """
    change = _exchange(place(context).folder, role, file, keys or [], gone or [], threshold, secret)
    _tell(asyncio.run(change), json=json)


def _exchange(
    where: Path,
    role: Literal["root", "release", "timestamp", "mirrors"],
    file: Path,
    given: Sequence[Path],
    gone: Sequence[str],
    threshold: int | None,
    secret: Path | None,
) -> Coroutine[None, None, Drafted]:
    """The change that the command line tells; ConfigError where the role knows no such one."""
    if role not in {"root", "release"} and (gone or threshold):
        raise ConfigError("--out and --threshold are for role root or release: others have 1 key")
    out_of_force = [_fingerprint(one)[-1 if role == "release" else 0] for one in gone]
    if role == "root":
        return exchange_roots(where, file, given, out_of_force, threshold)
    if role == "release":
        if not (given or out_of_force or threshold):
            raise ConfigError("a release key is made offline (key create): name its online.asc")
        return exchange_release(where, file, given, _secret(secret), out_of_force, threshold)
    if given:
        raise ConfigError(f"a key of role {role} is made here: name no file but the draft")
    return exchange_online(where, file, role)


def show(
    file: DraftFile,
    *,
    body: Annotated[
        Path | None,
        typer.Option(
            "--body", metavar="FILE", help="Write the bytes to sign here, for gpg with a card."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Say what a draft would change. It needs no newsroom."""
    found, before = asyncio.run(_loaded(file))
    if body:
        written(body, found.body, mode=0o644)
    if json:
        as_json(_as_told(found, before, found.root))
    else:
        _say(found, before)


def sign(
    file: DraftFile,
    folder: Annotated[
        Path, typer.Option("--with", metavar="FOLDER", help="The folder of a root key.")
    ],
    *,
    secret: Secret = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Sign a draft with a root key, on a machine without network. It needs no newsroom.

    It says first what the draft changes, and asks. The signature is a file beside the draft.
    """
    found, before = asyncio.run(_loaded(file))
    ceremony.demand_sound(before, found.root)
    if not json:
        _say(found, before)
    if not yes:
        typer.confirm("Are these the keys that you compared?", abort=True, err=True)
    asked = _secret(secret) if secret or (folder / "certificate.asc").exists() else str
    signed = asyncio.run(sign_draft(found, before, file, folder, asked))
    if json:
        as_json([{"fingerprint": one.fingerprint, "file": str(one.file)} for one in signed])
        return
    for one in signed:
        out.print(f"Signed. Carry to the newsroom: {one.file}", markup=False)


def accept_verb(
    context: typer.Context,
    file: DraftFile,
    signatures: Annotated[list[Path], typer.Argument(metavar="SIGNATURE...")],
    *,
    json: Json = False,
) -> None:
    """Take a signed root into force, where every reader would follow it. Then publish.

    From then on the keys that it leaves out are not used any more.
    """
    where = place(context).folder
    root = asyncio.run(accept(where, file, signatures))
    if json:
        as_json({"version": root.version, "expires": moment.spelled(root.expires)})
        return
    out.print(f"Root {root.version} is in force until {moment.spelled(root.expires)}.")
    out.print(f"Next: tamizdat -C {where} publish", markup=False)


def revoke(
    context: typer.Context,
    role: Annotated[Literal["release"], typer.Argument(metavar="release")],
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Its fingerprint, or the file of its certificate.")
    ],
    *,
    json: Json = False,
) -> None:
    """Distrust a release key for ever, and publish that at once (or let the service do it).

    Until a new root names another key, no edition can be made. Other roles: key rotate.
    """
    where, fingerprint = place(context).folder, _fingerprint(key)[-1]
    asyncio.run(_distrust(where, fingerprint))
    try:
        _, published = asyncio.run(run_publish(where, quiet=json))
    except BusyError:
        if json:
            as_json({"distrusted": fingerprint, "edition": None})
        else:
            out.print(f"The {role} key is distrusted. The running service publishes that now.")
        raise typer.Exit(DONE) from None
    report(published, json=json)
    raise typer.Exit(REFUSED if published.refusals else DONE)


async def _distrust(folder: Path, fingerprint: str) -> None:
    async with beside(folder) as (config, ledger):
        found = published_roots(folder / config.signing.keys)
        roots = [Root.parse(one.body, paths.root(n)) for n, one in enumerate(found, 1)]
        await distrust(SqlFacts(ledger), roots, fingerprint)


def _fingerprint(given: str) -> Sequence[str]:
    """The fingerprint that was given, or those of a certificate, its primary first."""
    if "." not in given and "/" not in given:
        return [given if given == ALL else given.upper()]
    return list(certificate.armored_keys(read_text(Path(given)), given))


async def _loaded(file: Path) -> tuple[Draft, Root]:
    found = await load_draft(file)
    return found, await proven(found, SystemClock().now())


def _secret(file: Path | None, *, new: bool = False) -> Callable[[], str]:
    """How to learn the passphrase: from a file, or from the person who sits there."""
    if file is not None:
        return lambda: passphrase(file)
    return lambda: str(
        typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    )


def _tell(drafted: Drafted, *, json: bool) -> None:
    if json:
        as_json({"draft": str(drafted.file), **_changes(drafted.before, drafted.root)})
        return
    _print(ceremony.told(drafted.before, drafted.root))
    out.print(f"Carry {drafted.file} to the root keys: key sign", markup=False)


def _say(found: Draft, before: Root) -> None:
    out.print("The newsroom with this root id (compare it with your paper):")
    out.print(f"  {found.roots[0].sha256}\n  {in_words(found.roots[0].sha256)}", markup=False)
    _print(ceremony.told(before, found.root))


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        out.print(line, markup=False)


def _as_told(found: Draft, before: Root, root: Root) -> dict[str, object]:
    return {"root": found.roots[0].sha256, **_changes(before, root)}


def _changes(before: Root, root: Root) -> dict[str, object]:
    return {
        "version": root.version,
        "issued": moment.spelled(root.issued),
        "expires": moment.spelled(root.expires),
        "roles": {
            one.role: {
                "threshold": one.threshold,
                "before": one.before,
                "comes": list(one.comes),
                "stays": list(one.stays),
                "goes": list(one.goes),
            }
            for one in ceremony.changes(before, root)
        },
    }
