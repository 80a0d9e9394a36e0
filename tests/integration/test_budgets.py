"""Providers' budgets: counted, slowed, paused before the bill, and never in a withdrawal's way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from service.budgets import govern, held_back, standings
from service.wiring import opened
from tamizdat.moment import spelled
from tamizdat.placement import MirrorId
from tests.contract.s3_server import KEYS, Server, running
from tests.kit.edge import edge
from tests.kit.frontroom import front_room, say
from tests.kit.printshop import PrintShop


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def shop(tmp_path: Path) -> PrintShop:
    shop = await front_room(tmp_path)
    shop.add_folder("birch")
    return shop


def limit(shop: PrintShop, **keys: float) -> None:
    """What birch's provider may cost in a month."""
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    config, folder = shop.folder / "tamizdat.toml", 'folder = "mirrors/birch"\n'
    text = config.read_text().replace(folder, f'{folder}provider = "cloud"\n')
    config.write_text(f'{text}\n[[provider]]\nid = "cloud"\n{lines}')


async def test_a_provider_whose_budget_is_spent_gets_withdrawals_only(
    shop: PrintShop, tmp_path: Path
) -> None:
    limit(shop, requests=20)
    first = await say(shop, "publish", "--json")
    spent = await say(shop, "mirror", "budget", "--json")
    more = tmp_path / "more"
    more.mkdir()
    (more / "late.md").write_text("---\ntitle: Late\nlanguage: en\n---\nThe late news.\n")
    await say(shop, "import", "folder", more, "--release")

    second = await say(shop, "publish", "--json")

    assert [one["mirror"] for one in first.json["placements"]] == ["amber", "birch"]
    assert first.json["refusals"] == []
    assert spent.json[0]["pace"] == "pause"
    assert [one["mirror"] for one in second.json["placements"]] == ["amber"]
    assert "provider cloud is paused" in second.json["refusals"][0]["detail"]


async def test_a_withdrawal_goes_out_though_the_budget_is_spent(shop: PrintShop) -> None:
    limit(shop, requests=20)
    await say(shop, "publish")
    async with opened(shop.folder) as room:
        (record, *_) = await room.ledgers.articles.texts()
        page = f"en/{record.published.year}/{record.id}.html"
    birch, amber = shop.mirror("birch") / page, shop.mirror("amber") / page
    before = birch.read_bytes()

    gone = await say(shop, "article", "withdraw", record.id)
    after = await say(shop, "publish", "--json")

    assert gone.code == 0
    assert birch.read_bytes() == amber.read_bytes() != before
    assert [one["mirror"] for one in after.json["refusals"]] == ["birch"]


async def test_without_a_budget_nothing_is_counted_or_held_back(shop: PrintShop) -> None:
    published = await say(shop, "publish", "--json")

    assert published.json["refusals"] == []
    assert (await say(shop, "mirror", "budget", "--json")).json == []


async def test_a_slowed_provider_gets_an_edition_an_hour(shop: PrintShop) -> None:
    limit(shop, requests=1_000_000)
    async with opened(shop.folder) as room:
        facts, now = room.ledgers.facts, room.clock.now()
        await facts.set("pace cloud", f"{now:%Y-%m} slow 60%")
        await facts.set("passed birch", spelled(now - timedelta(minutes=59)))
        soon = await held_back(room)
        await facts.set("passed birch", spelled(now - timedelta(minutes=61)))
        later = await held_back(room)
        await facts.set("pace cloud", "2001-01 pause 99%")
        next_month = await held_back(room)

    assert list(soon) == ["birch"]
    assert "once an hour" in soon[MirrorId("birch")]
    assert (later, next_month) == ({}, {})


async def test_a_flood_switches_a_front_off_and_a_new_budget_on_again(
    server: Server, shop: PrintShop
) -> None:
    limit(shop, gigabytes=2)
    bucket = server.bucket()
    words = ("--bucket", bucket.name, "--credentials", "keys.toml", "--endpoint", server.endpoint)
    async with edge(server.base(bucket), server.endpoint) as fake:
        made = await say(
            shop, "mirror", "front", "ivory", *words, "--control", fake.control, "--provider",
            "cloud", "--json",
        )  # fmt: skip
        async with opened(shop.folder) as room:
            await govern(room)
            before = fake.on
            flood(server, made.json["distribution"], 3e9)
            await govern(room)
            during, why = fake.on, await held_back(room)
            (told,) = await standings(room.config, room.ledgers.facts, room.clock.now())
        config = shop.folder / "tamizdat.toml"
        config.write_text(config.read_text().replace("gigabytes = 2", "gigabytes = 200"))
        async with opened(shop.folder) as room:
            await govern(room)
        after = fake.on

    assert (before, during, after) == (True, False, True)
    assert told.spend.length == 3_000_000_000
    assert sorted(why) == ["birch", "ivory"]


def flood(server: Server, distribution: str, length: float) -> None:
    """Readers, or somebody else, took so many bytes."""
    watch: Any = boto3.client(
        "cloudwatch",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
    )
    dimensions = [
        {"Name": "DistributionId", "Value": distribution},
        {"Name": "Region", "Value": "Global"},
    ]
    one = {
        "MetricName": "BytesDownloaded",
        "Dimensions": dimensions,
        "Timestamp": datetime.now(UTC) - timedelta(seconds=90),
        "Value": length,
    }
    watch.put_metric_data(Namespace="AWS/CloudFront", MetricData=[one])
    watch.close()
