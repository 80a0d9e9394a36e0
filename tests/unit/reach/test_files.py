"""Records and files of measurements: what is written can be judged again."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach import record
from reach.checking import Row
from reach.files import controls, judge_file, judged_json, row_json
from reach.judge import judge
from tamizdat.errors import SourceError
from tamizdat.measurement import Handshake, Measurement, Step
from tamizdat.verdict import Word
from tests.kit.sights import (
    GOOD,
    PLAIN,
    RIGHT,
    WRONG,
    check,
    dns,
    http,
    later,
    sight,
    step,
    tcp,
    tls,
)

RESET = sight(dns(RIGHT), tcp(), tls("connection_reset"))


def row(here: Measurement, control: Measurement | None) -> Row:
    return Row(here=here, control=control, ruling=judge(here, control))


def file(*rows: Row) -> bytes:
    return json.dumps({"rows": [row_json(one) for one in rows]}).encode()


@pytest.mark.parametrize("steps", [GOOD, PLAIN, RESET.steps, ()])
def test_a_record_comes_back_as_it_was(steps: tuple[Step, ...]) -> None:
    found = sight(*steps)

    assert record.decode(record.encode(found), "x") == found


def test_certificates_come_back_byte_for_byte() -> None:
    shaken = Handshake(address=RIGHT, port=443, server_name="n", chain=(bytes(range(256)),))
    found = sight(step(shaken))

    assert record.decode(record.encode(found), "x") == found


@given(st.binary(max_size=200))
def test_noise_is_no_record(noise: bytes) -> None:
    with pytest.raises(SourceError):
        record.decode(noise, "x")


def test_a_record_with_an_unknown_failure_is_refused_in_one_line() -> None:
    body = record.encode(RESET).replace(b"connection_reset", b"connection_lost")

    with pytest.raises(SourceError, match="no measurement of ours") as refusal:
        record.decode(body, "x")

    assert "\n" not in str(refusal.value)


def test_what_check_wrote_is_judged_again() -> None:
    judged = judge_file(file(row(RESET, sight(*GOOD)), row(sight(*GOOD), None)), "f")

    assert [one.word for one in judged] == [Word.BLOCKED, Word.REACHABLE]


OONI = [
    # here, control                                               OONI says
    (GOOD, GOOD, (False, True, "consistent")),
    (PLAIN, PLAIN, (False, True, "consistent")),
    (RESET.steps, GOOD, ("http-failure", False, "consistent")),
    ((dns(RIGHT), tcp("connection_refused")), GOOD, ("tcp_ip", False, "consistent")),
    (
        (dns(RIGHT), tcp("connection_refused")),
        (dns(RIGHT), tcp("connection_refused")),
        (False, False, "consistent"),
    ),
    ((dns(code="dns_nxdomain_error"),), GOOD, ("dns", False, "inconsistent")),
    (
        (dns(WRONG), tcp(at=WRONG), tls("ssl_unknown_authority", at=WRONG)),
        GOOD,
        ("dns", False, "inconsistent"),
    ),
    (
        (dns(RIGHT), tcp(), http("connection_reset", secure=False)),
        PLAIN,
        ("http-failure", False, "consistent"),
    ),
    (
        (dns(RIGHT), tcp(), http(secure=False, status=403), check("missing")),
        PLAIN,
        ("http-diff", False, "consistent"),
    ),
]


@pytest.mark.parametrize(("here", "there", "fields"), OONI)
def test_ours_bear_oonis_fields_too(
    here: tuple[Step, ...], there: tuple[Step, ...], fields: tuple[object, ...]
) -> None:
    (judged,) = judge_file(file(row(sight(*here), sight(*there))), "f")

    found = judged.ooni
    assert (found.blocking, found.accessible, found.dns_consistency) == fields
    assert judged.stored is None


def test_oonis_own_file_is_judged_and_what_it_stored_stands_beside() -> None:
    keys = {"queries": [], "control": {}, "blocking": "dns"}
    body = json.dumps({"test_name": "web_connectivity", "input": "http://x/", "test_keys": keys})

    (judged,) = judge_file(body.encode(), "f")

    told = judged_json(judged)
    assert told["verdict"] == "nothing"
    assert told["stored"]["blocking"] == "dns"
    assert told["ooni"]["blocking"] is None


def test_records_may_stand_one_a_line() -> None:
    body = record.encode(sight(*GOOD)) + b"\n" + record.encode(RESET) + b"\n"

    assert [one.word for one in judge_file(body, "f")] == [Word.REACHABLE, Word.NOTHING]


@pytest.mark.parametrize("body", [b"", b"\n", b"5", b"[5]", b"{}", b"nonsense", b'{"rows": []}'])
def test_a_file_without_measurements_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"^f"):
        judge_file(body, "f")


def test_the_newest_of_each_mirror_serves_as_control(tmp_path: Path) -> None:
    old, new = sight(*GOOD), sight(*GOOD, at=later(5))
    path = tmp_path / "open.json"
    path.write_bytes(file(row(new, None), row(old, None), row(sight(*GOOD, mirror="birch"), None)))

    found = controls(path.read_bytes(), "f")

    assert found["amber"] == new  # type: ignore[index]
    assert len(found) == 2
