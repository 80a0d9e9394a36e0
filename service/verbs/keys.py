"""Verbs for keys: key list, key export, and by their own files those of ceremonies and sharing."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from service.clock import SystemClock
from service.config import load
from service.console import as_json, err, out, table
from service.keys.published import born_here, certificates, holds_root_secrets, published_roots
from service.verbs import ceremonies, countersigning, sharing
from service.verbs.context import Json, place
from signing import words
from signing.browser_page import page
from tamizdat import paths
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled
from tamizdat.wire import Root

SOON = timedelta(days=60)
"""How long before its end a root is warned of: people with sticks must meet."""


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Keys: who may sign what.", no_args_is_help=True)
    group.command("list", epilog="Example: tamizdat -C paper key list")(list_keys)
    group.command("export", epilog="Example: tamizdat -C paper key export | gpg --import")(export)
    group.command("verifier", epilog="Example: tamizdat -C paper key verifier verify.html")(
        verifier
    )
    ceremonies.hang(group)
    countersigning.hang(group)
    sharing.hang(group)
    app.add_typer(group, name="key")


def list_keys(context: typer.Context, *, json: Json = False) -> None:
    """The keys that the newest root names, by role."""
    where = place(context)
    folder = where.folder / load(where.folder).signing.keys
    roots = published_roots(folder)
    born, lying = born_here(roots), holds_root_secrets(folder)
    root = Root.parse(roots[-1].body, paths.root(len(roots)))
    roles = {
        name: {"threshold": role.threshold, "keys": list(role.keys)}
        for name, role in sorted(root.roles.items())
    }
    if json:
        as_json(
            {
                "root": roots[0].sha256,
                "version": root.version,
                "expires": spelled(root.expires),
                "roles": roles,
                "test_keys": list(born),
                "root_secrets_here": lying,
            }
        )
        return
    rows = [
        [n, f"{r.threshold} of {len(r.keys)}", "\n".join(r.keys)] for n, r in root.roles.items()
    ]
    title = f"Root {root.version}, until {spelled(root.expires)}"
    table(title, ["role", "threshold", "fingerprints"], rows)
    if born:
        err.print(
            f"TEST KEYS ARE IN FORCE ({' and '.join(born)}): they were born on this machine. "
            "Whoever takes it is the newsroom. Do the ceremony: docs/ceremony.md",
            style="bold red",
        )
    if root.expires < SystemClock().now() + SOON:
        err.print(
            f"ROOT {root.version} ENDS ON {spelled(root.expires)}: then readers are told that "
            "all may be old. Make the next one: docs/ceremony.md, 5",
            markup=False,
            style="bold red",
        )
    if lying and "root" not in born:
        err.print(
            f"{folder / 'root'} still holds root keys of root 1: with them anyone can lead readers "
            "astray who know only root 1. Delete it.",
            markup=False,
            style="bold red",
        )


def verifier(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it, such as verify.html.")],
    *,
    json: Json = False,
) -> None:
    """Write the page with which any browser checks a file passed by hand, without a network.

    It bears this newsroom's root id, also in words to compare by voice or on paper.
    """
    where = place(context)
    config = load(where.folder)
    root = published_roots(where.folder / config.signing.keys)[0].sha256
    body = page(root, config.newsroom.name, config.newsroom.languages[0])
    try:
        file.write_bytes(body)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written ({error.strerror})") from error
    if json:
        as_json({"file": str(file), "bytes": len(body), "root": root, "words": words.spelled(root)})
    else:
        out.print(f"{file}: {len(body)} bytes, for the root {words.spelled(root)}", markup=False)


def export(
    context: typer.Context,
    *,
    _json: Annotated[bool, typer.Option("--json", help="Answer with one line of JSON.")] = False,
) -> None:
    """Print the public certificates, armored, for `gpg --import`."""
    where = place(context)
    text = certificates(where.folder / load(where.folder).signing.keys)
    if _json:
        as_json({"certificates": text})
    else:
        out.file.write(text)
