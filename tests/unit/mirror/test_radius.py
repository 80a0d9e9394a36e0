"""Which mirrors fall together."""

import pytest

from mirror.radius import Cause, Owned, family, radius
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState

FAMILIES = [
    ("d111.cloudfront.net", "cloudfront.net"),
    ("paper.s3.eu-west-3.amazonaws.com", "amazonaws.com"),
    ("a.example.co.uk", "example.co.uk"),
    ("news.example.de", "example.de"),
    ("co.uk", "co.uk"),
    ("localhost", "localhost"),
    ("192.0.2.7", "192.0.2.7"),
    ("2001:db8::1", "2001:db8::1"),
]


@pytest.mark.parametrize(("host", "expected"), FAMILIES)
def test_a_family_is_what_is_registered(host: str, expected: str) -> None:
    assert family(host) == expected


def owned(
    name: str,
    base: str | None,
    *,
    account: str | None = None,
    provider: str | None = None,
    state: MirrorState = MirrorState.ACTIVE,
    group: str = "open",
) -> Owned:
    mirror = Mirror(
        id=MirrorId(name),
        backend="s3" if base else "folder",
        base=base,
        folder=None if base else "/srv",
        state=state,
        exposure=Exposure.PUBLIC,
        group=group,
    )
    return Owned(mirror=mirror, account=account, provider=provider)


def test_a_cause_takes_all_that_share_it_the_widest_first() -> None:
    pool = [
        owned("a", "https://a.cloud.example/", account="ann", provider="cloud"),
        owned("b", "https://b.cloud.example/", account="bob", provider="cloud"),
        owned("c", "https://c.other.example/", account="bob", group="closed"),
        owned("d", "https://d.cloud.example/", provider="cloud", state=MirrorState.SPARE),
        owned("e", "https://e.cloud.example/", provider="cloud", state=MirrorState.RETIRED),
        owned("f", None),
    ]

    found = radius(pool)

    told = [(one.cause, one.name, one.mirrors, one.stranded) for one in found]
    assert told == [
        (Cause.NAMES, "cloud.example", ("a", "b", "d"), ()),
        (Cause.PROVIDER, "cloud", ("a", "b", "d"), ()),
        (Cause.ACCOUNT, "bob", ("b", "c"), ("closed",)),
        (Cause.ACCOUNT, "ann", ("a",), ()),
        (Cause.MACHINE, "this machine", ("f",), ()),
        (Cause.NAMES, "other.example", ("c",), ("closed",)),
    ]
    assert [one.share for one in found] == [0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_where_no_mirror_is_active_nothing_is_lost() -> None:
    (fall,) = radius([owned("f", None, state=MirrorState.SPARE)])

    assert (fall.share, fall.stranded) == (0.0, ())
