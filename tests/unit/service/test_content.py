"""The content check: what a mirror may say, and what is called what."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.looks.content import SignedContent
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import SealedEdition
from tamizdat.errors import BackendError
from tamizdat.measurement import Content
from tests.kit.lab.looker import content
from tests.unit.signing.paper import (
    START,
    Files,
    Newsroom,
    complete,
    first_files,
    second_files,
    three_editions,
    writes,
)


class At:
    """A clock that stands still, so many hours after the first edition's day began."""

    def __init__(self, hours: int) -> None:
        self._at = START + timedelta(hours=hours)

    def now(self) -> datetime:
        return self._at


async def told(check: SignedContent, files: Files) -> Content:
    async def fetch(path: str, limit: int) -> bytes | None:
        body = files.get(path)
        if body is not None and len(body) > limit:
            raise BackendError("over the limit", retry=False)
        return body

    return await check.check(fetch)


@pytest.fixture
async def room() -> Newsroom:
    return await three_editions()


def tree(room: Newsroom, number: int) -> Files:
    """Everything that lies on a mirror after edition `number` was pushed."""
    files: Files = {}
    for step in range(1, number + 1):
        files |= dict(writes(room, step))
    return files


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_an_edition_of_ours_is_ours(room: Newsroom, number: int) -> None:
    found = await told(content(room), tree(room, number))

    assert found == Content(code=None, edition=number)


async def test_an_empty_mirror_misses_everything(room: Newsroom) -> None:
    assert (await told(content(room), {})).code == "missing"


async def test_a_page_where_the_pointer_should_be_is_no_copy(room: Newsroom) -> None:
    files = dict.fromkeys(tree(room, 1), b"<html>Blocked</html>")

    assert (await told(content(room), files)).code == "missing"


async def test_a_pointer_without_its_signature_is_missing_it(room: Newsroom) -> None:
    files = {p: b for p, b in tree(room, 1).items() if not p.startswith("latest.json.")}

    assert (await told(content(room), files)).code == "missing"


async def test_a_pointer_that_was_changed_is_invalid(room: Newsroom) -> None:
    # formats 2.8: the old signature laid under the changed pointer's name
    files = tree(room, 1)
    older = {p: b for p, b in files.items() if p.startswith("latest.json.")}
    changed = files["latest.json"].replace(b'"edition":1', b'"edition":2')
    name = paths.passing_signature("latest.json", digest(changed))

    found = await told(
        content(room), files | {"latest.json": changed, name: next(iter(older.values()))}
    )

    assert found.code == "invalid"


async def test_changed_pages_are_invalid(room: Newsroom) -> None:
    files = {p: b"false" if p.endswith(".html") else b for p, b in tree(room, 1).items()}

    assert (await told(content(room), files)).code == "invalid"


async def test_pages_of_the_next_edition_may_lie_there_already(room: Newsroom) -> None:
    # formats 4.3
    pushed = {p: b for p, b in second_files().items() if p in first_files()}

    found = await told(content(room), tree(room, 1) | pushed)

    assert found == Content(code=None, edition=1)


async def test_an_edition_that_we_never_made_is_an_alarm(room: Newsroom) -> None:
    check = content(room)

    async def forgetful(_: int, __: Digest | None) -> SealedEdition | None:
        return None

    known = replace(check.known, edition=forgetful)

    found = await told(replace(check, known=known), tree(room, 1))

    assert found.code == "unknown_edition"
    assert found.edition == 1


async def test_what_is_out_of_date_is_ours_and_stale(room: Newsroom) -> None:
    # formats 6.4
    found = await told(replace(content(room), clock=At(24 * 400)), tree(room, 1))

    assert (found.code, found.edition) == ("stale", 1)


async def test_an_old_copy_that_the_ledger_forgot_is_ours_and_stale(room: Newsroom) -> None:
    # formats 6.4: readers call it stale, so no thief needs to sign it
    found = await told(forgetting(room, hours=24 * 60), complete(room, 1))

    assert (found.code, found.edition) == ("stale", 1)


async def test_a_forgotten_edition_that_claims_to_be_fresh_is_an_alarm(room: Newsroom) -> None:
    found = await told(forgetting(room, hours=4), complete(room, 1))

    assert (found.code, found.edition) == ("unknown_edition", 1)


def forgetting(room: Newsroom, hours: int) -> SignedContent:
    """The check of a newsroom whose ledger begins with edition 2."""
    check = content(room)

    async def edition(number: int, sha256: Digest | None) -> SealedEdition | None:
        return await check.known.edition(number, sha256) if number > 1 else None

    return replace(check, known=replace(check.known, edition=edition), clock=At(hours))
