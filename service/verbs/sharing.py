"""Verbs for passphrases of keys: key passphrase, key shares, key join."""

import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from service.backup.passphrase import passphrase
from service.console import as_json, out
from service.keys.published import written
from service.verbs.context import Json
from signing import shares, words
from tamizdat.errors import ConfigError

WORDS = 8
"""Words of a passphrase that we make: 128 bits."""

MAX_SHARE = 16 * 1024
_BEGIN, _END = "-----BEGIN SHARE-----", "-----END SHARE-----"
_PAGE = """\
Share {number} of {count}. Any {needed} of them give the passphrase again; fewer tell nothing.
It belongs to: {title}
Print it, put it into an envelope, and delete this file. Type it in again as it stands here,
from the line BEGIN to the line END, and then: tamizdat key join A B --to FILE

{begin}
{lines}
{end}
"""
_A_LINE = 6


def hang(group: typer.Typer) -> None:
    """Hang these verbs below `key`."""
    group.command("passphrase", epilog="Example: tamizdat key passphrase anna.words")(make)
    group.command("shares", epilog="Example: tamizdat key shares anna.words pages --of 2/3")(split)
    group.command("join", epilog="Example: tamizdat key join page-1.txt page-3.txt --to words")(
        join
    )


def make(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for its owner only.")],
    *,
    json: Json = False,
) -> None:
    """Make a passphrase of eight random words. Learn it or write it on paper, then delete it."""
    _new(file, words.written(secrets.token_bytes(2 * WORDS)).encode() + b"\n")
    if json:
        as_json({"file": str(file), "words": WORDS})
    else:
        out.print(f"{file}: {WORDS} random words, for `--secret`.", markup=False)


def split(
    secret: Annotated[Path, typer.Argument(metavar="SECRET", help="The passphrase's file.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the pages go.")],
    *,
    of: Annotated[str, typer.Option("--of", help="How many are enough, of how many.")] = "2/3",
    title: Annotated[str, typer.Option(help="What stands on each page.")] = "a key of ours",
    json: Json = False,
) -> None:
    """Split a key's passphrase into pages to print, some of which give it again (Shamir).

    A page alone tells nothing. The key itself is still needed: keep its folder twice.
    """
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})", of)
    if not found:
        raise ConfigError(f"--of {of[:20]!r}: write 2/3 or 3/5")
    made = shares.split(passphrase(secret), int(found[1]), int(found[2]))
    files = [folder / f"share-{one.number}.txt" for one in made]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file, one in zip(files, made, strict=True):
        spelled = one.words.split()
        rows = [spelled[at : at + _A_LINE] for at in range(0, len(spelled), _A_LINE)]
        page = _PAGE.format(
            number=one.number,
            count=len(made),
            needed=one.needed,
            title=title,
            begin=_BEGIN,
            lines="\n".join(" ".join(row) for row in rows),
            end=_END,
        )
        _new(file, page.encode())
    if json:
        as_json({"needed": made[0].needed, "files": [str(file) for file in files]})
    else:
        out.print(f"{len(made)} pages, {made[0].needed} are enough: {folder}", markup=False)


def join(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGE...", help="Files with a share.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file.")],
    *,
    json: Json = False,
) -> None:
    """Put pages together again, into a file with the passphrase."""
    found = shares.joined([shares.share(_read(page)) for page in pages])
    _new(to, found.encode() + b"\n")
    if json:
        as_json({"file": str(to)})
    else:
        out.print(f"{to}: the passphrase again, for `--secret`.", markup=False)


def _read(page: Path) -> str:
    try:
        with page.open("rb") as file:
            text = file.read(MAX_SHARE).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{page}: no share can be read there") from None
    _, begin, rest = text.partition(_BEGIN)
    return rest.partition(_END)[0] if begin else text


def _new(file: Path, body: bytes) -> None:
    if file.exists():
        raise ConfigError(f"{file}: is there already: name a new file")
    written(file, body)
