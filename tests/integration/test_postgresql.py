"""The whole river with its ledger in a real PostgreSQL: same code, same outcome."""

import json
from pathlib import Path

import pytest

from tests.contract.conftest import postgresql_address, postgresql_server
from tests.kit.newsroom import SAMPLES, tamizdat

__all__ = ["postgresql_address", "postgresql_server"]


@pytest.mark.needs_postgresql
def test_a_newsroom_can_keep_its_ledger_in_postgresql(
    tmp_path: Path,
    postgresql_address: str,
) -> None:
    room = tmp_path / "room"
    founded = tamizdat("init", room, "--ledger", postgresql_address, "--json")
    assert founded.returncode == 0, founded.stderr
    told = json.loads(founded.stdout)

    taken = json.loads(
        tamizdat("-C", room, "import", "folder", SAMPLES, "--release", "--json").stdout
    )
    first = json.loads(tamizdat("-C", room, "publish", "--json").stdout)
    again = json.loads(tamizdat("-C", room, "publish", "--json").stdout)
    gone = tamizdat("-C", room, "article", "withdraw", taken["ids"][0], "--json")

    assert [p["verified"] for p in first["placements"]] == [True] * 3
    assert [p["writes"] for p in again["placements"]] == [0] * 3
    assert gone.returncode == 0, gone.stderr
    for mirror in told["mirrors"]:
        checked = tamizdat("verify", room / "mirrors" / mirror, "--root", told["root"])
        assert checked.returncode == 0, checked.stderr
    assert not (room / "state" / "ledger.db").exists()
