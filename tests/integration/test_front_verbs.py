"""The life of a front at the terminal: made, filled, read, retired, closed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.s3_server import Server, running
from tests.kit.edge import edge
from tests.kit.frontroom import front_room, say
from tests.kit.printshop import PrintShop


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def shop(tmp_path: Path) -> PrintShop:
    return await front_room(tmp_path)


async def test_a_front_lives_and_is_closed(server: Server, shop: PrintShop) -> None:
    bucket = server.bucket()
    words = ("--bucket", bucket.name, "--credentials", "keys.toml", "--endpoint", server.endpoint)
    async with edge(server.base(bucket), server.endpoint) as fake:
        made = await say(shop, "mirror", "front", "ivory", *words, "--control", fake.control,
                         "--json")  # fmt: skip
        config = shop.folder / "tamizdat.toml"
        config.write_text(config.read_text().replace(made.json["url"].rstrip("/"), fake.street))
        published = await say(shop, "publish", "--json")
        early = await say(shop, "mirror", "close", "ivory")
        await say(shop, "mirror", "retire", "ivory")
        closed = await say(shop, "mirror", "close", "ivory", "--json")
        after = await say(shop, "publish", "--json")

    assert made.json["url"].endswith(".cloudfront.net/")
    assert published.json["refusals"] == []
    assert [one["mirror"] for one in published.json["placements"]] == ["amber", "ivory"]
    assert published.json["refusals"] == []
    assert early.code == 2
    assert "retire it first" in early.err
    assert closed.json == {"mirror": "ivory", "deleted": True}
    assert not fake.on
    assert after.json["refusals"] == []
    client = server.client()
    assert "Contents" not in client.list_objects_v2(Bucket=bucket.name)
    client.close()


async def test_nothing_is_made_where_the_config_would_not_take_it(
    server: Server, shop: PrintShop
) -> None:
    words = ("--bucket", "no", "--credentials", "keys.toml", "--endpoint", server.endpoint)
    async with edge(server.endpoint, server.endpoint) as fake:
        refused = await say(shop, "mirror", "front", "ivory", *words, "--control", fake.control)

    assert refused.code == 2
    assert "mirror.1.bucket" in refused.err


async def test_an_alarm_over_retired_names_names_no_secret_one(
    server: Server, shop: PrintShop
) -> None:
    for name, exposure in (("open", "public"), ("hidden", "secret")):
        bucket = server.bucket()
        shop.add(
            name, backend="s3", bucket=bucket.name, endpoint=server.endpoint,
            url=server.base(bucket), credentials="keys.toml", exposure=exposure,
        )  # fmt: skip
        await say(shop, "mirror", "retire", name)
        client = server.client()
        client.put_object(Bucket=bucket.name, Key="latest.json", Body=b"<h1>News</h1>")
        client.close()
    listen = "import sys; open('said', 'ab').write(sys.stdin.buffer.read())"
    with (shop.folder / "tamizdat.toml").open("a") as config:
        config.write(f'\n[alarm]\ncommand = ["{sys.executable}", "-c", "{listen}"]\n')

    await say(shop, "mirror", "names")

    told = (shop.folder / "said").read_text()
    assert "somebody else answers there: open, 1 not named here" in told
    assert "hidden" not in told


async def test_who_answers_under_a_retired_name_is_told(server: Server, shop: PrintShop) -> None:
    buckets = {name: server.bucket() for name in ("quiet", "ours", "taken")}
    for name, bucket in buckets.items():
        shop.add(
            name, backend="s3", bucket=bucket.name, endpoint=server.endpoint,
            url=server.base(bucket), credentials="keys.toml",
        )  # fmt: skip
    await say(shop, "publish")
    for name in buckets:
        await say(shop, "mirror", "retire", name)
    before = await say(shop, "mirror", "names", "--json")
    client = server.client()
    for name in ("quiet", "taken"):
        for path in client.list_objects_v2(Bucket=buckets[name].name)["Contents"]:
            client.delete_object(Bucket=buckets[name].name, Key=path["Key"])
    client.delete_bucket(Bucket=buckets["quiet"].name)
    client.put_bucket_acl(Bucket=buckets["taken"].name, ACL="public-read")
    client.put_object(Bucket=buckets["taken"].name, Key="latest.json", Body=b"<h1>News</h1>")
    client.close()

    after = await say(shop, "mirror", "names", "--json")

    told = {one["mirror"]: one["verdict"] for one in after.json}
    assert [one["verdict"] for one in before.json] == ["reachable"] * 3
    assert before.code == 0
    assert told == {"quiet": "down", "ours": "reachable", "taken": "impersonated"}
    assert after.code == 1
    assert all(one["retired"] for one in after.json)
