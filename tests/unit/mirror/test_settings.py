"""The `[[mirror]]` block and the credentials file: what is taken, what is refused."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from mirror import credentials
from mirror.settings import MirrorSettings, distinct, refuse_home, to_mirror
from tamizdat.errors import ConfigError
from tamizdat.placement import Exposure, MirrorState

S3 = """
id = "far"
backend = "s3"
url = "https://paper.example"
endpoint = "https://s3.example/"
bucket = "paper"
prefix = "/a/b/"
credentials = "secrets/far.ini"
"""


def parse(text: str) -> MirrorSettings:
    return MirrorSettings.model_validate(tomllib.loads(text))


def test_a_folder_mirror_lies_below_the_newsroom(tmp_path: Path) -> None:
    mirror = to_mirror(parse('id = "a"\nbackend = "folder"\nfolder = "mirrors/a"'), tmp_path)

    assert mirror.folder == str(tmp_path / "mirrors/a")
    assert (mirror.base, mirror.state, mirror.exposure, mirror.group) == (
        None,
        MirrorState.ACTIVE,
        Exposure.PUBLIC,
        "open",
    )


def test_a_bucket_is_normalised(tmp_path: Path) -> None:
    settings = parse(S3)

    assert (settings.url, settings.endpoint, settings.prefix) == (
        "https://paper.example/",
        "https://s3.example",
        "a/b/",
    )
    assert to_mirror(settings, tmp_path).folder is None


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Paper.Example", "https://paper.example/"),
        ("http://127.0.0.1:8080/Paper/", "http://127.0.0.1:8080/Paper/"),
        ("http://abc.onion/", "http://abc.onion/"),
    ],
)
def test_an_address_gets_one_spelling(url: str, kept: str) -> None:
    text = f'id = "a"\nbackend = "folder"\nfolder = "a"\nurl = "{url}"'

    assert parse(text).url == kept


@pytest.mark.parametrize(
    "url",
    [
        "ftp://paper.example/",
        "https://",
        "paper.example",
        "https://me:secret@paper.example/",
        "https://paper.example/?a=b",
        "https://paper.example/#a",
        "https://paper.example/a&b",
        "https://paper.example/<b>",
        "https://paper.example/a'b",
        "https://paper.example/a b",
        "https://papér.example/",
        "https://here.invalid/",
        "https://paper.example/" + "a" * 200,
    ],
)
def test_an_unfit_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        parse(f'id = "a"\nbackend = "folder"\nfolder = "a"\nurl = "{url}"')


@pytest.mark.parametrize(
    "text",
    [
        'id = "A"\nbackend = "folder"\nfolder = "a"',
        f'id = "{"a" * 32}"\nbackend = "folder"\nfolder = "a"',
        'id = "a"\nbackend = "ftp"',
        'id = "a"\nbackend = "folder"',
        'id = "a"\nbackend = "folder"\nfolder = "a"\nbucket = "paper"',
        'id = "a"\nbackend = "folder"\nfolder = "a"\nfoldr = "b"',
        'id = "a"\nbackend = "folder"\nfolder = "a"\nexposure = "hidden"',
        'id = "a"\nbackend = "folder"\nfolder = "a"\nstate = "retired"',
        S3.replace('bucket = "paper"', ""),
        S3.replace('url = "https://paper.example"', ""),
        S3.replace('"/a/b/"', '"../b"'),
        S3 + 'folder = "a"',
    ],
)
def test_a_wrong_block_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse(text)


def test_two_mirrors_in_one_place_are_refused() -> None:
    one = parse('id = "a"\nbackend = "folder"\nfolder = "x"')
    two = parse('id = "b"\nbackend = "folder"\nfolder = "x/"')

    with pytest.raises(ConfigError, match=r"mirror\[1\].folder is that of mirror a"):
        distinct([one, two])


def test_mirrors_in_places_of_their_own_are_taken() -> None:
    one = parse('id = "a"\nbackend = "folder"\nfolder = "x"')

    distinct([one, parse(S3), parse('id = "b"\nbackend = "folder"\nfolder = "y"')])


@pytest.mark.parametrize(
    "text",
    [
        'access_key = "AK"\nsecret_key = "SK"',
        "access_key = AK\nsecret_key = SK",
        "[keys]\naccess_key=AK\nsecret_key=SK",
    ],
)
def test_credentials_are_toml_or_ini(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)

    found = credentials.load(tmp_path / "keys")

    assert (found.access_key, found.secret_key) == ("AK", "SK")
    assert "SK" not in repr(found)
    assert "AK" not in repr(found)


@pytest.mark.parametrize("text", ["", "access_key = 1", "access_key = AK", "\x00", "[a"])
def test_credentials_without_keys_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)

    with pytest.raises(ConfigError, match="must set access_key and secret_key"):
        credentials.load(tmp_path / "keys")


def test_credentials_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        credentials.load(tmp_path / "keys")


@pytest.mark.parametrize(("one", "two"), [("x", "./y/../x"), ("x", "x/y"), ("x/y", "x")])
def test_folders_that_lie_in_one_another_are_refused(one: str, two: str) -> None:
    blocks = [
        parse(f'id = "{name}"\nbackend = "folder"\nfolder = "{folder}"')
        for name, folder in (("a", one), ("b", two))
    ]

    with pytest.raises(ConfigError, match="mirror a"):
        distinct(blocks)


@pytest.mark.parametrize("folder", [".", "..", "keys", "keys/a", "state", "/paper", "/"])
def test_a_folder_that_the_newsroom_needs_is_refused(folder: str) -> None:
    block = parse(f'id = "a"\nbackend = "folder"\nfolder = "{folder}"')

    with pytest.raises(ConfigError, match="mirror a: its folder"):
        refuse_home([block], Path("/paper"), ["keys", "state/blobs", "state"])


@pytest.mark.parametrize("folder", ["mirrors/a", "keys2", "/srv/paper"])
def test_a_folder_beside_what_the_newsroom_needs_is_taken(folder: str) -> None:
    block = parse(f'id = "a"\nbackend = "folder"\nfolder = "{folder}"')

    refuse_home([block], Path("/paper"), ["keys", "state"])
