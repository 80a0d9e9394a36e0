import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pysequoia
import pytest
import pytest_asyncio

from signing import certificate, gate
from signing.openpgp import MAX_SIGNED, Keyring, MadeKey, RoleSigner
from tamizdat.errors import SigningError

BODY = b'{"type":"pointer"}\n'
PASSPHRASE = "correct horse % battery"
BLOCK = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"


@pytest_asyncio.fixture
async def keyring(tmp_path: Path) -> AsyncIterator[Keyring]:
    # Longer than the path of any socket may be.
    async with Keyring(tmp_path / ("long" * 30) / "home") as made:
        yield made


@pytest_asyncio.fixture
async def release(keyring: Keyring) -> MadeKey:
    return await keyring.create_key("Tamizdat release key", subkey=True)


def gpg(home: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    home.mkdir(mode=0o700, exist_ok=True)
    command = ["gpg", "--homedir", str(home), "--batch", "--no-autostart", "--status-fd", "1"]
    return subprocess.run(
        [*command, *words], input=stdin, capture_output=True, check=False, timeout=30
    )


async def test_a_release_key_is_a_subkey_of_a_certificate(
    keyring: Keyring, release: MadeKey
) -> None:
    plain = await keyring.create_key("Tamizdat timestamp key", subkey=False)

    assert release.fingerprint != release.primary
    assert gate.key_fingerprint(release.key) == release.fingerprint
    assert plain.fingerprint == plain.primary
    assert await keyring.key(plain.fingerprint) == plain.key


async def test_gpg_and_sequoia_agree_with_us(
    keyring: Keyring, release: MadeKey, tmp_path: Path
) -> None:
    made = await keyring.sign(release.fingerprint, BODY)
    exported = await keyring.export([release.fingerprint])
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "body.asc").write_text(made.armor)

    gpg(tmp_path / "g", "--import", stdin=exported.encode())
    told = gpg(tmp_path / "g", "--verify", str(tmp_path / "body.asc"), str(tmp_path / "body"))
    parsed = gate.parse(made.armor, "body.asc")
    gate.check(parsed, BODY, release.key, "body.asc")
    cert = pysequoia.Cert.from_bytes(exported.encode())
    sig = pysequoia.Sig.from_bytes(made.armor.encode())
    sequoia = pysequoia.verify(BODY, store=lambda _: [cert], signature=sig)

    assert told.returncode == 0
    assert f"VALIDSIG {release.fingerprint}".encode() in told.stdout
    assert [one.signing_key.upper() for one in sequoia.valid_sigs] == [release.fingerprint]


async def test_no_name_of_this_machine_stands_in_a_certificate(
    keyring: Keyring, release: MadeKey, tmp_path: Path
) -> None:
    exported = await keyring.export([release.primary])

    listed = gpg(tmp_path / "g", "--show-keys", "--with-colons", stdin=exported.encode()).stdout

    names = [line.split(b":")[9] for line in listed.splitlines() if line.startswith(b"uid")]
    assert names == [b"Tamizdat release key"]


async def test_a_role_signs_with_all_its_keys(keyring: Keyring, release: MadeKey) -> None:
    other = await keyring.create_key("Tamizdat release key", subkey=False)
    signer = RoleSigner(keyring, [release.fingerprint, other.fingerprint])

    made = await signer.sign(BODY)

    assert [one.fingerprint for one in made] == [release.fingerprint, other.fingerprint]
    with pytest.raises(SigningError, match="no key of the role"):
        await RoleSigner(keyring, []).sign(BODY)


async def test_signing_at_once_and_at_the_limit_works(keyring: Keyring, release: MadeKey) -> None:
    bodies = [bytes([number]) * MAX_SIGNED for number in range(6)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keyring.sign(release.fingerprint, body)) for body in bodies]

    for task, body in zip(tasks, bodies, strict=True):
        gate.check(gate.parse(task.result().armor, "x"), body, release.key, "x")
    with pytest.raises(SigningError, match="hash them first"):
        await keyring.sign(release.fingerprint, b"x" * (MAX_SIGNED + 1))


async def test_what_cannot_be_done_is_said(keyring: Keyring, release: MadeKey) -> None:
    with pytest.raises(SigningError, match="in no certificate"):
        await keyring.sign("A" * 40, BODY)
    with pytest.raises(SigningError, match="cannot sign"):
        await keyring.sign(release.primary, BODY)
    with pytest.raises(SigningError, match="none of the keys"):
        await keyring.export(["A" * 40])
    with pytest.raises(SigningError, match="made no key"):
        await keyring.create_key("", subkey=False)
    assert await keyring.export([]) == ""


async def test_a_keyring_opens_again_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with Keyring(home) as keyring:
        made = await keyring.create_key("Tamizdat root key", subkey=False)
        link = keyring._link_folder

    assert link
    async with Keyring(home) as keyring:
        signature = await keyring.sign(made.fingerprint, BODY)

    gate.check(gate.parse(signature.armor, "x"), BODY, made.key, "x")
    assert not list(home.glob("S.gpg-agent*"))
    assert not link.exists()


def test_links_that_a_killed_program_left_are_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    left = Path(tempfile.mkdtemp(prefix="tz"))
    other = Path(tempfile.mkdtemp(prefix="tz"))
    (left / "h").symlink_to(home, target_is_directory=True)
    (other / "h").symlink_to(tmp_path, target_is_directory=True)

    asyncio.run(_open_and_close(home))

    assert not left.exists()
    assert (other / "h").is_symlink()
    (other / "h").unlink()
    other.rmdir()


async def _open_and_close(home: Path) -> None:
    async with Keyring(home):
        pass


async def test_a_key_under_a_passphrase_signs_with_it_alone(tmp_path: Path) -> None:
    async with Keyring(tmp_path / "home") as keyring:
        made = await keyring.create_key("Tamizdat root key", subkey=False, passphrase=PASSPHRASE)
    async with Keyring(tmp_path / "home") as keyring:
        with pytest.raises(SigningError, match="cannot sign"):
            await keyring.sign(made.fingerprint, BODY, "another passphrase")
        signature = await keyring.sign(made.fingerprint, BODY, PASSPHRASE)
        secrets = await keyring.secrets()

    gate.check(gate.parse(signature.armor, "x"), BODY, made.key, "x")
    assert secrets == (made.fingerprint,)


TIMES = [("expired", "20200101T000000", "1d"), ("of the future", "20900101T000000", "never")]


@pytest.mark.parametrize(("name", "born", "life"), TIMES)
async def test_a_key_out_of_its_time_makes_no_signature(
    tmp_path: Path, name: str, born: str, life: str
) -> None:
    async with Keyring(tmp_path / "home") as keyring:
        await keyring.secrets()
        words = ("--faked-system-time", born, "--passphrase", "", "--pinentry-mode", "loopback")
        made = in_keyring(keyring, *words, "--quick-gen-key", name, "ed25519", "sign", life)
        (odd,) = await keyring.secrets()

        with pytest.raises(SigningError, match="cannot sign"):
            await keyring.sign(odd, BODY)

    assert made.returncode == 0


async def test_a_key_that_was_revoked_makes_no_signature(
    keyring: Keyring, release: MadeKey, tmp_path: Path
) -> None:
    revocation = revocation_of(release.primary, tmp_path)

    await keyring.sign(release.fingerprint, BODY)
    taken = in_keyring(keyring, "--import", stdin=revocation)
    with pytest.raises(SigningError, match="cannot sign"):
        await keyring.sign(release.fingerprint, BODY)

    assert taken.returncode == 0


def revocation_of(primary: str, folder: Path) -> bytes:
    """The certificate that gpg lays beside a new key, its guard of one colon taken off."""
    (told,) = folder.glob(f"**/openpgp-revocs.d/{primary}.rev")
    return told.read_bytes().replace(b"\n:-----BEGIN", b"\n-----BEGIN")


def in_keyring(
    keyring: Keyring, *words: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """What gpg itself does in the keyring's home, whose agent ends with the keyring."""
    assert keyring._link_folder
    command = ["gpg", "--homedir", str(keyring._link_folder / "h"), "--batch", "--status-fd", "1"]
    return subprocess.run(
        [*command, *words], input=stdin, capture_output=True, check=False, timeout=30
    )


async def test_a_subkey_signs_where_its_primary_never_was(tmp_path: Path) -> None:
    async with Keyring(tmp_path / "offline") as offline, Keyring(tmp_path / "online") as online:
        made = await offline.create_key("Tamizdat release key", subkey=True, passphrase=PASSPHRASE)
        carried = await offline.export_subkeys(made.primary, PASSPHRASE)

        with pytest.raises(SigningError, match="does not open"):
            await online.adopt(carried, "another passphrase")
        taken = await online.adopt(carried, PASSPHRASE)
        signature = await online.sign(made.fingerprint, BODY)
        secrets = await online.secrets()
        exported = await online.export([made.fingerprint])
        with pytest.raises(SigningError, match="here already"):
            await online.adopt(carried, "another passphrase")
        with pytest.raises(SigningError, match="not one subkey"):
            await online.adopt("no key", PASSPHRASE)
        with pytest.raises(SigningError, match="exports nothing"):
            await offline.export_subkeys("A" * 40, PASSPHRASE)
    async with Keyring(tmp_path / "online") as online:
        again = await online.sign(made.fingerprint, BODY)

    for one in (signature, again):
        gate.check(gate.parse(one.armor, "x"), BODY, made.key, "x")
    assert taken == made
    assert secrets == (made.fingerprint,)
    assert list(certificate.armored_keys(exported, "x")) == [made.primary, made.fingerprint]


@pytest.mark.parametrize("text", ["", "no key", BLOCK, f"{BLOCK}{'x' * 65536}"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(SigningError, match="holds no certificate"):
        certificate.armored_keys(text, "x")
