"""Opening a mirror from its settings."""

from pathlib import Path

import pytest

from mirror.fast import FastBackend
from mirror.folder import FolderBackend
from mirror.opening import open_backend, open_reader, to_bucket
from mirror.readers import FolderReader, HttpReader, Stranger
from mirror.settings import MirrorSettings, to_mirror
from tamizdat.errors import ConfigError
from tests.kit.lab.certificates import issued

FOLDER = MirrorSettings(id="near", backend="folder", folder="mirrors/near")
BUCKET = MirrorSettings(
    id="far",
    backend="s3",
    url="https://paper.example",
    bucket="paper",
    region="eu-west-3",
    credentials="far.ini",
)


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    (tmp_path / "far.ini").write_text("access_key = AK\nsecret_key = SK\n")
    return tmp_path


async def test_a_bucket_is_put_to_by_hand(newsroom: Path) -> None:
    backend = open_backend(BUCKET, newsroom)
    await backend.close()

    assert type(backend) is FastBackend


async def test_a_folder_is_read_as_a_folder(newsroom: Path) -> None:
    backend = open_backend(FOLDER, newsroom)
    await backend.close()
    async with Stranger() as session:
        reader = open_reader(to_mirror(FOLDER, newsroom), session)

    assert (type(backend), type(reader)) == (FolderBackend, FolderReader)


async def test_what_has_an_address_is_read_there(newsroom: Path) -> None:
    async with Stranger() as session:
        reader = open_reader(to_mirror(BUCKET, newsroom), session)

    assert isinstance(reader, HttpReader)
    assert reader.base == "https://paper.example/"


def test_without_an_endpoint_it_is_amazon(newsroom: Path) -> None:
    assert to_bucket(BUCKET, newsroom).endpoint == "https://s3.eu-west-3.amazonaws.com"


AUTHORITIES = [
    # what lies there   what is said
    (None, "no such file"),
    ("no certificate\n", "holds no certificate"),
]


@pytest.mark.parametrize(("text", "said"), AUTHORITIES)
def test_an_authority_that_cannot_be_used_is_told(
    newsroom: Path, text: str | None, said: str
) -> None:
    settings = BUCKET.model_copy(update={"authority": "own.pem" if text else "none.pem"})
    (newsroom / "own.pem").write_text(text or "")

    with pytest.raises(ConfigError, match=f"(?i){said}"):
        to_bucket(settings, newsroom)


def test_an_authority_is_named_from_the_newsroom(newsroom: Path) -> None:
    (newsroom / "own.pem").write_text(issued("own").pem)
    settings = BUCKET.model_copy(update={"authority": "own.pem"})

    assert to_bucket(settings, newsroom).authority == newsroom / "own.pem"


def test_keys_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        open_backend(BUCKET, tmp_path)
