from pathlib import Path

import pytest

from service.config import FILE, append_block, checked_block, load, parse
from tamizdat.errors import ConfigError

GOOD = """
[newsroom]
name = "The Tideline"
languages = ["en", "zh_hans"]

[[mirror]]
id = "amber"
backend = "folder"
folder = "mirrors/amber"
"""


def test_a_config_is_read_with_its_defaults() -> None:
    config = parse(GOOD, "x")

    assert config.newsroom.languages == ("en", "zh-Hans")
    assert config.newsroom.exit == "about:blank"
    assert config.store.ledger == "sqlite:state/ledger.db"
    assert config.mirror[0].exposure == "public"
    assert config.mirror[0].group == "open"


WRONG = [
    # what was typed                                     what is said
    ('name = "The Tideline"', "", "newsroom.name: is missing"),
    ('name = "The Tideline"', "name = 5", "newsroom.name"),
    ('name = "The Tideline"', 'nam = "x"', "newsroom.nam: unknown key"),
    ('languages = ["en", "zh_hans"]', 'languages = ["englisch"]', "is no language tag"),
    ('languages = ["en", "zh_hans"]', "languages = []", "newsroom.languages"),
    ('backend = "folder"', 'backend = "s4"', "mirror.0.backend"),
    ('folder = "mirrors/amber"', "", "needs folder"),
    ('id = "amber"', 'id = "Amber!"', "mirror.0.id"),
    ("[newsroom]", "[newsroom", "is not TOML"),
    ("[newsroom]", "[newsrom]", "newsr"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_a_typo_is_named_in_one_line(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(GOOD.replace(old, new), "paper/tamizdat.toml")

    assert str(caught.value).startswith("paper/tamizdat.toml: ")
    assert "\n" not in str(caught.value)


def test_an_id_stands_there_once() -> None:
    block = GOOD[GOOD.index("[[mirror]]") :]

    with pytest.raises(ConfigError, match="amber"):
        parse(GOOD + block, "x")


def test_a_folder_without_a_newsroom_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tamizdat init"):
        load(tmp_path)


def test_a_config_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_mirror_is_added_only_where_the_whole_still_parses(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD, encoding="utf-8")

    append_block(tmp_path, '[[mirror]]\nid = "birch"\nbackend = "folder"\nfolder = "m/b"')
    with pytest.raises(ConfigError):
        append_block(tmp_path, '[[mirror]]\nid = "cedar"\nbackend = "moon"')
    checked = checked_block(tmp_path, '[[mirror]]\nid = "d"\nbackend = "folder"\nfolder = "d"')

    assert [block.id for block in checked.mirror] == ["amber", "birch", "d"]
    assert [block.id for block in load(tmp_path).mirror] == ["amber", "birch"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE]


def test_a_config_that_cannot_be_written_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD, encoding="utf-8")
    (tmp_path / f".{FILE}.new").mkdir()

    with pytest.raises(ConfigError, match="cannot be written"):
        append_block(tmp_path, '[[mirror]]\nid = "b"\nbackend = "folder"\nfolder = "m/b"')

    assert (tmp_path / FILE).read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(
    "line",
    ['exit = "javascript:alert(1)"', 'exit = "http://a.example/"', 'name = "a\\u202eb"'],
)
def test_what_would_harm_a_reader_is_refused_in_the_config(line: str) -> None:
    text = GOOD.replace('name = "The Tideline"', line if "name" in line else f'name = "x"\n{line}')

    with pytest.raises(ConfigError):
        parse(text, "x")


def test_a_mirror_that_holds_the_newsroom_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD.replace('"mirrors/amber"', '"."'), encoding="utf-8")

    with pytest.raises(ConfigError, match="amber"):
        load(tmp_path)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Riga"])
def test_editors_have_a_time_zone(zone: str) -> None:
    config = parse(f'{GOOD}\n[desk]\nzone = "{zone}"\n', "x")

    assert config.desk.zone == zone


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", ""])
def test_a_time_zone_that_there_is_not_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match="is no time zone such as Europe/Riga"):
        parse(f'{GOOD}\n[desk]\nzone = "{zone}"\n', "x")
