"""A server in this process whose worker rests: a test makes the steps of a job itself, and looks between them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from server import SETTINGS, TOKEN, UNIQUE
from slate import clean

from trunkline.app import build, open_store
from trunkline.clock import Clock
from trunkline.http.call import State, state_of
from trunkline.http.worker import Course
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, digest
from trunkline.identity.event import Event
from trunkline.identity.moves import Moves
from trunkline.identity.portal import Portal
from trunkline.settings import Settings
from trunkline.store.protocol import Store
from trunkline.store.sqlite.store import SqliteStore

BATCH = "/crm/v3/objects/calls/batch"
LATER = {"prefer": "respond-async"}

Json = dict[str, Any]


class Idle:
    """A server in this process that carries nothing out by itself."""

    def __init__(self, store: Store, clock: Clock, http: httpx.AsyncClient, state: State) -> None:
        self.store, self.clock, self.http, self.state = store, clock, http, state

    @property
    def sqlite(self) -> SqliteStore:
        """The store, for a test that looks into its rows; it is skipped on another engine."""
        if not isinstance(self.store, SqliteStore):
            pytest.skip("looks into the rows of SQLite")
        return self.store

    async def enlist(self, operation: str, inputs: list[Any], **members: Any) -> str:
        """The link of a new job."""
        body = {"inputs": inputs} | members
        return link(await self.http.post(f"{BATCH}/{operation}", json=body, headers=LATER))

    async def step(self, url: str, times: int = 1) -> Json:
        """Carries out some chunks, and tells how far the job is then."""
        job = await self.store.jobs.get((await self.store.portals())[0], url.rpartition("/")[2])
        assert job is not None
        course = Course(self.state, job)
        for _ in range(times):
            await course.step()
        return told(await self.http.get(url))

    async def finish(self, url: str) -> Json:
        """Carries out all chunks, and tells what became of the job."""
        return await self.step(url, 1_000)

    async def portal(self, name: str = "another") -> int:
        """The number of a new portal."""
        made = Portal(id=0, name=name, created=0)
        return (await self.state.accounts.found(made, Event(at=0, kind="portal.created"))).id

    async def admit(self, text: str, *scopes: str, portal: int | None = None) -> dict[str, str]:
        """The header of a new token."""
        portal = portal or (await self.store.portals())[0]
        app = App(portal=portal, name=text, scopes=scopes, created=0)
        held = Credential(digest=digest(text), kind="private", portal=portal, scopes=scopes, created=0)
        await self.state.accounts.register(app, Moves(credentials=(held,)))
        return {"authorization": f"Bearer {text}"}


@asynccontextmanager
async def idle(
    path: str | None = None, clock: Clock | None = None, store: Store | None = None, **members: Any
) -> AsyncIterator[Idle]:
    clock = clock or Clock()
    with clean() as data:
        settings = Settings(**SETTINGS | {"data": path or data} | members)
        store = store or open_store(settings, clock)
        await store.open()
        state = await state_of(store, clock, settings, "secret")
        transport = httpx.ASGITransport(app=build(state), raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {TOKEN}"}
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
                await http.post("/crm/v3/properties/calls", json=UNIQUE)
                yield Idle(store, clock, http, state)
        finally:
            await store.close()


def link(answer: httpx.Response) -> str:
    assert answer.status_code == 202, answer.text
    return str(answer.json()["links"]["status"])


def told(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body
