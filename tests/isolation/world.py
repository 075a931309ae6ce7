"""One server in this process with a file of its own, which does nothing that it is not asked for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isolation.steady import Steady
from isolation.wire import JSON, Reply, Sent, ask
from starlette.types import ASGIApp

from trunkline.app import build, open_store
from trunkline.http.brake import Brake
from trunkline.http.call import State, state_of
from trunkline.http.control import PREFIX, SECRET
from trunkline.http.worker import Course
from trunkline.settings import Settings

KNOWN = "the operator's secret"
FIXED = "the operator's token"
BEGINNING = 1_750_000_000_000
"""When the servers are started, in milliseconds: 2025-06-15."""

Json = dict[str, Any]


@dataclass
class World:
    """A server. Batches that are put off stay so until `carry_out`, and nobody who fails has to wait."""

    state: State
    app: ASGIApp
    clock: Steady
    path: Path

    async def send(self, sent: Sent) -> Reply:
        """Sends a request, a millisecond after the one before."""
        self.clock.tick()
        return await ask(self.app, sent)

    async def call(self, token: str, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """A request with a token, which has to succeed whole."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = Sent(method, path, {}, {"authorization": f"Bearer {token}", "content-type": JSON} | headers, content)
        return _good(sent, await self.send(sent))

    async def operate(self, method: str, path: str, body: object = None) -> Json:
        """A request of the operator's."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = Sent(method, PREFIX + path, {}, {SECRET: KNOWN, "content-type": JSON}, content)
        answer: Json = json.loads(_good(sent, await self.send(sent)).body or b"{}")
        return answer

    async def carry_out(self, portal: int, link: str) -> None:
        """Carries out a batch that was put off, by its link."""
        job = await self.state.store.jobs.get(portal, job_of(link))
        assert job is not None, link
        course = Course(self.state, job)
        while await course.step():
            pass

    async def settle(self, portal: int) -> None:
        """Carries out all that a portal has waiting."""
        for job in await self.state.store.jobs.open():
            if job.portal == portal:
                course = Course(self.state, job)
                while await course.step():
                    pass


def job_of(link: str) -> str:
    """The id in the link of a batch that was put off."""
    return link.rpartition("/")[2]


def _good(sent: Sent, reply: Reply) -> Reply:
    assert reply.status < 300 and reply.status != 207, f"{sent} answered {reply.status}: {reply.text}"
    return reply


@asynccontextmanager
async def world(path: Path, **members: Any) -> AsyncIterator[World]:
    """A new server; its settings are those of a test unless given."""
    settings = Settings(**{"data": str(path), "durability": "normal", "token": FIXED} | members)
    clock = Steady(BEGINNING)
    store = open_store(settings, clock)
    await store.open()
    try:
        state = await state_of(store, clock, settings, KNOWN)
        state.brake = Brake(sleep=_at_once)
        yield World(state, build(state), clock, path)
    finally:
        await store.close()


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(0)
