"""A lectern: the signed files of one copy, as far as they were read."""

import re
from collections.abc import Iterable, Mapping, Sequence

from signing import armor, gate
from signing.sources import Source
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError

MAX_BESIDE = 64
"""How many signatures may lie beside one file (formats 2.1)."""

MAX_MANIFESTS = 640
"""How many manifests may lie in a copy: twice those that are kept, and a few (formats 4.5)."""

MANIFEST = re.compile(r"e/([1-9][0-9]{0,15})/manifest\.json")
_BESIDE = re.compile(r"(.+\.json)\.([0-9A-F]{40}|[0-9a-f]{16})\.asc")


def passing_sealed(body: bytes, signature: bytes, name: str) -> Sealed:
    """A file that changes, with the signature at `name` by the key that it names."""
    text = armor.text(signature, name)
    fingerprint = gate.parse(text, name).fingerprint
    made = Signature(fingerprint=fingerprint, armor=text)
    return Sealed(body=body, sha256=digest(body), signatures=(made,))


class Lectern:
    """What was read of one copy so far."""

    def __init__(self, source: Source, listing: frozenset[str] | None) -> None:
        self.listing = listing
        self.files: dict[str, bytes] = {}
        self._source = source
        self._beside: dict[str, list[str]] = {}
        for path in sorted(one for one in listing or () if one.endswith(".asc")):
            found = _BESIDE.fullmatch(path)
            if found:
                self._beside.setdefault(found[1], []).append(path)
        self._refuse_crowds()

    def beside(self, path: str) -> Sequence[str]:
        """The names of all signatures that lie beside `path`, as far as it can be told."""
        return self._beside.get(path, ())

    def signed(self) -> Iterable[str]:
        """The files that signatures lie beside."""
        return self._beside

    def highest(self) -> int:
        """The highest edition whose manifest lies there, in a copy without a pointer."""
        numbers = self.numbers()
        if not numbers:
            raise FormatError("4.4", "latest.json", "is missing, and no edition lies there")
        return max(numbers)

    def numbers(self) -> set[int]:
        """The editions whose manifests can be seen."""
        found = (MANIFEST.fullmatch(path) for path in {*(self.listing or ()), *self.files})
        return {int(match[1]) for match in found if match}

    async def take(self, wanted: Mapping[str, int]) -> None:
        """Read those of the paths that lie there."""
        if self.listing is not None:
            wanted = {path: limit for path, limit in wanted.items() if path in self.listing}
        self.files.update(await self._source.fetch(wanted))

    async def take_signatures(self, files: Sequence[str], keys: Iterable[str]) -> None:
        """Read the signatures beside `files`; where they cannot be seen, those by `keys`."""
        if self.listing is None:
            guesses = list(keys)
            names = [paths.lasting_signature(path, key) for path in files for key in guesses]
        else:
            names = [name for path in files for name in self.beside(path)]
        await self.take(dict.fromkeys(names, armor.MAX_ARMOR))

    def text(self, name: str) -> str:
        """The signature at `name`, which the listing named."""
        if name not in self.files:
            raise FormatError("4.6", name, "went away while it was to be read")
        return armor.text(self.files[name], name)

    async def passing(self, path: str, limit: int) -> Sealed | None:
        """A file that changes, with its signature (formats 2.2); None where neither lies there."""
        await self.take({path: limit})
        body = self.files.get(path)
        if body is None:
            if self.beside(path):
                raise FormatError("2.2", path, "is missing, but a signature of it lies there")
            return None
        name = paths.passing_signature(path, digest(body))
        await self.take({name: armor.MAX_ARMOR})
        if name not in self.files:
            raise FormatError("2.2", path, "has no signature beside it")
        return passing_sealed(body, self.files[name], name)

    def lasting(self, path: str, body: bytes) -> Sealed:
        """A file that never changes, with the signatures that were read (formats 2.1)."""
        made = [
            Signature(fingerprint=name[-44:-4], armor=self.text(name)) for name in self._names(path)
        ]
        return Sealed(body=body, sha256=digest(body), signatures=tuple(made))

    def _refuse_crowds(self) -> None:
        """All that is signed is held in memory: so many files that none of ours needs are not."""
        for path, names in self._beside.items():
            if len(names) > MAX_BESIDE:
                raise FormatError("2.1", path, f"has over {MAX_BESIDE} signatures beside it")
        if len(self.numbers()) > MAX_MANIFESTS:
            raise FormatError("4.5", "e/", f"holds over {MAX_MANIFESTS} manifests")

    def _names(self, path: str) -> Sequence[str]:
        if self.listing is not None:
            return self.beside(path)
        start = path + "."
        return sorted(name for name in self.files if name.startswith(start))
