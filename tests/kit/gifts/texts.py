"""Texts that are no JSON of ours: too deep, too long, twice, not a number, not UTF-8."""

import random
from collections.abc import Iterator

KIB = 1024


def texts(good: bytes, limit: int, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """What `good` becomes in a stranger's hands; `limit` is how long such a file may be."""
    inside = good.rstrip(b"\n")[1:-1]
    deep = dice.choice((9, 100, 900, min(20_000, limit // 3)))
    yield "deep lists", b'{"a":' + b"[" * deep + b"]" * deep + b"," + inside + b"}\n"
    yield "deep objects", b'{"a":' * deep + b"1" + b"}" * deep + b"\n"
    yield "brackets without end", b"[" * dice.choice((1000, limit - 1, limit + 1))
    yield "an integer of many digits", b'{"a":' + b"9" * (limit - 10) + b"}\n"
    yield "a great number", b'{"version":9007199254740993,' + inside + b"}\n"
    yield "a fraction", b'{"version":1.0,' + inside + b"}\n"
    yield "an exponent", b'{"version":1e400,' + inside + b"}\n"
    yield "no number", b'{"version":NaN,' + inside + b"}\n"
    yield "no end", b'{"version":-Infinity,' + inside + b"}\n"
    yield "keys twice", b"{" + inside + b"," + inside + b"}\n"
    yield "keys by the thousand", _many(b'"%d":0', limit)
    yield "keys twice by the thousand", _many(b'"a":%d', limit)
    yield "a mark of byte order", b"\xef\xbb\xbf" + good
    yield "UTF-16", good.decode().encode("utf-16")
    yield "bytes that are no UTF-8", good.replace(b'"', b'"\xff\xfe', 1)
    yield "an overlong slash", good.replace(b'":"', b'":"\xc0\xaf', 1)
    yield "a surrogate in UTF-8", good.replace(b'":"', b'":"\xed\xa0\x80', 1)
    yield "half a pair", good.replace(b'":"', b'":"\\ud800', 1)
    yield "half a pair as a key, twice", b'{"\\udfff":1,"\\udfff":2,' + inside + b"}\n"
    yield "a NUL", good.replace(b'":"', b'":"\\u0000', 1)
    yield "an escape for a terminal as a key", b'{"keys":{"\\u001b[2J\\n\\r":1},"x":1}\n'
    yield "half a pair as a name of a key", b'{"keys":{"\\ud83d":{"alg":"ed25519"}},"x":1}\n'
    yield "a long name of a key", b'{"keys":{"' + b"x" * (limit - 100) + b'":1}}\n'
    yield "a long text", good.replace(b'":"', b'":"' + b"y" * (limit - len(good) - 9), 1)
    yield "over the limit", good[:-2] + b',"z":"' + b"z" * limit + b'"}\n'
    yield "nothing", b""
    yield "a list", b"[" + good.strip() + b"]\n"
    yield "null", b"null\n"
    yield "two objects", good + good
    yield "noise", dice.randbytes(min(limit, dice.choice((10, 5000))))
    yield "zeros", bytes(limit)


def _many(one: bytes, limit: int) -> bytes:
    count = (limit - 10) // 9
    return b"{" + b",".join(one % n for n in range(count))[: limit - 10] + b"}\n"
