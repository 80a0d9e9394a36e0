"""The modules that decide: pure, and every branch of theirs is tried by a unit test."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
DECISIONS = (
    "feeds/letters.py",
    "feeds/places.py",
    "feeds/plain.py",
    "feeds/sharding.py",
    "gateway/responder/answer.py",
    "gateway/responder/domain_key.py",
    "gateway/responder/envelope.py",
    "gateway/responder/limiter.py",
    "gateway/responder/own_key.py",
    "gateway/responder/request.py",
    "gateway/responder/signature.py",
    "gateway/responder/spelling.py",
    "mirror/changes.py",
    "mirror/collection.py",
    "mirror/distributor/asker.py",
    "mirror/distributor/court.py",
    "mirror/distributor/growth.py",
    "mirror/distributor/leaf.py",
    "mirror/distributor/season.py",
    "mirror/distributor/tree.py",
    "mirror/governor.py",
    "mirror/hints.py",
    "mirror/leftovers.py",
    "mirror/planner.py",
    "mirror/radius.py",
    "mirror/reaction.py",
    "mirror/shapes.py",
    "mirror/situation.py",
    "mirror/stand_in.py",
    "mirror/standing.py",
    "mirror/steps.py",
    "mirror/stranding.py",
    "mirror/survival.py",
    "reach/afterlife.py",
    "reach/watch.py",
    "service/config.py",
    "service/backup/contents.py",
    "service/dispatching/pace.py",
    "service/dispatching/telling.py",
    "service/fading.py",
    "service/backup/losses.py",
    "service/backup/restored.py",
    "service/backup/rewriting.py",
    "service/stories/second_person.py",
    "service/tried.py",
    "signing/armor.py",
    "signing/ceremony.py",
    "signing/claim.py",
    "signing/gate.py",
    "signing/passport.py",
    "signing/removal.py",
    "signing/root_draft.py",
    "signing/shamir.py",
    "signing/shards.py",
    "signing/shares.py",
    "signing/trust.py",
    "signing/words.py",
    "tamizdat/article.py",
    "tamizdat/canonical.py",
    "tamizdat/deeds.py",
    "tamizdat/digest.py",
    "tamizdat/dispatching.py",
    "tamizdat/language.py",
    "tamizdat/moment.py",
    "tamizdat/moves.py",
    "tamizdat/paths.py",
    "tamizdat/progress.py",
    "tamizdat/record.py",
    "tamizdat/rights.py",
    "tamizdat/wire.py",
)
TRIED_BY = ("tests/unit/tamizdat", "tests/unit/mirror", "tests/unit/service", "tests/unit/signing")
TRIED_BY_TOO = (
    "tests/unit/feeds/test_in_letters.py",
    "tests/unit/feeds/test_out_plain.py",
    "tests/unit/feeds/test_out_sharding.py",
    "tests/unit/feeds/test_out_pages.py",
    "tests/unit/gateway/test_answers.py",
    "tests/unit/gateway/test_domain_keys.py",
    "tests/unit/gateway/test_domain_signatures.py",
    "tests/unit/gateway/test_responder.py",
    "tests/unit/reach/test_afterlife.py",
    "tests/unit/reach/test_watch.py",
)
ACTS = {"asyncio", "socket", "subprocess", "aiohttp", "boto3", "sqlalchemy", "time", "random"}


def test_a_decision_does_nothing_but_decide() -> None:
    for name in DECISIONS:
        tree = ast.parse((HOUSE / name).read_text(encoding="utf-8"))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.Await)], name
        imported = {
            (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not imported & ACTS, name


@pytest.mark.timeout(1000)
def test_every_branch_of_every_decision_is_tried(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    rooms = sorted({name.partition("/")[0] for name in DECISIONS})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += [f"--cov={room}" for room in rooms]
    command += ["--cov-branch", f"--cov-report=json:{report}", *TRIED_BY, *TRIED_BY_TOO]
    # the same examples each time: what others find is for the tests themselves to say
    command += ["--hypothesis-profile=counted"]

    done = subprocess.run(
        command,
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
        timeout=960,
        env={"PATH": "/usr/bin:/bin", "COVERAGE_FILE": str(tmp_path / "coverage")},
    )

    assert done.returncode == 0, done.stdout[-3000:]
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    lacking = {
        name: files[name]["missing_lines"] or files[name]["missing_branches"]
        for name in DECISIONS
        if files[name]["summary"]["percent_covered"] < 100
    }
    assert not lacking
