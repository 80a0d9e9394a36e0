"""Targets: what takes a stranger's bytes first, each with sound bytes to begin from.

What is bent is tried as it is, and signed anew: only so does it come past the signature. Bytes that
are taken unsigned must be the sound ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from signing import archive, armor, gate
from signing.state import State
from signing.trust import Trust
from tamizdat.edition import Signature
from tests.kit.gifts.fuzzing import Target
from tests.kit.gifts.mint import Mint, sealed_by
from tests.unit.signing.test_trust import NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A target, and the bytes to begin from."""

    target: Target
    seeds: tuple[bytes, ...]


def aims(mint: Mint) -> Mapping[str, Aim]:
    """Manifest, pointer, here, a list of withdrawals, a root, OpenPGP, and files passed by hand."""
    return {**_texts(mint), **_signatures(mint), **_files(mint)}


def _texts(mint: Mint) -> Mapping[str, Aim]:
    """Bytes that are signed by the key they need."""
    room = mint.room
    trust = Trust.begin(room.root_id, room.roots[0], NOW)
    fresh = State(root_id=room.root_id)
    made = room.published[2]

    def manifest(body: bytes) -> None:
        trust.manifest(sealed_by(room, body, "release"), 3, None)

    def pointer(body: bytes) -> None:
        trust.pointer(sealed_by(room, body, "timestamp"), fresh)

    def here(body: bytes) -> None:
        trust.here(sealed_by(room, body, "mirrors"))

    def withdrawn(body: bytes) -> None:
        trust.withdrawn(sealed_by(room, body, "denial"), None, fresh)

    def root(body: bytes) -> None:
        trust.next_root(sealed_by(room, body, "root-a", "root-b"))

    return {
        "manifest": Aim(target=manifest, seeds=(made.edition.sealed.body,)),
        "pointer": Aim(target=pointer, seeds=(made.pointer.sealed.body,)),
        "here": Aim(target=here, seeds=(made.here.body,)),
        "withdrawn": Aim(target=withdrawn, seeds=(made.withdrawn.body,)),
        "root": Aim(target=root, seeds=(room.root_body(version=2).encode(),)),
    }


def _signatures(mint: Mint) -> Mapping[str, Aim]:
    """A signature as text, and as the octets in it."""
    room = mint.room
    trust = Trust.begin(room.root_id, room.roots[0], NOW)
    whole = room.published[2].edition.sealed
    armored = whole.signatures[0].armor.encode()

    def openpgp(body: bytes) -> None:
        text = armor.text(body, "x")
        gate.normalise(text, "x")
        parsed = gate.parse(text, "x")
        signature = Signature(fingerprint=parsed.fingerprint, armor=text)
        trust.manifest(replace(whole, signatures=(signature,)), 3, None)
        assert body == armored, "another signature was taken"

    def packet(body: bytes) -> None:
        openpgp(armor.encode(body[:600]).encode())

    return {
        "armor": Aim(target=openpgp, seeds=(armored,)),
        "packet": Aim(target=packet, seeds=(armor.decode(armored.decode(), "x"),)),
    }


def _files(mint: Mint) -> Mapping[str, Aim]:
    """A file with its trailer, and an archive that is signed whatever it holds."""

    def by_hand(body: bytes) -> None:
        archive.open_file(body, mint.root_id, NOW, None, "copy")
        assert body in {mint.page, mint.archive}, "another file was taken"

    def archived(body: bytes) -> None:
        if body.startswith(b"PK\3\4") and body[-22:-18] == b"PK\5\6":
            handed = archive.open_file(mint.signed_zip(body), mint.root_id, NOW, None, "copy")
            for _ in archive.members(handed, "copy"):
                pass

    plain = mint.archive[: mint.archive.rindex(b"tamizdat-1:")]
    return {
        "by hand": Aim(target=by_hand, seeds=(mint.page, mint.archive)),
        "zip": Aim(target=archived, seeds=(plain[:-2] + bytes(2),)),
    }
