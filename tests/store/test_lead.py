"""Who leads, of several on one PostgreSQL: one at a time, and another when that one is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest
from cluster import Postgres
from store.cable import Cable, cable

from trunkline.store.postgres import lead, tether
from trunkline.store.postgres.lead import Leadership
from trunkline.store.postgres.tether import Connect

SECONDS = 20


class Work:
    """Work of one store that says when it runs."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    @property
    def runs(self) -> bool:
        """Whether it is under way."""
        return self.begun > self.ended


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead, "PULSE", 0.05)
    monkeypatch.setattr(tether, "PATIENCE", 0.3)


@asynccontextmanager
async def taking_part(connect: Connect, *works: Callable[[], Awaitable[None]]) -> AsyncIterator[Leadership]:
    """One more store, which would lead, and what it does then."""
    leadership = Leadership(connect)
    tasks = [asyncio.create_task(leadership.lead(work)) for work in works]
    try:
        yield leadership
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await leadership.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def test_the_first_does_all_its_works_and_the_next_one_when_it_closes(url: str) -> None:
    async def test() -> None:
        one, other, next_ = Work(), Work(), Work()
        connect = partial(asyncpg.connect, url)
        async with taking_part(connect, one, other) as first:
            await until(lambda: one.runs and other.runs)
            async with taking_part(connect, next_) as second:
                await asyncio.sleep(0.2)
                assert (first.held, second.held) == (True, False)
                await first.close()
                await until(lambda: next_.runs)
                assert (first.held, one.runs, other.runs) == (False, False, False)
            assert not next_.runs

    asyncio.run(test())


@pytest.mark.parametrize("lose", [Cable.cut, Cable.die], ids=["cut", "dead"])
def test_who_loses_the_connection_stops_and_may_lead_again(url: str, lose: Callable[[Cable], None]) -> None:
    async def test() -> None:
        work = Work()
        async with cable(url) as line, taking_part(line.connect, work) as leadership:
            await until(lambda: work.runs)
            lose(line)
            await until(lambda: work.ended == 1)
            line.mend()
            await until(lambda: work.begun == 2)
            assert leadership.held

    asyncio.run(test())


def test_another_one_leads_once_the_leader_is_cut_off(url: str) -> None:
    async def test() -> None:
        works = Work(), Work()
        async with cable(url) as line, taking_part(line.connect, works[0]):
            await until(lambda: works[0].runs)
            async with taking_part(partial(asyncpg.connect, url), works[1]):
                line.cut(keep=True)
                await until(lambda: works[1].runs)
                line.mend()
                await asyncio.sleep(0.3)
                assert (works[0].begun, works[0].ended) == (1, 1)
            await until(lambda: works[0].runs)

    asyncio.run(test())


def test_work_that_ends_or_fails_ends_its_lead_and_no_other(url: str) -> None:
    async def test() -> None:
        async def brief() -> None:
            pass

        async def failing() -> None:
            raise ValueError("no more")

        work = Work()
        async with taking_part(partial(asyncpg.connect, url), work) as leadership:
            await leadership.lead(brief)
            with pytest.raises(ValueError, match="no more"):
                await leadership.lead(failing)
            await until(lambda: work.runs)
            assert leadership.held

    asyncio.run(test())


def test_work_that_fails_while_it_is_canceled_is_begun_again(url: str) -> None:
    async def test() -> None:
        begun = 0

        async def clumsy() -> None:
            nonlocal begun
            begun += 1
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("while it stopped")

        async with cable(url) as line, taking_part(line.connect, clumsy):
            await until(lambda: begun == 1)
            line.cut()
            await until(lambda: begun == 2)

    asyncio.run(test())
