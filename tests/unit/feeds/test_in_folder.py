"""Folders of Markdown with front matter."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.incoming import Incoming, SetAside
from feeds.sources import folder
from feeds.sources.front_matter import MAX_BYTES, FrontMatter, part
from tamizdat.errors import SourceError

WHOLE = """---
title: "خانه: می‌روم"
language: fa
date: 2026-03-04T03:30:00+03:30
authors: [زهرا, N. Karimi]
section: سیاست
tags:
  - one
  - two
summary: کوتاه
id: story-1
---
# A headline

Text with a note[^1] and | pipes.

| a | b |
|---|---|
| 1 | 2 |

[^1]: The note.
"""


def test_front_matter_is_read() -> None:
    assert part(WHOLE).matter == FrontMatter(
        id="story-1",
        title="خانه: می‌روم",
        language="fa",
        published=datetime(2026, 3, 4, tzinfo=UTC),
        authors=("زهرا", "N. Karimi"),
        section="سیاست",
        tags=("one", "two"),
        summary="کوتاه",
    )


def test_a_file_comes_in_with_tables_and_footnotes(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(WHOLE, "utf-8")

    (found,) = folder.read(tmp_path)

    assert isinstance(found, Incoming)
    assert (found.kind, found.key, found.title) == ("folder", "story-1", "خانه: می‌روم")
    assert "<td>1</td>" in found.html
    assert 'class="footnote' in found.html


def test_a_file_without_front_matter_is_known_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.markdown").write_text("# The headline #\n\ntext", "utf-8")

    (found,) = folder.read(tmp_path)

    assert isinstance(found, Incoming)
    assert (found.key, found.title, found.published) == ("sub/b.markdown", "The headline", None)


DATES = [
    ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
    ("2026-03-04T05:06:07Z", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
    ("2026-03-04T05:06+02:00", datetime(2026, 3, 4, 3, 6, tzinfo=UTC)),
    ("2026-03-04 05:06:07-0330", datetime(2026, 3, 4, 8, 36, 7, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "when"), DATES)
def test_a_date_is_a_day_or_a_time_with_its_offset(text: str, when: datetime) -> None:
    assert part(f"---\ndate: {text}\n---\n").matter.published == when


@pytest.mark.parametrize(
    "text", ["2026-03-04T05:06:07", "2026-02-30", "yesterday", "20260304", "2026-W10"]
)
def test_any_other_date_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="neither"):
        part(f"---\ndate: {text}\n---\n")


BAD = [
    ("an alias", "a: &x [1]\nb: *x"),
    ("an anchor", "a: &x 1"),
    ("a tag", "a: !!python/object/apply:os.system [ls]"),
    ("a list", "- a\n- b"),
    ("no YAML", 'a: "b'),
    ("deep nesting", "a: " + "[" * 500 + "]" * 500),
    ("too much", "a: " + "x" * MAX_BYTES),
    ("a title that is a list", "title: [a]"),
    ("a language that is a mapping", "language: {a: b}"),
    ("a billion laughs", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]"),
]


@pytest.mark.parametrize("yaml", [pytest.param(yaml, id=name) for name, yaml in BAD])
def test_clever_front_matter_is_refused_in_one_line(yaml: str) -> None:
    with pytest.raises(SourceError) as caught:
        part(f"---\n{yaml}\n---\ntext")

    assert str(caught.value).startswith("front matter")
    assert "\n" not in str(caught.value)


def test_a_mistyped_key_is_refused_and_a_foreign_one_left_alone() -> None:
    with pytest.raises(SourceError, match=r"unknown key 'langauge': is 'language' meant"):
        part("---\nlangauge: en\n---\ntext")

    assert part("---\nlayout: wide\ntitle: a\n---\ntext").matter.title == "a"


def test_front_matter_without_end_is_refused() -> None:
    with pytest.raises(SourceError, match="does not end"):
        part("---\ntitle: a\n\ntext")


def test_a_line_at_the_head_is_no_front_matter() -> None:
    assert part("---\n\nText after a rule.\n").text == "---\n\nText after a rule.\n"
    assert part("plain").matter == FrontMatter()
    assert part("---\n---\ntext").text == "text"


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ndate: soon\n---\n", "utf-8")
    (tmp_path / "b.md").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "c.md").write_text("---\ndraft: true\n---\nx", "utf-8")
    (tmp_path / "d.md").write_text("---\nid: one\n---\nx", "utf-8")
    (tmp_path / "e.md").write_text("---\nid: one\n---\ny", "utf-8")

    found = list(folder.read(tmp_path))

    reasons = [one.reason for one in found if isinstance(one, SetAside)]
    assert reasons[1:] == ["is not UTF-8: save it as UTF-8", "draft", "has the same id as d.md"]
    assert [one.key for one in found if isinstance(one, Incoming)] == ["one"]


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no folder"):
        list(folder.read(tmp_path / "none"))
