"""An article that moves to another section leaves nothing behind in the old one."""

import json
from pathlib import Path

from tests.kit.newsroom import tamizdat

TEXT = """---
id: mover
title: A title that must not stay behind
language: en
date: 2026-10-01
section: {section}
---

Some words.
"""


def published(room: Path, section: str, texts: Path) -> str:
    (texts / "mover.md").write_text(TEXT.format(section=section), encoding="utf-8")
    taken = tamizdat("-C", room, "import", "folder", texts, "--release", "--json")
    assert taken.returncode == 0, taken.stderr
    done = tamizdat("-C", room, "publish", "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(taken.stdout)["ids"][0])


def test_a_moved_article_stands_in_one_section_and_can_be_withdrawn(tmp_path: Path) -> None:
    room, texts = tmp_path / "room", tmp_path / "texts"
    texts.mkdir()
    founded = json.loads(tamizdat("init", room, "--json").stdout)
    mirror = room / "mirrors" / "amber"
    article = published(room, "Harbour", texts)
    assert (mirror / "en/s-harbour/index.html").exists()

    assert published(room, "Market", texts) == article
    assert b"must not stay" in (mirror / "en/s-market/index.html").read_bytes()
    front = (mirror / "index.html").read_text(encoding="utf-8")
    assert "Harbour" not in front
    withdrawn = tamizdat("-C", room, "article", "withdraw", article, "--json")

    assert withdrawn.returncode == 0, withdrawn.stderr
    left = [p for p in mirror.rglob("*") if p.is_file() and b"must not stay" in p.read_bytes()]
    assert left == []
    assert not (mirror / "en/s-harbour").exists()
    checked = tamizdat("verify", mirror, "--root", founded["root"])
    assert checked.returncode == 0, checked.stderr
