"""The judge, as a table: what was seen, what the control saw, what it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.judge import RULES, RULES_VERSION, judge
from tamizdat.measurement import CODES, Measurement, Purpose, Step
from tamizdat.verdict import MEANINGS, Finding, Vote, Word
from tests.kit.sights import (
    CANARY,
    DECOY,
    GOOD,
    PINNED,
    PLAIN,
    RIGHT,
    WRONG,
    check,
    dns,
    http,
    later,
    sight,
    tcp,
    tls,
)

HEAVY = 100_000
BUT_PAGE = (dns(RIGHT), tcp(), tls(), http())
PINNED_GOOD = (
    tcp(purpose=PINNED),
    tls(purpose=PINNED),
    http(purpose=PINNED),
    check(purpose=PINNED),
)
CANARY_GOOD = http(purpose=CANARY)
CANARY_DEAD = (dns(code="generic_timeout_error", purpose=CANARY),)
STALL = http("generic_timeout_error", stalled=40_000, length=39_000)


def slow(purpose: Purpose = Purpose.READER) -> Step:
    return http(length=HEAVY, seconds=5, purpose=purpose)


FAST = http(length=HEAVY, seconds=0.01)

TABLE = [
    # what is tried and seen, with a good control                 finding
    (GOOD, Finding.OK),
    (PLAIN, Finding.OK),
    ((dns(RIGHT), tcp(), tls(), http(), check("stale")), Finding.OK),
    ((dns(WRONG), *GOOD[1:]), Finding.OK),
    (
        (
            *BUT_PAGE,
            slow(),
            check(),
            slow(),
            slow(),
            http(length=HEAVY, seconds=0.1, purpose=CANARY),
        ),
        Finding.THROTTLED,
    ),
    (
        (*BUT_PAGE, slow(), check(), slow(), http(length=HEAVY, seconds=0.1, purpose=CANARY)),
        Finding.OK,
    ),
    ((*BUT_PAGE, slow(), check(), slow(), slow(), slow(CANARY)), Finding.OK),
    ((*BUT_PAGE, slow(), check(), slow(), slow()), Finding.OK),
    ((*BUT_PAGE, STALL, STALL, STALL), Finding.FROZEN),
    ((*BUT_PAGE, STALL, STALL), Finding.HTTP_FAILURE),
    (
        (*BUT_PAGE, STALL, http("generic_timeout_error", stalled=90_000), STALL),
        Finding.HTTP_FAILURE,
    ),
    ((dns(RIGHT), tcp(), tls(), STALL, STALL, STALL), Finding.HTTP_FAILURE),
    ((dns(code="dns_nxdomain_error", rcode=3), *PINNED_GOOD), Finding.DNS),
    ((dns(code="dns_bogon_error"), *PINNED_GOOD), Finding.DNS),
    ((dns(WRONG), tcp(), tls("ssl_unknown_authority"), *PINNED_GOOD), Finding.DNS),
    ((dns(WRONG), tcp("connection_refused"), *PINNED_GOOD), Finding.DNS),
    ((dns(WRONG), tcp(), tcp("connection_refused", purpose=PINNED)), Finding.TCP_IP),
    ((dns(RIGHT), tcp("generic_timeout_error")), Finding.TCP_IP),
    ((dns(RIGHT), tcp("connection_refused"), CANARY_GOOD), Finding.TCP_IP),
    (
        (dns(RIGHT), tcp(), tls("connection_reset"), tcp(purpose=DECOY), tls(purpose=DECOY)),
        Finding.TLS_SNI,
    ),
    (
        (dns(RIGHT), tcp(), tls("eof_error"), tls("ssl_invalid_hostname", purpose=DECOY)),
        Finding.TLS_SNI,
    ),
    (
        (dns(RIGHT), tcp(), tls("connection_reset"), tls("connection_reset", purpose=DECOY)),
        Finding.TLS_OTHER,
    ),
    ((dns(RIGHT), tcp(), tls("generic_timeout_error")), Finding.TLS_OTHER),
    ((dns(RIGHT), tcp(), tls("ssl_unknown_authority")), Finding.TLS_MITM),
    ((dns(RIGHT), tcp(), http(secure=False), check("missing")), Finding.BLOCKPAGE),
    ((dns(RIGHT), tcp(), http(secure=False, status=403), check("missing")), Finding.BLOCKPAGE),
    ((dns(RIGHT), tcp(), tls(), http(status=403), check("missing")), Finding.SERVER_SIDE),
    ((dns(RIGHT), tcp(), tls(), http(status=451), check("missing")), Finding.SERVER_SIDE),
    ((dns(RIGHT), tcp(), tls(), http(), check("missing")), Finding.HTTP_DIFF),
    ((*BUT_PAGE, check("invalid")), Finding.HTTP_DIFF),
    (
        (
            dns(RIGHT),
            tcp(),
            http("connection_reset", secure=False),
            http(secure=False, purpose=DECOY),
        ),
        Finding.HTTP_HOST,
    ),
    ((dns(RIGHT), tcp(), http("connection_reset", secure=False)), Finding.HTTP_FAILURE),
    ((dns(RIGHT), tcp(), tls(), http("eof_error")), Finding.HTTP_FAILURE),
    (
        (
            dns(code="generic_timeout_error"),
            tcp("generic_timeout_error", purpose=PINNED),
            *CANARY_DEAD,
        ),
        Finding.VANTAGE_DOWN,
    ),
    ((dns(code="generic_timeout_error"),), Finding.IMPAIRED),
]


@pytest.mark.parametrize(("steps", "finding"), TABLE)
def test_a_sight_beside_a_good_control_has_its_finding(
    steps: tuple[Step, ...], finding: Finding
) -> None:
    ruling = judge(sight(*steps), sight(*BUT_PAGE, FAST, check()))

    assert ruling.finding is finding
    assert ruling.rules_version == RULES_VERSION


CONTROLS = [
    # what the control saw                                        finding
    (sight(dns(RIGHT), tcp("connection_refused")), Finding.SERVER_DOWN),
    (sight(dns(code="dns_nxdomain_error")), Finding.SERVER_DOWN),
    (sight(*BUT_PAGE, check("missing")), Finding.SERVER_DOWN),
    (sight(), Finding.SERVER_DOWN),
    (sight(*BUT_PAGE, check("invalid")), Finding.ALTERED),
    (sight(*BUT_PAGE, check("unknown_edition")), Finding.ALTERED),
    (sight(*GOOD, at=later(-16)), Finding.NO_CONTROL),
    (sight(*GOOD, at=later(16)), Finding.NO_CONTROL),
    (None, Finding.NO_CONTROL),
    (sight(*GOOD, at=later(-14)), Finding.TLS_OTHER),
]


@pytest.mark.parametrize(("control", "finding"), CONTROLS)
def test_a_reset_is_a_block_only_where_the_control_is_well(
    control: Measurement | None, finding: Finding
) -> None:
    here = sight(dns(RIGHT), tcp(), tls("connection_reset"))

    assert judge(here, control).finding is finding


def test_without_known_addresses_a_foreign_answer_needs_the_controls() -> None:
    here = sight(dns(WRONG), tcp(), tls("ssl_unknown_authority"), expected=())

    assert judge(here, sight(*GOOD)).finding is Finding.DNS


def test_two_replies_that_differ_are_flagged() -> None:
    first, second = dns(RIGHT), dns(WRONG)
    both = first.seen.replies + second.seen.replies  # type: ignore[union-attr]
    racing = dns(RIGHT)
    object.__setattr__(racing.seen, "replies", both)

    assert judge(sight(racing, *GOOD[1:]), None).flags == ("dns_tampered",)


def test_an_old_edition_is_reachable_and_flagged() -> None:
    assert judge(sight(*BUT_PAGE, check("stale")), None).flags == ("stale",)


def test_a_control_of_another_mirror_is_refused() -> None:
    with pytest.raises(ValueError, match="another mirror"):
        judge(sight(*GOOD), sight(*GOOD, mirror="birch"))


def test_every_rule_has_its_own_name_and_the_last_one_always_holds() -> None:
    names = [rule.id for rule in RULES]

    assert len(set(names)) == len(names)
    assert RULES[-1].finding is Finding.IMPAIRED


def test_every_finding_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Finding)


def some_step() -> st.SearchStrategy[Step]:
    code = st.none() | st.sampled_from(sorted(CODES))
    purpose = st.sampled_from(Purpose)
    makers = (
        st.builds(lambda c, p: tcp(c, purpose=p), code, purpose),
        st.builds(lambda c, p: tls(c, purpose=p), code, purpose),
        st.builds(lambda c, p: http(c, purpose=p), code, purpose),
        st.builds(lambda c, p: check(c, purpose=p), code, purpose),
        st.builds(
            lambda c, p, a: dns(*a, code=c, purpose=p),
            code,
            purpose,
            st.lists(st.sampled_from([RIGHT, WRONG]), max_size=2),
        ),
    )
    return st.one_of(*makers)


@given(st.lists(some_step(), max_size=12))
def test_our_own_outage_is_never_called_a_block(steps: list[Step]) -> None:
    down = sight(dns(RIGHT), tcp("connection_refused"))

    ruling = judge(sight(*steps), down)

    assert ruling.word is not Word.BLOCKED
    assert ruling.meaning.vote is not Vote.BLOCKED


@given(st.lists(some_step(), max_size=12))
def test_signed_content_is_never_called_a_block(steps: list[Step]) -> None:
    ruling = judge(sight(*steps, check()), sight(*GOOD))

    assert ruling.finding is Finding.OK


@given(st.lists(some_step(), max_size=12))
def test_without_a_control_nobody_votes_for_a_block(steps: list[Step]) -> None:
    assert judge(sight(*steps), None).meaning.vote is not Vote.BLOCKED
