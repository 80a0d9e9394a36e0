"""Vantages and what is told of mirrors for looking at them: from the config to an aim."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mirror.settings import to_mirror
from service.config import Config, parse
from service.looks.reaching import aims
from tamizdat.errors import ConfigError
from tamizdat.measurement import Kind
from tamizdat.placement import Mirror, MirrorState
from tests.kit.orders import order

TEXT = """
[newsroom]
name = "The Tideline"

[[mirror]]
id = "amber"
backend = "folder"
folder = "mirrors/amber"
url = "https://news.example"
addresses = ["192.0.2.10", "2001:DB8::1"]
decoy = "innocent.example"
canaries = ["https://canary.example", "http://other.example/x"]

[[mirror]]
id = "birch"
backend = "folder"
folder = "mirrors/birch"

[[vantage]]
id = "north"
country = "XX"
network = "AS64500"
groups = ["open"]
resolver = "192.0.2.53:5353"
command = ["ssh", "look@vantage.example"]

[[vantage]]
id = "open-net"
kind = "control"
"""


def test_a_vantage_is_as_the_config_says() -> None:
    north, control = (one.vantage for one in parse(TEXT, "x").vantage)

    assert (north.id, north.country, north.network, north.kind) == (
        "north",
        "XX",
        "AS64500",
        Kind.LOCAL,
    )
    assert (north.groups, north.resolver) == (frozenset({"open"}), "192.0.2.53:5353")
    assert (control.kind, control.country, control.network) == (Kind.CONTROL, "ZZ", "AS0")


def test_what_is_told_of_a_mirror_is_an_aim_that_an_order_may_bear() -> None:
    config = parse(TEXT, "x")

    (aim,) = aims(mirrors(config), config.mirror)

    assert aim.addresses == ("192.0.2.10", "2001:db8::1")
    assert aim.decoy == "innocent.example"
    assert aim.canaries == ("https://canary.example/", "http://other.example/x/")
    assert order(aim).aims == (aim,)


def test_a_retired_mirror_and_one_without_an_address_are_no_aims() -> None:
    config = parse(TEXT, "x")

    amber, birch = mirrors(config)
    retired = replace(amber, state=MirrorState.RETIRED)
    spare = replace(amber, state=MirrorState.SPARE)

    assert aims([retired, birch], config.mirror) == ()
    assert [one.mirror for one in aims([spare, birch], config.mirror)] == ["amber"]


WRONG = [
    # what was typed                            instead                              what is said
    ('"192.0.2.10"', '"news.example"', "mirror.0.addresses.0: must be an IP address"),
    ('"innocent.example"', '"no name"', "mirror.0.decoy"),
    ('"https://canary.example"', '"canary.example"', "mirror.0.canaries.0: must start with"),
    ('"192.0.2.53:5353"', '"dns.example"', "vantage.0.resolver: must be the address of a DNS"),
    ('"192.0.2.53:5353"', '"192.0.2.53:x"', "vantage.0.resolver: must be the address of a DNS"),
    ('"look@vantage.example"', '"\\u0000"', "vantage.0.command.1"),
    ('"look@vantage.example"', '""', "vantage.0.command.1"),
    ('command = ["ssh"', 'command = ["ssh", 5', "vantage.0.command.1"),
    ('"XX"', '"Iran"', "vantage.0.country"),
    ('"AS64500"', '"64500"', "vantage.0.network"),
    ('"control"', '"spy"', "vantage.1.kind"),
    ('"open-net"', '"north"', "vantage north stands there twice"),
    ('kind = "control"', "port = 22", "vantage.1.port: unknown key"),
]


def mirrors(config: Config) -> Sequence[Mirror]:
    return [to_mirror(one, Path("room")) for one in config.mirror]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_cannot_be_looked_from_or_at_is_named_in_one_line(
    old: str, new: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(TEXT.replace(old, new), "x")

    assert "\n" not in str(caught.value)
