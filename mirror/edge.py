"""An edge: a CloudFront distribution before a bucket, as the one who pays for it reaches it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from mirror.credentials import Credentials
from mirror.governor import Spend
from mirror.s3 import Bucket, control, translated
from tamizdat.errors import BackendError

PRICES = "PriceClass_100"
"""Only the cheap places: readers elsewhere are served from these."""

POLLS, PAUSE = 20, 1.0
"""How often, and after how many seconds each, we ask whether an emptying is done."""

_ORIGIN = "bucket"
_DAY = 86400
_DONE = frozenset({"completed", "deployed"})

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A distribution: its id, the name that readers use, and how far it is."""

    id: str
    domain: str
    enabled: bool
    deployed: bool


class Edge:
    """The control plane. Every method raises BackendError."""

    def __init__(self, keys: Credentials, endpoint: str | None = None) -> None:
        self._keys = keys
        self._endpoint = endpoint
        self._lock = Lock()
        self._made: dict[str, Any] = {}

    async def create(self, bucket: Bucket, token: str) -> Distribution:
        """A distribution before a bucket. The same `token` makes none twice."""
        wanted = _wanted(bucket, token)
        answer = await self._run(
            "cloudfront", "making", lambda one: one.create_distribution(DistributionConfig=wanted)
        )
        return _told(answer["Distribution"])

    async def look(self, distribution: str) -> Distribution:
        """How it stands."""
        answer = await self._run(
            "cloudfront", "looking", lambda one: one.get_distribution(Id=distribution)
        )
        return _told(answer["Distribution"])

    async def empty(self, distribution: str, paths: Sequence[str], token: str) -> bool:
        """Let it forget what it keeps of `paths`; whether that was done while we waited."""
        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": token,
        }
        answer = await self._run(
            "cloudfront",
            "emptying",
            lambda one: one.create_invalidation(
                DistributionId=distribution, InvalidationBatch=batch
            ),
        )
        number = answer["Invalidation"]["Id"]
        for _ in range(POLLS):
            answer = await self._run(
                "cloudfront",
                "emptying",
                lambda one: one.get_invalidation(DistributionId=distribution, Id=number),
            )
            if answer["Invalidation"]["Status"].lower() in _DONE:
                return True
            await asyncio.sleep(PAUSE)
        return False

    async def switch(self, distribution: str, *, on: bool) -> None:
        """Let it serve, or serve nobody (which ends what it costs)."""

        def work(client: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
            found = client.get_distribution_config(Id=distribution)
            config = found["DistributionConfig"]
            if config["Enabled"] is not on:
                config["Enabled"] = on
                client.update_distribution(
                    Id=distribution, IfMatch=found["ETag"], DistributionConfig=config
                )

        await self._run("cloudfront", "switching", work)

    async def delete(self, distribution: str) -> bool:
        """Delete one that is off; False where it is not off everywhere yet: ask again later."""
        if not (await self.look(distribution)).deployed:
            return False

        def work(client: Any) -> None:  # noqa: ANN401 - as above
            found = client.get_distribution_config(Id=distribution)
            client.delete_distribution(Id=distribution, IfMatch=found["ETag"])

        await self._run("cloudfront", "deleting", work)
        return True

    async def spent(self, distribution: str, since: datetime, until: datetime) -> Spend:
        """What readers asked of it, as the provider counts it for the bill."""

        def work(client: Any) -> Sequence[float]:  # noqa: ANN401 - as above
            sums = []
            for name in ("Requests", "BytesDownloaded"):
                answer = client.get_metric_statistics(
                    Namespace="AWS/CloudFront",
                    MetricName=name,
                    Dimensions=[
                        {"Name": "DistributionId", "Value": distribution},
                        {"Name": "Region", "Value": "Global"},
                    ],
                    StartTime=since,
                    EndTime=until,
                    Period=_DAY,
                    Statistics=["Sum"],
                )
                sums.append(sum(point["Sum"] for point in answer["Datapoints"]))
            return sums

        requests, length = await self._run("cloudwatch", "counting", work)
        return Spend(requests=int(requests), length=int(length))

    async def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            made, self._made = self._made, {}
        for client in made.values():
            client.close()

    async def _run(self, service: str, what: str, work: Callable[[Any], _Result]) -> _Result:
        def guarded() -> _Result:
            with translated(what):
                return work(self._client(service))

        try:
            return await asyncio.to_thread(guarded)
        except BackendError as error:
            raise BackendError(f"the front: {error}", retry=error.retry) from error

    def _client(self, service: str) -> Any:  # noqa: ANN401 - as above
        with self._lock:
            if service not in self._made:
                self._made[service] = control(service, self._keys, self._endpoint)
            return self._made[service]


def _told(found: Any) -> Distribution:  # noqa: ANN401 - as above
    return Distribution(
        id=found["Id"],
        domain=found["DomainName"],
        enabled=bool(found["DistributionConfig"]["Enabled"]),
        deployed=found["Status"].lower() in _DONE,
    )


def _wanted(bucket: Bucket, token: str) -> dict[str, Any]:
    """No cookies, no queries, no logs; what may change is asked of the bucket each time."""
    return {
        "CallerReference": token,
        "Comment": "",
        "Enabled": True,
        "PriceClass": PRICES,
        "HttpVersion": "http2",
        "Origins": {"Quantity": 1, "Items": [_origin(bucket)]},
        "DefaultCacheBehavior": {
            "TargetOriginId": _ORIGIN,
            "ViewerProtocolPolicy": "https-only",
            "AllowedMethods": {
                "Quantity": 2,
                "Items": ["GET", "HEAD"],
                "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            },
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            "TrustedSigners": {"Enabled": False, "Quantity": 0},
            "MinTTL": 0,  # a rule of `no-cache` holds
            "DefaultTTL": 60,
            "MaxTTL": 31536000,
        },
    }


def _origin(bucket: Bucket) -> dict[str, Any]:
    """The bucket as the edge asks for it: at Amazon by its own name, elsewhere by a path."""
    scheme, _, rest = bucket.endpoint.partition("://")
    host, _, path = rest.partition("/")
    folder = bucket.prefix.rstrip("/")
    if host.endswith(".amazonaws.com"):
        domain = f"{bucket.name}.{host}"
        kind: dict[str, Any] = {"S3OriginConfig": {"OriginAccessIdentity": ""}}
        inside = folder
    else:
        domain = host.partition(":")[0]
        port = int(host.partition(":")[2] or (443 if scheme == "https" else 80))
        kind = {
            "CustomOriginConfig": {
                "HTTPPort": port if scheme == "http" else 80,
                "HTTPSPort": port if scheme == "https" else 443,
                "OriginProtocolPolicy": f"{scheme}-only",
            }
        }
        inside = "/".join(part for part in (path, bucket.name, folder) if part)
    return {
        "Id": _ORIGIN,
        "DomainName": domain,
        "OriginPath": f"/{inside}" if inside else "",
        **kind,
    }
