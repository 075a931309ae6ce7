"""Readiness: 200 only while requests can be served, and else 503 with a reason that anybody may know."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
from idle import Idle, idle
from threaded import ThreadedServer

from trunkline.clock import Clock
from trunkline.http.control import health
from trunkline.store.sqlite.store import SqliteStore

READY = "/_trunkline/ready"

Harm = Callable[[Idle], Coroutine[Any, Any, object]]


def test_anybody_may_ask(trunkline: ThreadedServer) -> None:
    answer = httpx.get(trunkline.url + READY, trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer.headers["cache-control"] == "no-store"
    assert httpx.head(trunkline.url + READY, trust_env=False).status_code == 200


async def unreadable(server: Idle) -> None:
    server.sqlite._reader.execute("PRAGMA foreign_keys = off")
    server.sqlite._reader.execute("DROP TABLE portal")


async def closing(server: Idle) -> None:
    await server.sqlite._writer.close()


async def busy(server: Idle) -> None:
    await server.sqlite._writer.turn.acquire()


async def stopping(server: Idle) -> None:
    server.state.stopping.set()


async def broken(server: Idle) -> None:
    del server.sqlite._writer


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (unreadable, "The store's file cannot be read."),
        (closing, "The store takes no writes any more."),
        (busy, health.SLOW),
        (stopping, health.STOPPING),
        (broken, health.BROKEN),
    ],
)
def test_what_is_in_the_way_is_told(harm: Harm, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)

    async def test() -> None:
        async with idle() as server:
            writer = server.sqlite._writer
            await harm(server)
            answer = await server.http.get(READY)
            alive = await server.http.get("/_trunkline/health")
            server.sqlite._writer = writer
            if writer.turn.locked():
                writer.turn.release()
        assert (answer.status_code, answer.json()) == (503, {"status": "error", "message": reason})
        assert alive.json()["status"] == "ok"

    asyncio.run(test())


class Counting(SqliteStore):
    """Counts how often it was asked."""

    asked = 0

    async def ready(self) -> None:
        self.asked += 1
        await super().ready()


def test_many_who_ask_are_told_of_few_looks() -> None:
    async def test() -> None:
        store = Counting(":memory:", Clock())
        async with idle(store=store) as server:
            answers = await asyncio.gather(*(server.http.get(READY) for _ in range(50)))
            assert {answer.status_code for answer in answers} == {200}
            assert 1 <= store.asked < 50

    asyncio.run(test())
