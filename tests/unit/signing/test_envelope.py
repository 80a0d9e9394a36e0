"""An envelope: bytes under a passphrase, which gpg opens without us, whole or not at all."""

import asyncio
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from signing import envelope
from signing.envelope import Plain, seal, unseal
from tamizdat.errors import LedgerError, SigningError, SourceError

PASSPHRASE = "six words of a früh morning"
BODY = bytes(range(256)) * 4096


def writing(body: bytes) -> Callable[[Plain], None]:
    def fill(stream: Plain) -> None:
        stream.write(body)

    return fill


ALL = writing(BODY)


def sealed(path: Path, fill: Callable[[Plain], None] = ALL) -> Path:
    with path.open("r+b" if path.exists() else "w+b", buffering=0) as file:
        asyncio.run(seal(file, PASSPHRASE, fill))
    return path


def unsealed(path: Path, drain: Callable[[Plain], None], passphrase: str = PASSPHRASE) -> None:
    with path.open("rb", buffering=0) as file:
        asyncio.run(unseal(file, passphrase, drain, "it"))


def opened(path: Path, passphrase: str = PASSPHRASE) -> bytes:
    found: list[bytes] = []

    def drain(stream: Plain) -> None:
        while piece := stream.read(65536):
            found.append(piece)

    unsealed(path, drain, passphrase)
    return b"".join(found)


def gpg(home: Path, *words: str | Path, body: bytes = b"") -> bytes:
    """What gpg says, in a home of its own."""
    home.mkdir(mode=0o700, exist_ok=True)
    command = ["gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback", *words]
    done = subprocess.run(command, input=body, capture_output=True, check=True)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
    return done.stdout


@pytest.mark.parametrize("body", [b"", b"x", BODY])
def test_what_is_sealed_comes_out_again(tmp_path: Path, body: bytes) -> None:
    path = sealed(tmp_path / "it", writing(body))

    assert opened(path) == body
    assert len(body) < 16 or body not in path.read_bytes()  # a byte alone may stand there by chance


def test_gpg_opens_it_without_us(tmp_path: Path) -> None:
    path, secret = sealed(tmp_path / "it"), tmp_path / "secret"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")

    plain = gpg(tmp_path / "home", "--passphrase-file", secret, "-d", path)
    told = gpg(tmp_path / "home", "--passphrase-file", secret, "--list-packets", path).decode()

    assert plain == BODY
    assert "cipher 9, aead 0,s2k 3, hash 10" in told  # AES-256, SHA-512, iterated and salted
    assert "count 65011712" in told
    assert "mdc_method: 2" in told
    assert ":compressed packet:" not in told


def test_it_leaves_no_agent_and_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="e") as homes:
        monkeypatch.setattr(tempfile, "tempdir", homes)
        path = sealed(tmp_path / "it")
        opened(path)
        left = list(Path(homes).iterdir())

    agents = subprocess.run(["pgrep", "-af", f"gpg-agent.*{tmp_path}"], check=False)
    assert agents.returncode == 1
    assert left == []


@pytest.mark.parametrize("passphrase", ["another passphrase", PASSPHRASE + " ", ""])
def test_another_passphrase_opens_nothing(tmp_path: Path, passphrase: str) -> None:
    path = sealed(tmp_path / "it")

    with pytest.raises(SourceError, match="under another passphrase"):
        opened(path, passphrase)


WRONG = [
    lambda body: body[: len(body) // 2],
    lambda body: body[:-1],
    lambda body: body[:10],
    lambda _body: b"",
    lambda _body: b"not OpenPGP at all",
    lambda body: body + b"x",
    lambda body: body + body,
    *(
        lambda body, at=at: body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        for at in (0, 5, 20, 60, 1000, 700_000, -1 % 1_048_000, 1_048_640)
    ),
]


@pytest.mark.parametrize("spoil", WRONG)
def test_one_byte_that_is_wrong_is_told(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = sealed(tmp_path / "it")
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(SourceError, match="it: is damaged"):
        opened(path)


def test_what_was_never_encrypted_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(gpg(tmp_path / "home", "--store", body=BODY))

    with pytest.raises(SourceError, match="it: is damaged"):
        opened(plain)


def test_a_source_that_breaks_off_is_no_end(tmp_path: Path) -> None:
    def fill(stream: Plain) -> None:
        stream.write(BODY)
        raise LedgerError("the source broke off")

    def broken(stream: Plain) -> None:
        stream.write(BODY)
        raise OSError(5, "Input/output error")

    with pytest.raises(LedgerError, match="the source broke off"):
        sealed(tmp_path / "it", fill)
    with pytest.raises(LedgerError, match="Input/output error"):
        sealed(tmp_path / "it", broken)


def test_a_full_disk_is_one_line() -> None:
    with pytest.raises(SigningError) as caught:
        sealed(Path("/dev/full"), writing(BODY * 4))

    assert "nothing was encrypted" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_gpgs_verdict_comes_before_the_readers(tmp_path: Path) -> None:
    def picky(stream: Plain) -> None:
        stream.read(1)
        raise SourceError("I do not like it")

    path = sealed(tmp_path / "it")

    with pytest.raises(SourceError, match="I do not like it"):
        unsealed(path, picky)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SourceError, match="it: is damaged"):
        unsealed(path, picky)


def test_a_reader_whose_disk_is_full_is_told(tmp_path: Path) -> None:
    def full(stream: Plain) -> None:
        stream.read(1)
        raise OSError(28, "No space left on device")

    path = sealed(tmp_path / "it")

    with pytest.raises(LedgerError, match="No space left"):
        unsealed(path, full)


def test_gpg_is_ended_where_nothing_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "STALL", 0.05)
    never = threading.Event()

    def slow(stream: Plain) -> None:
        while not never.wait(0.5):
            stream.write(BODY)

    with pytest.raises(SigningError, match="signal 9"):
        sealed(tmp_path / "it", slow)


def test_a_machine_without_gpg_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SigningError, match="install GnuPG"):
        sealed(tmp_path / "it")
