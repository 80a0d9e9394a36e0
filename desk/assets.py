"""An asset: our own style and scripts, each at an address that changes with its bytes."""

from dataclasses import dataclass
from importlib.resources import files

from tamizdat.digest import digest

SCRIPT_LIMIT = 10_000
"""Each script module stays below so many bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that pages ask for. `path` is its address here; a browser may keep it for ever."""

    path: str
    body: bytes
    media_type: str


def _asset(name: str, media_type: str) -> Asset:
    body = files("desk").joinpath("assets", name).read_bytes()
    return Asset(path=f"/assets/{digest(body)[:16]}/{name}", body=body, media_type=media_type)


STYLE = _asset("desk.css", "text/css")
SCRIPT = _asset("desk.js", "text/javascript")
EDITOR = _asset("editor.js", "text/javascript")
"""Only where stories are written."""
