"""OpenPGP: the secret keys, kept by gpg. The only home of python-gnupg, and of its traps.

Never `sign_file(path)`: it closes its input after 10 ms and signs what it had read by then. Never
`.status`, `.valid` or an exit code: they call revoked keys good. So we sign bytes, and let our own
gate verify each signature before anyone else sees it.
"""

import asyncio
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

import gnupg

from signing import certificate, gate
from tamizdat.edition import Signature
from tamizdat.errors import FormatError, SigningError
from tamizdat.ports import Signer
from tamizdat.wire import Key

MAX_SIGNED = 1024 * 1024
"""Nothing larger is signed, in bytes: large files are hashed, and the list of hashes is signed."""

_AT_ONCE = 2
_ELSEWHERE = "#"
_PREFIX = "tz"
_TIMEOUT = 60.0
_WHERE = "the new signature"
_Result = TypeVar("_Result")

# python-gnupg logs the data that it moves.
logging.getLogger("gnupg").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key: `fingerprint` signs, `primary` names the certificate (often the same)."""

    fingerprint: str
    primary: str
    key: Key


class Keyring:
    """The keys in one gpg home. Use it in `async with`: leaving ends the gpg-agent it started.

    The home is reached through a short symbolic link, since the path of the agent's socket must
    fit into 107 octets.
    """

    def __init__(self, homedir: Path) -> None:
        self._homedir = homedir.absolute()
        self._link_folder: Path | None = None
        self._gpg: gnupg.GPG | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._opening = asyncio.Lock()
        self._known: dict[str, Key] = {}

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def create_key(
        self, name: str, *, subkey: bool, passphrase: str | None = None
    ) -> MadeKey:
        """A new Ed25519 key; `name` must name nobody ("Tamizdat release key").

        With `subkey` the primary key only certifies, and can be kept elsewhere.
        """
        # gen_key_input() would add this machine's user and host name as a mail address.
        wanted = ["Key-Type: EDDSA", "Key-Curve: ed25519"]
        if subkey:
            wanted += ["Key-Usage: cert", "Subkey-Type: EDDSA", "Subkey-Curve: ed25519"]
        wanted += ["Subkey-Usage: sign" if subkey else "Key-Usage: sign", f"Name-Real: {name}"]
        locked = "%no-protection" if passphrase is None else f"Passphrase: {passphrase}"
        wanted += ["Expire-Date: 0", locked, "%commit", ""]
        made = await self._run(lambda gpg: gpg.gen_key("\n".join(wanted)))
        primary = cast("str", made.fingerprint)
        if not primary:
            raise SigningError(f"gpg made no key {name!r}: {_last_line(made.stderr)}")
        keys = await self._public_keys(primary)
        fingerprint = next(reversed(keys)) if subkey else primary
        return MadeKey(fingerprint=fingerprint, primary=primary, key=keys[fingerprint])

    async def key(self, fingerprint: str) -> Key:
        """The public half of a key (or subkey) of this keyring."""
        if fingerprint not in self._known:
            self._known.update(await self._public_keys(fingerprint))
        if fingerprint not in self._known:
            raise SigningError(f"key {fingerprint}: is in no certificate of this keyring")
        return self._known[fingerprint]

    async def secrets(self) -> tuple[str, ...]:
        """The keys and subkeys whose secret halves lie here."""
        listed = await self._run(lambda gpg: gpg.list_keys(secret=True))
        found = []
        for key in listed:
            found += [key["fingerprint"]] if key["token"] != _ELSEWHERE else []
            tokens = {name: one["token"] for name, one in key.get("subkey_info", {}).items()}
            found += [sub[2] for sub in key["subkeys"] if tokens[sub[0]] != _ELSEWHERE]
        return tuple(found)

    async def export_subkeys(self, primary: str, passphrase: str) -> str:
        """The certificate `primary` with the secret halves of its subkeys alone, armored."""
        # python-gnupg has no word for it
        words = ["--passphrase-fd", "0", "--armor", "--export-secret-subkeys", primary]
        done = await self._command(words, f"{passphrase}\n")
        if not done.stdout:
            raise SigningError(f"key {primary}: gpg exports nothing: {_last_line(done.stderr)}")
        return done.stdout

    async def adopt(self, text: str, passphrase: str) -> MadeKey:
        """Take the one subkey in `text` (of `export_subkeys`), and keep it without passphrase."""
        before = await self.secrets()
        known = {key["fingerprint"] for key in await self._run(lambda gpg: gpg.list_keys())}
        taken = await self._run(lambda gpg: gpg.import_keys(text))
        primaries = set(taken.fingerprints)
        new = [one for one in await self.secrets() if one not in {*before, *primaries}]
        if primaries & known:  # a failure below would take away the key that is in force
            raise SigningError("this key is here already: name its certificate, or make a new one")
        if len(primaries) != 1 or len(new) != 1:
            raise SigningError("this is not one subkey without its primary")
        primary = primaries.pop()
        # the primary is not there: gpg says so, and goes on to its subkeys
        words = ["--command-fd", "0", "--passwd", primary]
        done = await self._command(words, f"{passphrase}\n\n")
        if "SUCCESS keyedit.passwd" not in done.stderr or not await self._is_open(new[0]):
            await self._run(lambda gpg: gpg.delete_keys(primary, secret=True, passphrase=""))
            await self._run(lambda gpg: gpg.delete_keys(primary))
            raise SigningError(f"key {new[0]}: does not open with this passphrase")
        return MadeKey(fingerprint=new[0], primary=primary, key=await self.key(new[0]))

    async def sign(self, fingerprint: str, body: bytes, passphrase: str | None = None) -> Signature:
        """The signature over `body` by exactly this (sub)key, in our spelling, and verified."""
        if len(body) > MAX_SIGNED:
            raise SigningError(f"{len(body)} bytes to sign: at most {MAX_SIGNED}, hash them first")
        key = await self.key(fingerprint)
        made = await self._run(
            lambda gpg: gpg.sign(
                body,
                keyid=f"{fingerprint}!",
                detach=True,
                passphrase=passphrase or None,  # "" would become a line of what is signed
                extra_args=["--digest-algo", "SHA512"],
            )
        )
        if not made.data:
            raise SigningError(f"key {fingerprint}: gpg cannot sign: {_last_line(made.stderr)}")
        return _verified(made.data.decode("ascii"), fingerprint, body, key)

    async def export(self, fingerprints: Sequence[str]) -> str:
        """The public certificates that hold these keys, armored for `gpg --import`."""
        if not fingerprints:
            return ""
        text = await self._run(lambda gpg: gpg.export_keys(list(fingerprints)))
        if not text:
            raise SigningError(f"none of the keys {', '.join(fingerprints)} is in this keyring")
        return cast("str", text)

    async def close(self) -> None:
        """End the agent of this home and remove the link."""
        folder, self._link_folder, self._gpg = self._link_folder, None, None
        if folder is not None:
            await asyncio.to_thread(_end_agent, folder / "h")
            await asyncio.to_thread(shutil.rmtree, folder)

    async def _public_keys(self, fingerprint: str) -> dict[str, Key]:
        """The keys of the certificate that `fingerprint` belongs to, the primary first."""
        body = await self._run(lambda gpg: gpg.export_keys(fingerprint, armor=False))
        return certificate.keys(cast("bytes", body)) if body else {}

    async def _is_open(self, fingerprint: str) -> bool:
        """Whether the key signs without a passphrase."""
        try:
            await self.sign(fingerprint, b"")
        except SigningError:
            return False
        return True

    async def _command(self, words: Sequence[str], said: str) -> subprocess.CompletedProcess[str]:
        """Run gpg itself in this home, and tell it `said`."""
        await self._open()
        return await self._run(lambda gpg: _child(Path(gpg.gnupghome), words, said))

    async def _open(self) -> gnupg.GPG:
        async with self._opening:
            if self._gpg is None:
                self._link_folder = await asyncio.to_thread(_link, self._homedir)
                self._gpg = await asyncio.to_thread(_gpg, self._link_folder / "h")
            return self._gpg

    async def _run(self, call: Callable[[gnupg.GPG], _Result]) -> _Result:
        """What `call` gives, off the event loop, a few at once, and never for ever."""
        gpg = await self._open()
        async with self._turns:
            try:
                async with asyncio.timeout(_TIMEOUT):
                    return await asyncio.to_thread(call, gpg)
            except TimeoutError as error:
                # A thread cannot be stopped, but gpg gives up once its agent is gone.
                await asyncio.to_thread(_end_agent, Path(gpg.gnupghome))
                raise SigningError(f"gpg gave no answer in {_TIMEOUT:.0f} s") from error
            except OSError as error:
                raise SigningError(f"gpg broke off ({error.strerror}): try again") from error


class RoleSigner:
    """Signs in one role, with those of its keys that lie in one keyring."""

    def __init__(self, keyring: Keyring, fingerprints: Sequence[str]) -> None:
        self._keyring = keyring
        self._fingerprints = tuple(fingerprints)

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        """A verified signature over `body` by each of the keys, in their order."""
        if not self._fingerprints:
            raise SigningError("no key of the role is at hand")
        return tuple([await self._keyring.sign(one, body) for one in self._fingerprints])


_: type[Signer] = RoleSigner


def _verified(text: str, fingerprint: str, body: bytes, key: Key) -> Signature:
    try:
        spelling = gate.normalise(text, _WHERE)
        parsed = gate.parse(spelling, _WHERE)
        gate.check(parsed, body, key, _WHERE)
    except FormatError as error:
        raise SigningError(f"key {fingerprint}: gpg made a signature we refuse: {error}") from error
    if parsed.fingerprint != fingerprint:
        raise SigningError(f"key {fingerprint}: gpg signed with {parsed.fingerprint} instead")
    return Signature(fingerprint=fingerprint, armor=spelling)


def _link(homedir: Path) -> Path:
    """A new folder with the link `h` to `homedir` in it."""
    try:
        homedir.mkdir(mode=0o700, parents=True, exist_ok=True)
        homedir.chmod(0o700)
        _forget_dead(homedir)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    except OSError as error:
        raise SigningError(f"{homedir}: gpg has no home there ({error.strerror})") from error
    (folder / "h").symlink_to(homedir, target_is_directory=True)
    return folder


def _forget_dead(homedir: Path) -> None:
    """Remove links to this home that a killed program left: they name where the newsroom lies.

    The agent that it started lives on, and without its link finds no secret key for a minute; our
    gpg would ask it nevertheless. So it goes first.
    """
    for link in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/h"):
        with suppress(OSError, subprocess.TimeoutExpired):
            if link.is_symlink() and link.readlink() == homedir:
                _end_agent(link)
                link.unlink()
                link.parent.rmdir()


def _gpg(home: Path) -> gnupg.GPG:
    try:
        return gnupg.GPG(gnupghome=str(home), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SigningError(f"gpg does not start ({error}): install GnuPG 2.2 or later") from error


def _child(home: Path, words: Sequence[str], said: str) -> subprocess.CompletedProcess[str]:
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--status-fd", "2"]
    command += ["--pinentry-mode", "loopback", *words]
    try:
        return subprocess.run(  # noqa: S603
            command, input=said, check=False, timeout=_TIMEOUT, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired as error:
        raise SigningError(f"gpg gave no answer in {_TIMEOUT:.0f} s") from error


def _end_agent(home: Path) -> None:
    command = ["gpgconf", "--homedir", str(home), "--kill", "all"]
    subprocess.run(command, check=False, timeout=_TIMEOUT, capture_output=True)  # noqa: S603


def _last_line(stderr: str | None) -> str:
    lines = [line for line in (stderr or "").splitlines() if line and "[GNUPG:]" not in line]
    return lines[-1].removeprefix("gpg: ") if lines else "no reason given"
