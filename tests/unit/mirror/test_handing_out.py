"""Who is who, and where: the same asker is always given the same, and nothing is kept of them."""

from collections import Counter

import pytest

from mirror.distributor.asker import by_account, by_mail, by_network, by_voucher
from mirror.distributor.leaf import leaf_of
from mirror.distributor.tree import Tree
from tamizdat.grove import Grove, Node

KEY = bytes(32)
GROVE = Grove(channel="mail", cohort="2026-11", depth=7)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Reader@Example.org", "reader@example.org"),
        ("reader+a@example.org", "reader+b@example.org"),
        ("r.e.ader@gmail.com", "reader@googlemail.com"),
        (" reader@example.org ", "reader@example.org"),
    ],
)
def test_spellings_of_one_mailbox_are_one_asker(first: str, second: str) -> None:
    assert by_mail(first) == by_mail(second) is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("reader@example.org", "reader@example.net"),
        ("r.eader@example.org", "reader@example.org"),
        ("a@example.org", "b@example.org"),
    ],
)
def test_other_mailboxes_are_other_askers(first: str, second: str) -> None:
    assert by_mail(first) != by_mail(second)


@pytest.mark.parametrize(
    "address", ["", "reader", "@example.org", "reader@", "reader@host", "+@a.b"]
)
def test_what_is_no_address_asks_nothing(address: str) -> None:
    assert by_mail(address) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("192.0.2.1", "192.0.2.254"),
        ("::ffff:192.0.2.1", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9"),
    ],
)
def test_neighbours_in_a_network_are_one_asker(first: str, second: str) -> None:
    assert by_network(first) == by_network(second) is not None


def test_what_is_no_network_asks_nothing() -> None:
    assert by_network("example.org") is None


def test_askers_of_different_kinds_are_never_the_same() -> None:
    said = {by_mail("7@a.b"), by_network("7.7.7.7"), by_account("7"), by_voucher("7")}

    assert len(said) == 4


def test_the_same_asker_has_the_same_leaf_and_another_key_another() -> None:
    first, again = (leaf_of(KEY, GROVE, "mail reader@example.org") for _ in range(2))
    others = {leaf_of(bytes([n]) * 32, GROVE, "mail reader@example.org").bits for n in range(64)}

    assert first == again
    assert len(first.bits) == GROVE.depth
    assert len(others) > 32


def test_another_cohort_or_channel_has_another_leaf() -> None:
    deep = (
        Grove(channel=channel, cohort=cohort, depth=16) for channel in "ab" for cohort in ("c", "d")
    )
    bits = {leaf_of(KEY, grove, "mail reader@example.org").bits for grove in deep}

    assert len(bits) == 4


def test_askers_are_spread_evenly() -> None:
    counts = Counter(leaf_of(KEY, GROVE, f"mail {n}@example.org").bits[:3] for n in range(8000))

    assert len(counts) == 8
    assert all(850 < count < 1150 for count in counts.values())


@pytest.mark.parametrize("depth", [6, 17])
def test_a_grove_that_is_too_flat_or_too_deep_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="depth is 7 to 16"):
        Grove(channel="mail", cohort="2026-11", depth=depth)


def test_a_hand_out_is_counted_and_nobody_named() -> None:
    leaf = leaf_of(KEY, GROVE, "mail reader@example.org")
    tree = Tree().with_nodes([Node(grove=GROVE, bits="")])

    after = tree.handed_out(leaf).handed_out(leaf)

    assert after.nodes == {(GROVE, ""): Node(grove=GROVE, bits="", holders=2)}


def test_a_leaf_of_a_grove_that_was_never_planted_has_no_group() -> None:
    leaf = leaf_of(KEY, GROVE, "mail reader@example.org")

    assert Tree().of(leaf) is None
    assert Tree().handed_out(leaf) == Tree()
