"""Verbs for keys: key list, key export."""

from typing import Annotated

import typer

from service.config import load
from service.console import as_json, out, table
from service.published import certificates, published_roots
from service.verbs.context import Json, place
from tamizdat import paths
from tamizdat.wire import Root


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Keys: who may sign what.", no_args_is_help=True)
    group.command("list", epilog="Example: tamizdat -C paper key list")(list_keys)
    group.command("export", epilog="Example: tamizdat -C paper key export | gpg --import")(export)
    app.add_typer(group, name="key")


def list_keys(context: typer.Context, *, json: Json = False) -> None:
    """The keys that the newest root names, by role."""
    where = place(context)
    roots = published_roots(where.folder / load(where.folder).signing.keys)
    root = Root.parse(roots[-1].body, paths.root(len(roots)))
    roles = {
        name: {"threshold": role.threshold, "keys": list(role.keys)}
        for name, role in sorted(root.roles.items())
    }
    if json:
        as_json({"root": roots[0].sha256, "version": root.version, "roles": roles})
        return
    rows = [
        [n, f"{r.threshold} of {len(r.keys)}", "\n".join(r.keys)] for n, r in root.roles.items()
    ]
    table(f"Root {root.version}", ["role", "threshold", "fingerprints"], rows)


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
