"""Channels in the config, and the master key."""

from pathlib import Path

import pytest

from service.config import parse
from service.handing.master import asking_key, master_of
from tamizdat.errors import ConfigError

HEAD = '[newsroom]\nname = "The Tideline"\n'


def channel(**keys: object) -> str:
    lines = "".join(f"{key} = {value!r}\n" for key, value in keys.items())
    return f"\n[[channel]]\n{lines}"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        (channel(id="mail", width=3), "width is a power of 2"),
        (channel(id="mail", width=256), "a power of 2, at most 128"),
        (channel(id="mail") * 2, "channel mail is there twice"),
        (channel(id="mail", depth=14), "128 hint files, at most 64"),
        (channel(id="mail", country="Iran"), "country"),
        (channel(id="mail", depth=6), "depth"),
        (channel(id="mail", salt=1), "unknown key"),
    ],
)
def test_what_is_no_channel_is_refused(blocks: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(HEAD + blocks, "tamizdat.toml")


def test_a_canary_is_a_secret_mirror() -> None:
    mirror = '[[mirror]]\nid = "wren"\nbackend = "folder"\nfolder = "a"\ncanary = true\n'

    with pytest.raises(ConfigError, match="told to nobody"):
        parse(HEAD + mirror, "tamizdat.toml")


async def test_the_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = await master_of(tmp_path, planted=False)

    assert await master_of(tmp_path, planted=True) == first
    assert len(first) == 32
    assert (tmp_path / "ways.key").stat().st_mode & 0o777 == 0o600
    assert asking_key(first, "mail") != asking_key(first, "web")


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
async def test_a_master_key_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ways.key").write_text(text)

    with pytest.raises(ConfigError, match="put it back from a backup"):
        await master_of(tmp_path, planted=False)
