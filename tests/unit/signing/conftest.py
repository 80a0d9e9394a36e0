"""Fixtures of the signing room."""

import pytest_asyncio

from tests.unit.signing.paper import Newsroom, three_editions


@pytest_asyncio.fixture
async def room() -> Newsroom:
    return await three_editions()
