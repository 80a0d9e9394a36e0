"""Cases of signed text, of the slip and of roots: formats 1, 3.2, 6.3 and 7.2."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.unit.signing.pens import Pen
from tests.vectors.asking import GENUINE, of_copy, own_root, refused, slip_with, slips
from tests.vectors.press import TRIO, chained, fingerprint, html, pen, root_fields, sign, spelled
from tests.vectors.recipe import Case

GOOD = slip_with()
MAX_TRAILER = 47 * 1024


def _more(text: str) -> str:
    """The base's slip with more in it, at its start."""
    return GOOD.replace("{", "{" + text + ",", 1)


TEXTS: list[tuple[str, str, dict[str, Any]]] = [
    ("a field that nobody knows", _more('"a":[{"b":null,"c":true}]'), GENUINE),
    ("spaces between all", GOOD.replace(":", " : ").replace("12 : 00 : 00", "12:00:00"), GENUINE),
    ("a tab, a line and a return around it", f"\t\r\n{GOOD}\n", GENUINE),
    ("a field whose letters are escaped", GOOD.replace("edition", "\\u0065dition"), GENUINE),
    ("a pair of escaped surrogates", _more(r'"a":"\ud83d\ude00"'), GENUINE),
    ("half a pair, where nobody reads", _more(r'"a":"\ud800"'), GENUINE),
    ("half a pair in a field", slip_with(language="@").replace("@", r"\udc00"), GENUINE),
    ("half a pair as a key, twice", _more(r'"\ud800":1,"\ud800":2'), refused("1.3")),
    ("a spec of a later minor", slip_with(spec="1.93"), GENUINE),
    ("no type", slip_with(type=None), GENUINE),
    ("the largest number", _more('"a":9007199254740991'), GENUINE),
    ("the least number", _more('"a":-9007199254740991'), GENUINE),
    ("nothing below nothing", _more('"a":-0'), GENUINE),
    ("eight deep", _more('"a":[[[[[[1]]]]]]'), GENUINE),
    ("nine deep", _more('"a":[[[[[[[1]]]]]]]'), refused("1.5")),
    ("nine deep and empty", _more('"a":[[[[[[[[]]]]]]]]'), refused("1.5")),
    ("a hundred deep", _more('"a":' + "[" * 100 + "]" * 100), refused("1.5")),
    ("two to the 53rd", _more('"a":9007199254740992'), refused("1.6")),
    ("one more", _more('"a":9007199254740993'), refused("1.6")),
    ("minus two to the 53rd", _more('"a":-9007199254740992'), refused("1.6")),
    ("a number of thirty digits", _more('"a":' + "1" * 30), refused("1.6")),
    ("a key twice", _more('"edition":7'), refused("1.3")),
    ("a key twice, once escaped", _more(r'"\u0065dition":7'), refused("1.3")),
    ("an inner key twice", _more('"a":{"b":1,"b":1}'), refused("1.3")),
    ("the key of every prototype", _more('"__proto__":{"edition":9}'), GENUINE),
    ("a fraction", _more('"a":1.0'), refused("1.4")),
    ("an exponent", _more('"a":1e2'), refused("1.4")),
    ("a capital exponent", _more('"a":1E-2'), refused("1.4")),
    ("no number", _more('"a":NaN'), refused("1.4")),
    ("no end", _more('"a":Infinity'), refused("1.4")),
    ("no beginning", _more('"a":-Infinity'), refused("1.4")),
    ("a leading zero", _more('"a":07'), refused("1.2")),
    ("a plus sign", _more('"a":+7'), refused("1.2")),
    ("a bare minus", _more('"a":-'), refused("1.2")),
    ("a point without digits", _more('"a":1.'), refused("1.2")),
    ("digits of another script", _more('"a":\u0667'), refused("1.2")),
    ("a trailing comma", _more('"a":[1,]'), refused("1.2")),
    ("two commas", _more('"a":1,'), refused("1.2")),
    ("single quotes", _more("'a':1"), refused("1.2")),
    ("a key without quotes", _more("a:1"), refused("1.2")),
    ("a remark", _more('/* */"a":1'), refused("1.2")),
    ("a line in a text", _more('"a":"\n"'), refused("1.2")),
    ("a NUL in a text", _more('"a":"\0"'), refused("1.2")),
    ("an escape that is none", _more(r'"a":"\x41"'), refused("1.2")),
    ("an escape cut short", _more(r'"a":"\u12"'), refused("1.2")),
    ("a text without end", GOOD.rstrip("}\n") + ',"a":"', refused("1.2")),
    ("a list without end", GOOD.rstrip("}\n") + ',"a":[1}', refused("1.2")),
    ("no colon", _more('"a" 1'), refused("1.2")),
    ("a slip without end", GOOD.rstrip("}\n"), refused("1.2")),
    ("a capital word", _more('"a":True'), refused("1.2")),
    ("a word cut short", _more('"a":nul'), refused("1.2")),
    ("a space that JSON does not know", _more('\xa0"a":1'), refused("1.2")),
    ("a mark of byte order", "\ufeff" + GOOD, refused("1.2")),
    ("something after it", GOOD + "{}", refused("1.2")),
    ("nothing", "", refused("1.2")),
    ("a list", "[]", refused("1.2")),
    ("a number", "7", refused("1.2")),
    ("null", "null", refused("1.2")),
    ("a spec to come", slip_with(spec="2.0"), refused("1.7", "newer")),
    ("a spec as a number", slip_with(spec=1), refused("1.7", "newer")),
    ("an empty spec", slip_with(spec=""), refused("1.7", "newer")),
    ("a spec that begins alike", slip_with(spec="10.0"), refused("1.7", "newer")),
    ("over 4 KiB", _more('"a":"' + "x" * 4096 + '"'), refused("7.2")),
]

FIELDS: list[tuple[str, Any]] = [
    ("spec", None),
    ("channel", None),
    ("channel", "0" * 31),
    ("channel", "0123456789ABCDEF" * 2),
    ("channel", "0" * 32 + "\n"),
    ("issued", None),
    ("issued", "2026-11-20 12:00:00Z"),
    ("issued", "2026-11-20T12:00:00+00:00"),
    ("issued", "2026-02-30T12:00:00Z"),
    ("issued", "2026-11-20T24:00:00Z"),
    ("issued", "2026-11-20T12:00:60Z"),
    ("issued", "0000-11-20T12:00:00Z"),
    ("issued", "2026-11-20T12:00:00Z\n"),
    ("issued", 1_795_176_000),
    ("expires", "2026-13-20T12:00:00Z"),
    ("root_version", 0),
    ("root_version", "1"),
    ("root_version", True),
    ("edition", 0),
    ("edition", -7),
    ("edition", "7"),
    ("edition", [7]),
    ("kind", "pdf"),
    ("kind", None),
    ("language", 7),
    ("language", None),
    ("type", "manifest"),
    ("type", ["bundle"]),
    ("body", None),
    ("body", []),
    ("body", {"sha256": "0" * 64}),
    ("body", {"sha256": "0" * 63, "len": 1}),
    ("body", {"sha256": "A" * 64, "len": 1}),
    ("body", {"sha256": "0" * 64, "len": -1}),
    ("body", {"sha256": "0" * 64, "len": "1"}),
    ("body", {"sha256": "0" * 64, "len": 1}),
]


def slip_cases() -> Iterator[Case]:
    yield from slips([(f"slip: {name}", text, answer) for name, text, answer in TEXTS])
    for field, value in FIELDS:
        text = slip_with(**{field: value})
        yield from slips([(f"slip: {field} is {value!r}", text, refused("7.2"))])
    stamp = {"sha256": html().slip.text.split('"sha256":"')[1][:64], "len": len(html().body) + 1}
    yield from slips(
        [
            ("slip: a length that is wrong", slip_with(body=stamp), refused("7.2")),
            ("slip: a ZIP in its words", slip_with(kind="zip"), refused("7.2")),
            ("slip: the other page", slip_with(kind="text"), GENUINE),
            ("slip: of another channel", slip_with(channel="f" * 32), refused("6.3")),
            ("slip: of a root to come", slip_with(root_version=2), refused("6.3")),
        ]
    )


def root_cases() -> Iterator[Case]:
    """First roots that are unsound, though they are asked for and signed."""
    two = TRIO[:2]
    for name, changes, clause in _changed_roots():
        copy = own_root(spelled(root_fields() | changes), *two)
        why = "newer" if clause == "1.7" else "changed"
        yield of_copy(f"root: {name}", copy, refused(clause, why) if clause else GENUINE)
    good = root_fields()["roles"]
    roles = {name: role for name, role in good.items() if name != "release"}
    empty = own_root(spelled(root_fields() | {"roles": roles}), *two)
    nobody = replace(empty, slip=sign(slip_with()))
    yield of_copy("root: no role release, and a slip by nobody", nobody, refused("2.10"))
    large = own_root(spelled(root_fields() | {"more": "x" * 20_000}), *two)
    yield of_copy("root: large, but not too large", large, GENUINE)
    bare = len(own_root(spelled(root_fields() | {"more": ""}), *two).trailer())
    for name, more, answer in (("as large as", 0, GENUINE), ("too large for", 1, refused("7.1"))):
        filled = root_fields() | {"more": "x" * (MAX_TRAILER - bare + more)}
        yield of_copy(f"root: {name} a trailer", own_root(spelled(filled), *two), answer)
    soon = root_fields() | {"expires": "2026-12-01T00:00:00Z"}
    ends = GENUINE | {"expires": "2026-12-01T00:00:00Z"}
    yield of_copy("root: ends before the slip", own_root(spelled(soon), *two), ends)
    fields = root_fields(2, ("release-2", "release-3"), 2)
    spoilt = sign(spelled(fields | {"spec": "2\ud7ff"}), *two)
    chain = chained()
    newer = replace(chain, roots=(chain.roots[0], spoilt, chain.roots[2]))
    yield of_copy(
        "root: the second is of a format to come", newer, refused("1.7", "newer"), "chain"
    )


def _changed_roots() -> Iterator[tuple[str, dict[str, Any], str]]:
    good = root_fields()
    keys, roles = good["keys"], good["roles"]
    release = fingerprint("release")
    twin = Pen("vectors/root-a", created=5)
    again = twin.key.raw[:-2] + chr(ord(twin.key.raw[-2]) + 1) + "="
    twice = {twin.fingerprint: twin.key.plain() | {"raw": again}}
    trio = roles["root"]["keys"]

    def key(**changes: Any) -> dict[str, Any]:
        return {"keys": keys | {release: keys[release] | changes}}

    def role(**changes: Any) -> dict[str, Any]:
        return {"roles": roles | {"release": roles["release"] | changes}}

    yield "a role that nobody knows", {"roles": roles | {"editor": roles["root"]}}, "3.2"
    yield "no keys", {"keys": []}, "3.2"
    yield "no roles", {"roles": None}, "3.2"
    yield "version nought", {"version": 0}, "3.2"
    yield "version two", {"version": 2}, "6.2"
    yield "another type", {"type": "pointer"}, "3.2"
    yield "a format to come", {"spec": "2.0"}, "1.7"
    yield "no end", {"expires": None}, "3.2"
    yield "another algorithm", key(alg="ed448"), "3.2"
    yield "a raw key that is too short", key(raw=keys[release]["raw"][:-4]), "3.2"
    yield "a raw key in another base64", key(raw="-" * 43 + "="), "3.2"
    yield "a key from before 1970", key(created=-1), "3.2"
    yield "a key from after 2106", key(created=2**32), "3.2"
    yield "a key of the last second", key(created=2**32 - 1), "2.9"
    yield "a key under another's name", key(raw=pen("stranger").key.raw), "2.9"
    yield "a key made at another time", key(created=keys[release]["created"] + 1), "2.9"
    yield "a name in small letters", {"keys": keys | {release.lower(): keys[release]}}, "3.2"
    yield (
        "one key under two names",
        {"keys": keys | {twin.fingerprint: twin.key.plain()}},
        "2.10",
    )
    yield "one key in two spellings", {"keys": keys | twice}, "2.10"
    yield "a role with a key that is not there", role(keys=[release, "A" * 40]), "3.2"
    yield "a role with a key twice", role(keys=[release, release]), "3.2"
    yield "a role with an object of keys", role(keys={release: 1}), "3.2"
    yield "a threshold of nought", role(threshold=0), "3.2"
    yield "a threshold that is true", role(threshold=True), "3.2"
    yield "a threshold that nobody reaches", role(threshold=2), "2.10"
    yield "a role without keys", role(keys=[]), "2.10"
    yield "no role release", {"roles": {k: v for k, v in roles.items() if k != "release"}}, "2.10"
    yield "no role root", {"roles": {k: v for k, v in roles.items() if k != "root"}}, "2.10"
    yield "three who must sign", {"roles": roles | {"root": {"keys": trio, "threshold": 3}}}, "2.10"
    yield "fields that nobody knows", {"more": {"a": [1]}}, ""
