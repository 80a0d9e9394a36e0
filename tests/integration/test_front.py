"""A bucket behind a shared name: CloudFront's control plane by moto, an edge of ours before it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import boto3
import pytest

from mirror.edge import Distribution, Edge
from mirror.fast import FastBackend
from mirror.front import Behind, FrontBackend
from mirror.governor import Spend
from mirror.purse import Purse
from mirror.push import push, settle
from mirror.readers import HttpReader, Stranger
from mirror.s3 import Bucket
from mirror.shelf import Shelf
from tamizdat.errors import BackendError
from tamizdat.placement import Lying, Phase, Placement, Refusal
from tests.contract.s3_server import KEYS, Server, running
from tests.kit.edge import FakeEdge, edge
from tests.kit.frontroom import DictFacts
from tests.unit.mirror.paper import Clock, Paper, Piece, mirror

IDS = [f"{letter * 12}2" for letter in "abcdefgh"]


@dataclass
class Set:
    """A front with everything around it."""

    bucket: Bucket
    fake: FakeEdge
    edge: Edge
    made: Distribution
    backend: FrontBackend
    reader: HttpReader


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def stood(stack: AsyncExitStack, server: Server, emptyings: int = 100) -> Set:
    bucket = server.bucket(prefix="paper/")
    fake = await stack.enter_async_context(edge(server.base(bucket), server.endpoint))
    control = Edge(KEYS, fake.control)
    made = await control.create(bucket, bucket.name)
    stranger = await stack.enter_async_context(Stranger())
    reader = HttpReader(f"{fake.street}/", stranger)
    purse = Purse("one", emptyings, DictFacts(), Clock())
    behind = Behind(edge=control, distribution=made.id, reader=reader, purse=purse)
    backend = FrontBackend(FastBackend(bucket), behind)
    stack.push_async_callback(backend.close)
    return Set(bucket, fake, control, made, backend, reader)


async def laid(here: Set, paper: Paper, before: list[Lying]) -> Placement | Refusal:
    base = here.reader.base
    return await push(
        mirror("one", base), here.backend, here.reader, paper.target(base=base),
        lying=paper.lying(before), placed=(), shelf=Shelf(paper.blobs), clock=Clock(),
        random=Random(1),  # noqa: S311
    )  # fmt: skip


def pieces(text: str) -> dict[str, Piece]:
    return {one: Piece("2025-01", f"{one} {text}", ()) for one in IDS}


async def test_a_front_is_made_deployed_switched_off_and_deleted(
    server: Server, stack: AsyncExitStack
) -> None:
    here = await stood(stack, server)

    found = await here.edge.look(here.made.id)
    await here.edge.switch(here.made.id, on=False)
    off = await here.edge.look(here.made.id)
    gone = await here.edge.delete(here.made.id)

    assert here.made.domain.endswith(".cloudfront.net")
    assert (found.enabled, found.deployed) == (True, True)
    assert not off.enabled
    assert not here.fake.on
    assert gone
    with pytest.raises(BackendError, match="the front: looking"):
        await here.edge.look(here.made.id)


async def test_the_edge_asks_the_bucket_for_its_own_folder(
    server: Server, stack: AsyncExitStack
) -> None:
    here = await stood(stack, server)
    client = _cloudfront(server)
    stack.callback(client.close)

    config = client.get_distribution_config(Id=here.made.id)["DistributionConfig"]

    origin = config["Origins"]["Items"][0]
    assert origin["OriginPath"] == f"/{here.bucket.name}/paper"
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert config["DefaultCacheBehavior"]["MinTTL"] == 0


async def test_a_corrected_edition_is_read_through_an_edge_that_keeps_everything(
    server: Server, stack: AsyncExitStack
) -> None:
    here, paper = await stood(stack, server), Paper(kept=1)
    paper.publish(pieces("as it was"))
    first = await laid(here, paper, [])
    emptied = len(here.fake.emptied)
    paper.publish(pieces("corrected"))

    second = await laid(here, paper, [Lying(edition=1, phase=Phase.CURRENT)])

    assert isinstance(first, Placement)
    assert emptied == 0
    assert isinstance(second, Placement)
    assert 1 <= len(here.fake.emptied) <= 24
    assert b"corrected" in await here.reader.expect(f"en/2025/{IDS[0]}.html", 1 << 20)


async def test_where_the_months_number_is_spent_the_mirror_is_refused_and_nothing_more_paid(
    server: Server, stack: AsyncExitStack
) -> None:
    here, paper = await stood(stack, server, emptyings=0), Paper(kept=1)
    paper.publish(pieces("as it was"))
    await laid(here, paper, [])
    paper.publish(pieces("corrected"))

    outcome = await laid(here, paper, [Lying(edition=1, phase=Phase.CURRENT)])

    assert isinstance(outcome, Refusal)
    assert "an old copy or a lie" in outcome.detail
    assert here.fake.emptied == []


async def test_what_was_withdrawn_leaves_the_edge_though_the_months_number_is_spent(
    server: Server, stack: AsyncExitStack
) -> None:
    here, paper = await stood(stack, server, emptyings=12), Paper(kept=0)
    paper.publish(pieces("as it was"))
    await laid(here, paper, [])
    page = f"en/2025/{IDS[0]}.html"
    read = await here.reader.expect(page, 1 << 20)
    paper.publish({one: piece for one, piece in pieces("as it was").items() if one != IDS[0]},
                  removal=True)  # fmt: skip
    base = here.reader.base
    await laid(here, paper, [Lying(edition=1, phase=Phase.CURRENT)])

    cleared = await settle(
        mirror("one", base), here.backend, here.reader, paper.target(base=base),
        lying=paper.lying([Lying(edition=1, phase=Phase.LEAVING)]), placed=(),
        shelf=Shelf(paper.blobs), clock=Clock(),
    )  # fmt: skip

    assert read
    assert isinstance(cleared, Placement)
    assert await here.reader.fetch(page, 1 << 20) is None


async def test_what_was_deleted_leaves_an_edge_that_does_not_answer_just_then(
    server: Server, stack: AsyncExitStack
) -> None:
    here, path = await stood(stack, server), "o/aa/" + "a" * 64 + ".webp"
    await here.backend.put(path, b"a face", "image/webp")
    read = await here.reader.fetch(path, 100)
    here.fake.ill = 10

    await here.backend.delete(path)

    here.fake.ill = 0
    assert read == b"a face"
    assert here.fake.emptied == [f"/{path}"]
    assert await here.reader.fetch(path, 100) is None


async def test_what_readers_took_is_told_by_the_provider(
    server: Server, stack: AsyncExitStack
) -> None:
    here, now = await stood(stack, server), datetime.now(UTC)
    watch = _client(server, "cloudwatch")
    stack.callback(watch.close)
    for name, value in (("Requests", 1500.0), ("BytesDownloaded", 2e9)):
        watch.put_metric_data(
            Namespace="AWS/CloudFront",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [
                        {"Name": "DistributionId", "Value": here.made.id},
                        {"Name": "Region", "Value": "Global"},
                    ],
                    "Timestamp": now - timedelta(minutes=5),
                    "Value": value,
                }
            ],
        )

    spent = await here.edge.spent(here.made.id, now - timedelta(days=1), now)

    assert spent == Spend(requests=1500, length=2_000_000_000)


def _cloudfront(server: Server) -> Any:
    return _client(server, "cloudfront")


def _client(server: Server, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
    )
