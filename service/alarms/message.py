"""A message: what an alarm tells operators of key thefts. Pure.

It may pass through strangers' hands: no key but public fingerprints, no text, and no mirror that is
not public, unless the config says so.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tamizdat.moment import spelled
from tamizdat.theft import Theft

TODO = (
    "Read docs/operating.md, 'When an edition appears that you did not make'. In short: "
    "`tamizdat alarm list`, look whether you or a second copy of the newsroom made it; if not, "
    "`tamizdat key revoke release FINGERPRINT` at once, then docs/ceremony.md, section 6."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One alarm. `open` are thefts that nobody has closed; `told` tells the newest of them.

    `word` is a code word that stands for all there is to say.
    """

    newsroom: str
    at: datetime
    open: int
    told: tuple[Mapping[str, object], ...]
    test: bool = False
    word: str = ""

    @property
    def subject(self) -> str:
        """A line."""
        what = self.word or ("alarm test" if self.test else "key theft")
        return f"{self.newsroom}: {what}"

    @property
    def text(self) -> str:
        """For people, in plain text."""
        if self.word:
            return f"{self.word}\n"
        if self.test:
            return "This is a test. Alarms of this newsroom reach you. Nothing is wrong.\n"
        lines = [
            (
                "Signed files appeared that this newsroom did not make: a key of ours is in other "
                "hands, or a second copy of the newsroom publishes."
            ),
            "",
        ]
        lines += [_sentence(one) for one in self.told]
        if self.open > len(self.told):
            lines.append(f"... and {self.open - len(self.told)} more.")
        return "\n".join([*lines, "", TODO, ""])

    @property
    def json(self) -> bytes:
        """For programs, one line."""
        if self.word:
            word = {"alarm": "word", "newsroom": self.newsroom, "word": self.word}
            return json.dumps(word, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        told = {
            "alarm": "test" if self.test else "key theft",
            "newsroom": self.newsroom,
            "at": spelled(self.at),
            "open": self.open,
            "thefts": list(self.told),
            "do": "" if self.test else TODO,
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def message(
    newsroom: str, thefts: Sequence[Theft], count: int, named: Collection[str], now: datetime
) -> Message:
    """The alarm over these, of `count` open thefts; `named` are the mirrors that may be named."""
    told = tuple(_told(one, named) for one in thefts)
    return Message(newsroom=newsroom, at=now, open=count, told=told)


def trial(newsroom: str, now: datetime) -> Message:
    """An alarm that only tries the ways."""
    return Message(newsroom=newsroom, at=now, open=0, told=(), test=True)


def _told(one: Theft, named: Collection[str]) -> Mapping[str, object]:
    places = {spot.mirror for spot in one.spots}
    return {
        "number": one.number,
        "file": one.path,
        "version": one.version,
        "fork": one.ours is not None,
        "sha256": one.sealed.sha256,
        "keys": list(one.keys),
        "since": spelled(one.opened),
        "mirrors": sorted(places.intersection(named)),
        "other_places": len(places.difference(named)),
    }


def _sentence(one: Mapping[str, object]) -> str:
    mirrors, others = one["mirrors"], one["other_places"]
    places = [*mirrors] if isinstance(mirrors, list) else []
    places += [f"{others} not named here"] if others else []
    fork = ", a number that we gave to other bytes" if one["fork"] else ""
    keys = one["keys"]
    signers = ", ".join(keys) if isinstance(keys, list) else ""
    return (
        f"{one['number']}. {one['file']}{fork}. Seen on {', '.join(places)} since {one['since']}.\n"
        f"   signed by {signers}\n   SHA-256 {one['sha256']}"
    )
