"""The whole application in this process, over an empty store: for tests that need many and need them fast."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from server import SETTINGS, TOKEN
from slate import clean

from trunkline.app import open_store, running
from trunkline.clock import Clock
from trunkline.settings import Settings


@asynccontextmanager
async def client(**members: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a new, empty server, with its fixed token."""
    with clean() as data:
        settings = Settings(**SETTINGS | {"data": data} | members)
        clock = Clock()
        async with running(settings, clock, open_store(settings, clock), "secret") as app:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            headers = {"authorization": f"Bearer {TOKEN}"}
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
                yield made
