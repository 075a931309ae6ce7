"""The engine on a PostgreSQL server: what every engine must do, and what is its own."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from cluster import Postgres
from store.accounts import AccountsConformance, found
from store.departing import DepartingConformance
from store.jobs import JobsConformance
from store.leading import LeadingConformance
from store.listing import ListingConformance, ListingModel
from store.removing import RemovingConformance
from store.rewinding import RewindingConformance
from store.schemas import SchemasConformance
from store.tying import TyingConformance
from store.watching import WatchingConformance

from trunkline.clock import Clock
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.store import PostgresStore
from trunkline.store.protocol import Pool, Store, StoreRefused


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url, Clock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


class TestPostgres(
    DepartingConformance,
    TyingConformance,
    ListingConformance,
    JobsConformance,
    AccountsConformance,
    RemovingConformance,
    SchemasConformance,
    LeadingConformance,
    WatchingConformance,
    RewindingConformance,
):
    @pytest.fixture(autouse=True)
    def _place(self, postgres: Postgres, ready: str) -> None:
        self.postgres = postgres
        self.ready = ready

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        with self.postgres.database(self.ready) as url:
            async with opened(url) as store:
                yield store


class TestLists(ListingModel):
    @pytest.fixture(autouse=True)
    def _place(self, url: str) -> None:
        self.url = url

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        async with opened(self.url) as store:
            yield store

    async def empty(self, store: Store) -> int:
        return (await found(store)).id


def test_a_pool_tells_who_uses_it_and_who_waits(postgres: Postgres, ready: str) -> None:
    async def test(url: str) -> None:
        database = Database(url, connections=1)
        await database.open()
        await database.ready()
        assert database.pool == Pool(open=1, used=0, waiting=0)
        held, told = asyncio.Event(), asyncio.Event()

        async def hold(connection: Connection) -> None:
            held.set()
            await told.wait()

        holding = asyncio.create_task(database.look(hold))
        await held.wait()
        waiting = asyncio.create_task(database.ready())
        await asyncio.sleep(0)
        assert database.pool == Pool(open=1, used=1, waiting=1)
        told.set()
        await asyncio.gather(holding, waiting)
        assert database.pool == Pool(open=1, used=0, waiting=0)
        await database.close()

    with postgres.database(ready) as url:
        asyncio.run(test(url))


def test_a_database_that_takes_no_writes_is_not_ready(postgres: Postgres, ready: str) -> None:
    async def test(url: str) -> None:
        async with opened(url) as store:
            store._database._settings["default_transaction_read_only"] = "on"
            await store._database.close()
            await store._database.open()
            with pytest.raises(StoreRefused, match="takes no writes"):
                await store.ready()

    with postgres.database(ready) as url:
        asyncio.run(test(url))


def test_a_failure_does_not_say_what_was_in_a_row(postgres: Postgres, ready: str) -> None:
    async def test(url: str) -> None:
        async with opened(url) as store:
            (portal,) = await store.portals()
            with pytest.raises(asyncpg.UniqueViolationError) as told:
                await store._database.write(
                    lambda connection: connection.execute("INSERT INTO head SELECT * FROM head")
                )
            assert str(portal) not in "".join(traceback.format_exception(told.value))

    with postgres.database(ready) as url:
        asyncio.run(test(url))
