"""The gate for slips of letters: signed by the threshold of role release, for our channel."""

from dataclasses import dataclass, replace

from signing import gate
from tamizdat.errors import FormatError
from tamizdat.letter import LetterSlip, SealedSlip
from tamizdat.ports import SlipGate
from tamizdat.wire import Root, Withdrawn

WHERE = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootGate:
    """Admits what the release keys of `root` signed; `withdrawn` may distrust some of them."""

    root: Root
    withdrawn: Withdrawn | None = None

    def admit(self, slip: SealedSlip) -> None:
        """Nothing where it is signed as formats 8.5 demands; FormatError where it is not."""
        role = self.root.roles.get("release")
        if role is None:
            raise FormatError("8.5", WHERE, "cannot be checked: the root names no role release")
        signers: set[str] = set()
        for signature in slip.signatures:
            parsed = gate.parse(signature.armor, WHERE)
            if parsed.fingerprint != signature.fingerprint:
                raise FormatError("2.1", WHERE, f"is signed by {parsed.fingerprint}")
            if parsed.fingerprint not in role.keys:
                raise FormatError("2.10", WHERE, "is signed by no key of role release")
            gate.check(parsed, slip.body, self.root.keys[parsed.fingerprint], WHERE)
            signers.add(parsed.fingerprint)
        said = LetterSlip.parse(slip.body, WHERE)
        if said.channel != self.root.channel:
            raise FormatError("6.3", WHERE, "is of another channel")
        if not 1 <= said.root_version <= self.root.version:
            raise FormatError("6.3", WHERE, f"needs root {said.root_version}, which is not here")
        if self.withdrawn:
            signers -= self.withdrawn.distrusted(said.issued)
        if len(signers) < role.threshold:
            raise FormatError("2.10", WHERE, f"has {len(signers)} signatures of role release")


class NewestGate:
    """A gate that learns of withdrawals while a program runs."""

    def __init__(self, root: Root) -> None:
        self._gate = RootGate(root=root)

    def renew(self, withdrawn: Withdrawn | None) -> None:
        """From now on, distrust what `withdrawn` says."""
        self._gate = replace(self._gate, withdrawn=withdrawn)

    def admit(self, slip: SealedSlip) -> None:
        """Nothing where it is signed as formats 8.5 demands; FormatError where it is not."""
        self._gate.admit(slip)


_fixed: type[SlipGate] = RootGate
_newest: type[SlipGate] = NewestGate
