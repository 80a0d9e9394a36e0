"""Attacks: each one that the design names, and the tests and courses that prove resistance."""

import ast
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SIGNING, WHOLE = "unit/signing/test_", "integration/test_"
ATTACKS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "a flipped byte in each kind of file",
        (
            f"{WHOLE}tampering.py::test_no_byte_of_what_is_signed_can_be_changed",
            f"{WHOLE}tampering.py::test_no_file_can_be_changed_or_taken_away",
            f"{WHOLE}tampering.py::test_no_byte_of_a_trailer_can_be_changed",
        ),
    ),
    (
        "a key that is valid and not ours, or of another role; one type for another",
        (
            f"{SIGNING}trust.py::test_a_manifest_takes_the_role_release",
            f"{SIGNING}trust.py::test_types_are_not_confused",
            "pointer by release",
            "thief: a manifest by the timestamp key",
            "mixed: here as the pointer",
        ),
    ),
    (
        "signatures that are missing, there twice, or by one key under two names",
        (
            f"{SIGNING}trust.py::test_a_root_takes_its_threshold",
            f"{SIGNING}trust.py::test_a_root_that_is_not_sound_is_refused",
            "release: two of five",
        ),
    ),
    (
        "another kind of signature, or more than one",
        (
            f"{SIGNING}gate.py::test_other_versions_and_algorithms_are_refused",
            f"{SIGNING}gate.py::test_other_hashed_areas_are_refused",
            "vectors/test_python.py::test_a_case_gets_its_verdict",
            "vectors/test_second.py::test_what_either_refuses_we_refuse",
            "fuzz/test_signed_files.py::test_bent_bytes_are_refused",
        ),
    ),
    (
        "a key that was revoked, or is out of its time",
        (
            f"{SIGNING}openpgp.py::test_a_key_out_of_its_time_makes_no_signature",
            f"{SIGNING}openpgp.py::test_a_key_that_was_revoked_makes_no_signature",
            f"{SIGNING}trust.py::test_a_key_that_root_dropped_counts_no_more",
            "mixed: by a key that is distrusted",
        ),
    ),
    (
        "a signature of ours over half of the bytes",
        (f"{SIGNING}openpgp.py::test_signing_at_once_and_at_the_limit_works",),
    ),
    (
        "rollback of pointer, edition, list and root; the same number with other bytes",
        (
            f"{SIGNING}trust.py::test_a_pointer_never_goes_back",
            "back: the pointer before",
            "back: the edition before, pointed to anew",
            "back: the list before",
            "back: the root before",
            "back: a pointer with other bytes",
        ),
    ),
    (
        "freezing, and a clock that is set back",
        (
            f"{SIGNING}trust.py::test_the_clock_has_a_floor",
            f"{WHOLE}mirrors_over_time.py::test_without_a_state_a_thief_is_bound_by_the_manifests_end",
            "clock: freezing",
            "clock: in 1970",
            "clock: 40 days ahead",
        ),
    ),
    (
        "fast forward, and recovery",
        (
            f"{SIGNING}recovery.py::test_a_reader_whom_a_thief_led_far_ahead_comes_back",
            "ahead: a pointer that leaps",
            "ahead: a thief counts, the key goes, and all is well",
            "thief: version 2^52",
        ),
    ),
    (
        "mixtures of editions, channels and roots",
        (
            "mixed: the pages of the edition before",
            "mixed: the manifest before",
            "roots: of another channel",
            f"{SIGNING}recovery.py::test_a_copy_that_shows_an_old_root_beside_a_newer_one_is_refused",
        ),
    ),
    (
        "two heads for one number",
        (
            f"{WHOLE}twin.py::test_a_twins_edition_is_an_incident_and_again_when_it_goes_one_ahead",
            "back: another edition of that number",
        ),
    ),
    (
        "answers without end, slow ones, false lengths, packed bombs",
        (
            f"{WHOLE}hostile_files.py::test_a_few_hostile_things_do_no_harm",
            f"{SIGNING}web.py::test_reading_stops_one_byte_after_the_limit",
            f"{SIGNING}recovery.py::test_a_slow_host_keeps_nobody_from_what_another_has",
        ),
    ),
    (
        "archives that climb, burst, overlap or name a thing twice; links and devices",
        (
            f"{WHOLE}hostile_files.py::test_a_thousand_hostile_things_do_no_harm",
            f"{SIGNING}limits.py::test_a_zip_that_lies_is_refused_though_it_is_signed",
            f"{SIGNING}limits.py::test_a_part_that_a_stranger_prepared_leads_nowhere",
            f"{SIGNING}passport.py::test_members_with_odd_names_are_refused",
            f"{SIGNING}verify.py::test_a_link_is_never_followed",
        ),
    ),
    (
        "a mirror that sends elsewhere",
        (f"{SIGNING}web.py::test_a_redirect_stays_on_its_host",),
    ),
    (
        "a kill at any write",
        (
            f"{SIGNING}fetch.py::test_the_last_good_edition_outlives_any_cut",
            f"{WHOLE}kills.py::test_no_reader_meets_a_broken_mirror_while_twenty_publishes_are_killed",
        ),
    ),
    (
        "lost root keys",
        (
            f"{WHOLE}ceremony.py::test_who_follows_the_page_ends_well_and_so_does_the_reader",
            f"{WHOLE}key_drills.py::test_with_two_root_keys_lost_all_goes_on_but_no_root_follows",
        ),
    ),
    (
        "markup and scripts from an article",
        ("unit/feeds/test_in_cleaner.py::test_nothing_hostile_survives_the_whole_way",),
    ),
    (
        "traces of people and machines in what goes out",
        (f"{WHOLE}traces.py::test_no_file_names_this_machine_or_its_user",),
    ),
)


@cache
def named() -> set[str]:
    """Every test, and every course of mirrors."""
    book = json.loads((HOUSE / "tests/vectors/mirrors.json").read_text(encoding="utf-8"))
    return {course["name"] for course in book["courses"]} | set(_tests())


def _tests() -> Iterator[str]:
    for path in (HOUSE / "tests").rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(HOUSE / 'tests').as_posix()}::{node.name}"


@pytest.mark.parametrize(("attack", "proofs"), ATTACKS, ids=[attack for attack, _ in ATTACKS])
def test_each_attack_has_tests(attack: str, proofs: Sequence[str]) -> None:
    assert set(proofs) <= named(), attack
