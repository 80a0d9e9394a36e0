"""Whatever its own schema allows, and what it forbids: the desk answers, and never with a 5xx."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from desk.rules import PUBLIC, RULES
from desk.schema import document
from tamizdat.people import Role
from tests.kit.desk.room import FROM_HERE, Room, opened, signed_in
from tests.kit.desk.samples import fill_newsdesk

EXAMPLES = int(os.environ.get("TAMIZDAT_EXAMPLES", "6"))
PATIENCE = 30
STREAMS = ("/events", "/board/events")
"""They have no end to wait for."""

ENDS = ("/sign-out", "/sign-out-everywhere", "/people/{number}/remove", "/people/{number}/sign-out")
"""They may sign out whoever asks; the others would be asked by nobody."""

SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [one.ok() for one in SCHEMA.get_all_operations() if isinstance(one, Ok)]
ASKED = [
    pytest.param(one, mode, id=f"{one.label} {mode.value}")
    for one in OPERATIONS
    for mode in GenerationMode
    if one.path not in STREAMS
    and (mode is GenerationMode.POSITIVE or one.path_parameters or one.body)
]
"""What breaks a rule can be made only where there is something to break."""


@contextmanager
def desk() -> Iterator[tuple[str, dict[str, str]]]:
    """A desk on a loop of its own: its address, and the cookie of somebody who may do all."""
    ready, done = threading.Event(), threading.Event()
    told: list[tuple[str, dict[str, str]]] = []

    async def serve() -> None:
        room = Room()
        fill_newsdesk(room.newsdesk)
        async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
            jar = {one.key: one.value for one in visit.session.cookie_jar}
            told.append((base, jar))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield told[0]
    finally:
        done.set()
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, dict[str, str]]]:
    with desk() as made:
        yield made


def test_every_address_of_the_gate_is_asked() -> None:
    assert len(OPERATIONS) == len(RULES) + len(PUBLIC)


@pytest.mark.parametrize(("operation", "mode"), ASKED)
def test_no_form_and_no_address_breaks_the_desk(
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    running: tuple[str, dict[str, str]],
) -> None:
    base, cookies = running
    given_cookies = {} if operation.path in ENDS else cookies
    answers: list[int] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case[Any]) -> None:
        answer = case.call(
            base_url=base,
            headers=FROM_HERE,
            cookies=given_cookies,
            allow_redirects=False,
            timeout=PATIENCE,
        )
        answers.append(answer.status_code)

    asked()

    assert answers
    assert max(answers) < 500
