"""Which mirrors a vantage may learn."""

import pytest

from reach.exposure import MOST_SECRET, allowed
from tamizdat.measurement import Aim, Kind, Vantage
from tamizdat.placement import Exposure, MirrorId


def aim(name: str, exposure: Exposure, group: str = "own") -> Aim:
    return Aim(
        mirror=MirrorId(name),
        base=f"https://{name}.example/",
        exposure=exposure,
        group=group,
        decoy="innocent.example",
        canaries=("https://canary.example/",),
    )


def vantage(*groups: str) -> Vantage:
    known = frozenset(groups)
    return Vantage(id="v", country="XX", network="AS1", kind=Kind.LOCAL, groups=known)


PUBLIC = aim("amber", Exposure.PUBLIC, "other")
OWN = aim("birch", Exposure.GROUP)
OTHER = aim("cedar", Exposure.GROUP, "other")
SECRETS = [aim(f"s{n}", Exposure.SECRET) for n in range(MOST_SECRET + 2)]

TABLE = [
    # groups of the vantage   mirrors                      what it may learn
    ((), [PUBLIC, OWN, OTHER, SECRETS[0]], ["amber"]),
    (("own",), [PUBLIC, OWN, OTHER], ["amber", "birch"]),
    (("own", "other"), [OTHER, OWN, PUBLIC], ["cedar", "birch", "amber"]),
    (("own",), SECRETS, ["s0", "s1", "s2", "s3", "s4"]),
    (("own",), [SECRETS[0], PUBLIC, *SECRETS[1:]], ["s0", "amber", "s1", "s2", "s3", "s4"]),
    (("other",), SECRETS, []),
    ((), [], []),
]


@pytest.mark.parametrize(("groups", "aims", "names"), TABLE)
def test_a_vantage_learns_what_is_for_it(
    groups: tuple[str, ...], aims: list[Aim], names: list[str]
) -> None:
    assert [one.mirror for one in allowed(aims, vantage(*groups))] == names


def test_a_secret_mirror_bears_no_innocent_name_and_others_keep_theirs() -> None:
    secret, public = allowed([SECRETS[0], PUBLIC], vantage("own"))

    assert secret.decoy is None
    assert public == PUBLIC


def test_the_same_secret_mirrors_are_told_each_time() -> None:
    told = allowed(SECRETS, vantage("own"))

    assert allowed(told, vantage("own")) == told
    assert [one.mirror for one in told] == [one.mirror for one in SECRETS[:MOST_SECRET]]
