"""Which host the desk answers to, whose forms it takes, and where it leads after signing in."""

import pytest

from desk.origin import form_is_ours, host_is_ours, is_loopback, safe_path

HTTPS, ONION = "https://desk.example", "http://abcdef.onion"

HOSTS = [
    # host                  address                      loopback  ours
    ("127.0.0.1:8080",      None,                        True,     True),
    ("localhost",           None,                        True,     True),
    ("LOCALHOST:1",         None,                        True,     True),
    ("[::1]:8080",          None,                        True,     True),
    ("[::1]",               None,                        True,     True),
    ("evil.example",        None,                        True,     False),
    ("127.0.0.1.evil.test", None,                        True,     False),
    ("127.0.0.1:8080",      HTTPS,                       True,     True),
    ("desk.example",        HTTPS,                       True,     True),
    ("DESK.example",        HTTPS,                       False,    True),
    ("desk.example:8443",   HTTPS,                       False,    False),
    ("desk.example:8443",   "https://desk.example:8443", False,    True),
    ("desk.example",        "https://desk.example:443",  False,    True),
    ("abcdef.onion",        ONION,                       True,     True),
    ("evil.example",        ONION,                       False,    False),
    ("127.0.0.1",           ONION,                       False,    False),
    ("anything.example",    None,                        False,    True),
    ("",                    None,                        True,     False),
]  # fmt: skip

FORMS = [
    # Sec-Fetch-Site  Origin                     host               address  ours
    ("same-origin",   None,                      "desk.example",    HTTPS,   True),
    ("same-origin",   "null",                    "desk.example",    HTTPS,   True),
    ("same-site",     HTTPS,                     "desk.example",    HTTPS,   False),
    ("cross-site",    HTTPS,                     "desk.example",    HTTPS,   False),
    ("none",          None,                      "desk.example",    HTTPS,   False),
    ("",              HTTPS,                     "desk.example",    HTTPS,   False),
    (None,            None,                      "desk.example",    HTTPS,   False),
    (None,            "null",                    "desk.example",    HTTPS,   False),
    (None,            HTTPS,                     "desk.example",    HTTPS,   True),
    (None,            "http://desk.example",     "desk.example",    HTTPS,   False),
    (None,            "https://evil.example",    "desk.example",    HTTPS,   False),
    (None,            "http://127.0.0.1:8080",   "127.0.0.1:8080",  HTTPS,   True),
    (None,            "http://127.0.0.1:8080",   "127.0.0.1:8080",  None,    True),
    (None,            "http://127.0.0.1:9090",   "127.0.0.1:8080",  None,    False),
    (None,            "http://evil.example",     "127.0.0.1:8080",  None,    False),
    (None,            ONION,                     "abcdef.onion",    ONION,   True),
]  # fmt: skip


@pytest.mark.parametrize(("host", "address", "loopback", "ours"), HOSTS)
def test_hosts(host: str, address: str | None, loopback: object, ours: object) -> None:
    assert host_is_ours(host, address, loopback=bool(loopback)) is ours


@pytest.mark.parametrize(("site", "origin", "host", "address", "ours"), FORMS)
def test_forms(
    site: str | None, origin: str | None, host: str, address: str | None, ours: object
) -> None:
    assert form_is_ours(site, origin, host, address) is ours


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example"])  # noqa: S104
def test_what_others_can_reach_is_no_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("path", ["/", "/board", "/board?rows=all", "/stories/abc"])
def test_a_path_of_ours_is_gone_on_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "https://evil.example", "/\\evil", "javascript:1", "/a\nb"]
)
def test_any_other_leads_to_the_desk(path: str) -> None:
    assert safe_path(path) == "/"
