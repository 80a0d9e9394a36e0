"""The command line: noun verb, the same words as the code. Exit 0 done, 1 refused, 2 usage."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from service.console import DONE, USAGE, complain, out, refused, stopped
from service.verbs.context import Place
from tamizdat.errors import TamizdatError

EPILOG = (
    "Begin: tamizdat init paper && tamizdat -C paper import folder texts --release "
    "&& tamizdat -C paper publish"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """Where a verb (or a noun with verbs) lives, and what it is for."""

    home: str
    summary: str


VERBS = {
    "init": Verb(home="newsroom", summary="Make a ready newsroom with test keys and mirrors."),
    "import": Verb(home="imports", summary="Bring articles in."),
    "draft": Verb(home="articles", summary="Working texts, before release."),
    "article": Verb(home="articles", summary="Released articles: list, correct, withdraw."),
    "withdrawn": Verb(home="withdrawals", summary="Whether anything withdrawn still stands."),
    "watch": Verb(home="watch", summary="Names that must not go out unseen."),
    "author": Verb(home="authors", summary="Bylines: rename or remove a name everywhere."),
    "publish": Verb(home="newsroom", summary="Compose, seal, push to every mirror, read back."),
    "serve": Verb(home="serving", summary="Do it all on its own; host the desk and the board."),
    "worker": Verb(home="working", summary="Push beside others, for a `serve` that hands out."),
    "desk": Verb(home="serving", summary="The desk: who may sign in there."),
    "audit": Verb(home="auditing", summary="What people did, and whether the log is whole."),
    "mirror": Verb(home="mirrors", summary="Mirrors: places where editions lie."),
    "gateway": Verb(home="gateways", summary="Gateways: send letters, see what arrived."),
    "responder": Verb(home="responder", summary="Readers who ask by mail: answer them; keys."),
    "alarm": Verb(home="alarms", summary="What our keys signed and we did not make."),
    "key": Verb(home="keys", summary="Keys: who may sign what."),
    "backup": Verb(home="backups", summary="The whole newsroom into one encrypted file."),
    "restore": Verb(home="backups", summary="A newsroom out of a backup, into a new folder."),
    "review": Verb(home="countersigning", summary="An edition that waits, for others to sign."),
    "rebuild": Verb(home="countersigning", summary="Make an edition once more, and compare it."),
    "verify": Verb(home="reading", summary="Check a copy to the last byte."),
    "read": Verb(home="reading", summary="Take the newest authentic edition into a folder."),
    "ways": Verb(home="ways", summary="Mirrors by tokens: `ways TOKEN` finds yours."),
    "simulate": Verb(home="simulating", summary="Try a hand-out on an invented censor."),
    "drill": Verb(home="drills", summary="Lose a provider, account or key, on a copy."),
    "reach": Verb(home="reach", summary="Who can still read us, and at which step it fails."),
}


def program(arguments: Sequence[str]) -> typer.Typer:
    """The program with the one verb that `arguments` name; with all their names where none is.

    Only that verb's home is imported: loading everything takes seconds, and `verify` is for
    readers on old machines.
    """
    app = typer.Typer(
        name="tamizdat",
        help="Signed editions of independent news, on mirrors that come and go.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        epilog=EPILOG,
    )
    app.callback()(_place)
    wanted = next((word for word in _words(arguments) if word in VERBS), None)
    if wanted:
        import_module(f"service.verbs.{VERBS[wanted].home}").add(app)
    else:
        for name, verb in VERBS.items():
            app.command(name, help=verb.summary)(_named)
    return app


def _words(arguments: Sequence[str]) -> Sequence[str]:
    """The first word that is neither an option nor the folder of -C."""
    words = list(arguments)
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] == "-C" else words[1:]
    return words[:1]


def _named() -> None:
    """Stands for a verb in the list of all."""


def _place(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option("-C", metavar="DIR", help="The newsroom's folder (default: here).")
    ] = Path(),
) -> None:
    context.obj = Place(folder=folder, named=folder != Path())


def run(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit code."""
    try:
        code = program(arguments)(list(arguments), prog_name="tamizdat", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except typer.TyperException as error:
        text = str(error)
        if text.startswith("Usage:"):
            out.print(text, markup=False)
            return USAGE
        return complain(f"{text} (--help shows what there is)", USAGE)
    except (TamizdatError, ExceptionGroup) as error:
        return refused(error)
    except (KeyboardInterrupt, typer.Abort):
        return stopped()
    return code if isinstance(code, int) else DONE
