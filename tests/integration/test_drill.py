"""Drills: lose a provider, an account or a key on a copy, and nothing of the newsroom changes."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.program import Answer, inside


def say(shop: PrintShop, *words: str | Path) -> Answer:
    return inside("-C", shop.folder, *words)


@pytest.fixture
def shop(tmp_path: Path) -> PrintShop:
    shop = asyncio.run(set_up(tmp_path / "room"))
    for name, provider in (("amber", "cloud"), ("birch", "cloud"), ("cedar", "shed")):
        shop.mirror(name).mkdir(parents=True)
        shop.add(
            name, backend="folder", folder=f"mirrors/{name}", provider=provider,
            account=f"{provider}-{name}",
        )  # fmt: skip
    shop.mirror("dune").mkdir()
    shop.add("dune", backend="folder", folder="mirrors/dune", provider="shed", state="spare")
    with (shop.folder / "tamizdat.toml").open("a") as config:
        config.write('\n[[provider]]\nid = "cloud"\n\n[[provider]]\nid = "shed"\n')
    say(shop, "import", "folder", texts(tmp_path / "texts", ["en"]), "--release")
    assert say(shop, "publish").code == 0
    return shop


def lying(shop: PrintShop) -> dict[str, bytes]:
    top = shop.folder / "mirrors"
    return {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def test_an_account_that_a_spare_replaces_needs_nobody(shop: PrintShop) -> None:
    before = lying(shop)

    done = say(shop, "drill", "account", "cloud-amber", "--json")

    assert done.code == 0, done.err
    told = done.json
    assert (told["lost"], told["promoted"], told["opened"]) == (["amber"], ["dune"], [])
    assert 0 < told["minutes_to_full_service"] < 5
    assert told["needs"] == ""
    assert lying(shop) == before
    assert say(shop, "mirror", "turns", "--json").json == []
    assert list((shop.folder / "state").glob("drill-*")) == []


def test_a_provider_with_more_mirrors_than_spares_needs_new_ones(shop: PrintShop) -> None:
    done = say(shop, "drill", "provider", "cloud", "--readers", "3000", "--json")

    told = done.json
    assert done.code == 1
    assert (told["lost"], told["promoted"]) == (["amber", "birch"], ["dune"])
    assert len(told["opened"]) == 1
    assert told["minutes_to_full_service"] > 0
    assert told["needs"] == "open 1 mirrors: no spare is left"
    assert (told["stranded"], told["stranded_after"]) == (2000, 0)


def test_a_release_key_that_is_seized_silences_until_a_ceremony(shop: PrintShop) -> None:
    listed = say(shop, "key", "list", "--json").out
    asked = say(shop, "drill", "key", "0" * 40)
    (*_, fingerprint) = re.findall(r"[0-9A-F]{40}", asked.err)

    done = say(shop, "drill", "key", fingerprint, "--json")

    assert done.code == 1
    assert done.json["lost"] == [fingerprint]
    assert done.json["minutes_to_full_service"] is None
    assert done.json["needs"]
    assert say(shop, "key", "list", "--json").out == listed
    assert say(shop, "publish").code == 0


def test_what_no_mirror_names_is_told(shop: PrintShop) -> None:
    asked = say(shop, "drill", "provider", "nimbus")

    assert asked.code == 2
    assert "have: cloud, shed" in asked.err


def test_a_person_is_told_in_words(shop: PrintShop) -> None:
    done = say(shop, "drill", "account", "cloud-amber")

    assert "Spares took over: dune" in done.out
    assert "Of 10000 readers" in done.out.replace("\n", " ")
