"""Peers: the tools that a user would take instead, where they are installed."""

import shutil
from pathlib import Path

HOUSE = Path(__file__).parents[3]
BROUGHT = HOUSE / ".venv-peers"
"""`make bench-peers` fills it; nothing of the product needs it."""

_INSIDE = {
    "hugo": ("sites/lib/python3*/site-packages/hugo/binaries/hugo*",),
    "pelican": ("sites/bin/pelican",),
    "rclone": ("clouds/bin/rclone",),
    "s5cmd": (
        "clouds/lib/python3*/site-packages/s5cmd/bin/s5cmd*",
        "clouds/bin/s5cmd",
    ),
    "aws": ("clouds/bin/aws",),
}
_SYSTEM = {
    "gpg": "gnupg",
    "sha256sum": "coreutils",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "nginx": "nginx-light",
}


def find(name: str) -> str | None:
    """The program `name`: what `make bench-peers` brought, else the system's."""
    for pattern in _INSIDE.get(name, ()):
        found = sorted(BROUGHT.glob(pattern))
        if found:
            return str(found[0])
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


class Cast:
    """Who takes part, and who was wanted and is not here."""

    def __init__(self) -> None:
        self.absent: dict[str, str] = {}

    def program(self, name: str) -> str | None:
        """The program's path; where it is not here, that is noted for the end."""
        found = find(name)
        if found is None:
            self.absent[name] = _SYSTEM.get(name, name)
        return found
