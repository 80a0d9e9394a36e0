"""Quick: `verify` for readers on old machines, without all that takes long to load.

Typer loads pydantic to read one word. So the plain way to ask is read here, and whatever is said
in another way, for a newsroom, or wrongly, goes to Typer: help and errors are written there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tamizdat.digest import is_digest

CONFIG = "tamizdat.toml"
"""Where it lies, the newsroom's own ledger has a say in what is found."""

_TOLD = frozenset({"--root", "--state"})
_SWITCHES = frozenset({"--require-fresh", "--json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether the copy at `copy` is of the newsroom with this root id."""

    copy: str
    root: str
    state: Path | None
    require_fresh: bool
    json: bool


def question(arguments: Sequence[str]) -> Question | None:
    """What plain words ask; None for what Typer shall read."""
    if arguments[:1] != ["verify"] or Path(CONFIG).exists():
        return None
    copies: list[str] = []
    told: dict[str, str] = {}
    words = iter(arguments[1:])
    for word in words:
        name, equals, value = word.partition("=")
        if name in told:
            return None
        if word in _SWITCHES:
            told[word] = word
        elif name in _TOLD:
            told[name] = value if equals else next(words, "")
        else:
            copies.append(word)
    root = told.get("--root", "").strip().lower()
    plain = all(one and not one.startswith("-") for one in (*copies, told.get("--state", "x")))
    if len(copies) != 1 or not plain or not is_digest(root):
        return None
    return Question(
        copy=copies[0],
        root=root,
        state=Path(told["--state"]) if "--state" in told else None,
        require_fresh="--require-fresh" in told,
        json="--json" in told,
    )
