"""The `[post]` block: what it takes, and what it refuses by name."""

import pytest
from pydantic import ValidationError

from gateway.hosting import PostSettings, host_and_port


def settings(**given: object) -> PostSettings:
    return PostSettings.model_validate({"domain": "gate.example", **given})


def test_a_domain_is_enough() -> None:
    assert host_and_port(settings().smtp) == ("127.0.0.1", 2525)
    assert host_and_port(settings().http) == ("127.0.0.1", 8182)


def test_an_endpoint_may_be_an_ipv6_address() -> None:
    assert host_and_port(settings(smtp="::1:25").smtp) == ("::1", 25)


def test_the_address_of_feeds_ends_with_a_slash() -> None:
    assert settings(base="https://gate.example/post").base == "https://gate.example/post/"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp": "127.0.0.1:99999"}, "port up to 65535"),
        ({"http": "127.0.0.1"}, "http"),
        ({"base": "gate.example"}, "http or https address"),
        ({"base": "https://gate.example/?a"}, "http or https address"),
        ({"certificate": "cert.pem"}, "go together"),
        ({"key": "key.pem"}, "go together"),
        ({"domain": "ga te"}, "domain"),
        ({"port": 25}, "port"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**given)
