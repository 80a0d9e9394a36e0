"""Whoever owns a domain has any number of addresses, and learns one secret mirror by them all."""

import shutil
from pathlib import Path

import pytest

from gateway.responder.settings import house
from tests.integration.test_responder import answering
from tests.kit.asking import ask, founded


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(founded(tmp_path / "paper", "en"), tmp_path / "room", symlinks=True)
    )


@pytest.mark.parametrize(
    ("known", "apart"),
    [("", False), ('providers = ["mail.example"]', True)],
    ids=["anybody's domain", "a provider"],
)
async def test_whoever_owns_a_domain_is_one_asker_however_many_addresses_they_make(
    room: Path, known: str, *, apart: bool
) -> None:
    with (room / "tamizdat.toml").open("a", encoding="utf-8") as config:
        config.write('\n[[mirror]]\nid = "m"\nbackend = "folder"\nfolder = "mirrors/m"\n')
        config.write('url = "https://m.example/"\n[[channel]]\nid = "mail"\n')
    tokens = set()

    async with answering(room, more=f'channel = "mail"\n{known}') as desk:
        for number in range(6):
            await desk.answer(ask(f"made.up.{number}@mail.example", "mirrors"))
            tokens |= {word for word in desk.relay.text().split() if "#" in word}

    assert (len(tokens) > 1) == apart


def test_a_domain_counts_with_all_that_lie_below_it() -> None:
    houses = {house(one) for one in ("evil.example", "a.evil.example", "b.c.evil.example")}

    assert houses == {"evil.example"}
