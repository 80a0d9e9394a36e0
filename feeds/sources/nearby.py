"""Nearby files: the ones below a folder that was given to us, and never one outside of it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from feeds.incoming import PictureSource
from feeds.pictures import MAX_BYTES
from tamizdat.errors import SourceError

MAX_FILES = 100_000
MAX_TEXT_FILE = 20 * 1024 * 1024
"""Bytes of one file of text, pictures within it included."""


def texts(root: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The files below `root` whose names end in one of `suffixes`, sorted by their path.

    Hidden files and folders and Word's locks are left out; no symbolic link is followed. Raises
    SourceError where `root` is no folder or holds over MAX_FILES of them.
    """
    if not root.is_dir():
        raise SourceError(f"{root.name!r} is no folder")
    found: list[Path] = []
    waiting = [root]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            if path.name.startswith((".", "~$")) or path.is_symlink():
                continue
            if path.is_dir():
                waiting.append(path)
            elif path.is_file() and path.suffix.lower() in suffixes:
                found.append(path)
            if len(found) > MAX_FILES:
                raise SourceError(f"folder holds over {MAX_FILES} texts: import it in parts")
    yield from sorted(found, key=lambda path: key(root, path))


def key(root: Path, path: Path) -> str:
    """What a file below `root` is known by: its path from there, the same on every computer."""
    return path.relative_to(root).as_posix()


def body(path: Path, most: int = MAX_TEXT_FILE) -> bytes:
    """The bytes of a file; SourceError where they are over `most` or cannot be read."""
    try:
        if path.stat().st_size > most:
            raise SourceError(f"is over {most // 1024**2} MB: shorten it")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})") from error


def pictures(root: Path, beside: Path) -> PictureSource:
    """The picture source of the file `beside`: what lies near it, as long as it is below `root`."""
    top = root.resolve()
    here = beside.resolve().parent

    def give(src: str) -> bytes | None:
        try:
            parts = urlsplit(src.strip())
            name = unquote(parts.path)
            if parts.scheme or parts.netloc or not name or name.startswith("/") or "\\" in name:
                return None
            path = (here / name).resolve(strict=True)
            inside = path.relative_to(top)
            hidden = any(part.startswith(".") for part in inside.parts)
            if hidden or not path.is_file() or path.stat().st_size > MAX_BYTES:
                return None
            return path.read_bytes()
        except (OSError, ValueError, RuntimeError):
            return None

    return give
