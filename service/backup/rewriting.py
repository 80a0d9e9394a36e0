"""Rewriting: one key of a config file, set as a person would, comments and all left alone."""

import json
import re

from tamizdat.errors import ConfigError

_HEAD = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+", re.MULTILINE)


def rewritten(text: str, section: str, key: str, value: str) -> str:
    """The config `text` with `key` of `[section]` set to `value`; the section is added if it lacks.

    ConfigError where the value cannot stand in a line of TOML.
    """
    if not value.isprintable():
        raise ConfigError(f"{section}.{key}: holds a character that it cannot")
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    heads = [*_HEAD.finditer(text)]
    ours = next((n for n, one in enumerate(heads) if one[1] == section), None)
    if ours is None:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n"
    start = heads[ours].end()
    end = heads[ours + 1].start() if ours + 1 < len(heads) else len(text)
    within, count = re.subn(
        rf"^[ \t]*{re.escape(key)}[ \t]*=.*$",
        lambda _: line,
        text[start:end],
        count=1,
        flags=re.MULTILINE,
    )
    if not count:
        rest = text[start:end].partition("\n")
        within = f"{rest[0]}\n{line}\n{rest[2]}"
    return text[:start] + within + text[end:]
