"""The news between processes on one PostgreSQL: what is told to whom, and when the connection is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest
from cluster import Postgres
from store.cable import cable

from trunkline.store.postgres import news as module
from trunkline.store.postgres import tether
from trunkline.store.postgres.news import EVERYTHING, TELL, News
from trunkline.store.postgres.tether import Connect, Connection
from trunkline.store.protocol import Notice

SECONDS = 20
CATALOG = Notice("catalog", 1_000_001, "7")
ACCOUNTS = Notice("accounts")


class Told(list[Notice]):
    """What a listener was told."""

    async def until(self, notice: Notice, times: int = 1) -> None:
        """Waits until it was told something so many times."""
        async with asyncio.timeout(SECONDS):
            while self.count(notice) < times:
                await asyncio.sleep(0.01)


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@asynccontextmanager
async def hearing(connect: Connect, name: str) -> AsyncIterator[tuple[News, Told]]:
    """The news of a store of this name."""
    news, told = News(connect, name), Told()
    news.hear(told.append)
    await news.open()
    try:
        yield news, told
    finally:
        await news.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def test_others_are_told_at_commit_and_the_teller_is_not(url: str) -> None:
    async def test() -> None:
        connect = partial(asyncpg.connect, url)
        async with hearing(connect, "a") as (a, told_a), hearing(connect, "b") as (b, told_b):
            async with connected(url) as writer:
                async with writer.transaction():
                    await writer.execute(TELL, a.text(CATALOG))
                    await writer.execute(TELL, a.text(Notice("portal", 1_000_002)))
                    assert told_b == []
                await told_b.until(Notice("portal", 1_000_002))
                await writer.execute(TELL, b.text(ACCOUNTS))
                await told_a.until(ACCOUNTS)
            assert told_b == [CATALOG, Notice("portal", 1_000_002)]
            assert told_a == [ACCOUNTS]

    asyncio.run(test())


def test_nobody_is_told_of_what_was_rolled_back(url: str) -> None:
    async def test() -> None:
        async with hearing(partial(asyncpg.connect, url), "b") as (_, told), connected(url) as writer:
            a = News(partial(asyncpg.connect, url), "a")
            transaction = writer.transaction()
            await transaction.start()
            await writer.execute(TELL, a.text(CATALOG))
            await transaction.rollback()
            await writer.execute(TELL, a.text(ACCOUNTS))
            await told.until(ACCOUNTS)
            assert told == [ACCOUNTS]

    asyncio.run(test())


def test_a_lost_connection_is_regained_and_everything_forgotten(url: str) -> None:
    async def test() -> None:
        async with cable(url) as line, hearing(line.connect, "b") as (_, told), connected(url) as writer:
            line.cut()
            await told.until(EVERYTHING, times=2)
            await writer.execute(TELL, News(line.connect, "a").text(CATALOG))
            await told.until(CATALOG)
            line.cut(keep=True)
            await told.until(EVERYTHING, times=5)
            line.mend()
            before = told.count(EVERYTHING)
            await told.until(EVERYTHING, times=before + 1)
            await writer.execute(TELL, News(line.connect, "a").text(ACCOUNTS))
            await told.until(ACCOUNTS)

    asyncio.run(test())


def test_a_server_that_answers_nothing_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PULSE", 0.05)
    monkeypatch.setattr(tether, "PATIENCE", 0.3)

    async def test() -> None:
        async with cable(url) as line, hearing(line.connect, "b") as (_, told), connected(url) as writer:
            line.die()
            await told.until(EVERYTHING)
            line.mend()
            await told.until(EVERYTHING, times=2)
            await writer.execute(TELL, News(line.connect, "a").text(CATALOG))
            await told.until(CATALOG)

    asyncio.run(test())


def test_what_nobody_understands_may_be_anything(url: str) -> None:
    async def test() -> None:
        async with hearing(partial(asyncpg.connect, url), "a") as (_, told), connected(url) as writer:
            for text in ('{"from": "the future"}', '["b", {"kind": "weather"}]'):
                told.clear()
                await writer.execute(TELL, text)
                await told.until(EVERYTHING)

    asyncio.run(test())


def test_a_notice_that_postgresql_would_refuse_is_refused_before(url: str) -> None:
    async def test() -> None:
        async with hearing(partial(asyncpg.connect, url), "b") as (_, told), connected(url) as writer:
            a = News(partial(asyncpg.connect, url), "a")
            longest = Notice("job", 1, "x" * 7_850)
            await writer.execute(TELL, a.text(longest))
            await told.until(longest)
            with pytest.raises(ValueError, match="too long"):
                a.text(Notice("job", 1, "x" * 7_900))

    asyncio.run(test())


def test_who_cannot_connect_says_so(url: str) -> None:
    async def test() -> None:
        async with cable(url) as line:
            line.cut(keep=True)
            news = News(line.connect, "a")
            with pytest.raises(ConnectionRefusedError):
                await news.open()
            await news.close()

    asyncio.run(test())
