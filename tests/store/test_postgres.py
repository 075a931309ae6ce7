"""The engine on a PostgreSQL server: what every engine must do, and what several processes on one database do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from cluster import Postgres
from store.accounts import AccountsConformance
from store.departing import DepartingConformance
from store.jobs import JobsConformance
from store.leading import LeadingConformance
from store.listing import ListingConformance, ListingModel
from store.removing import RemovingConformance
from store.schemas import SchemasConformance
from store.tying import TyingConformance

from trunkline.clock import Clock
from trunkline.store.postgres.schema import migrate
from trunkline.store.postgres.store import PostgresStore
from trunkline.store.protocol import Store


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url, Clock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture(scope="module")
def ready(postgres: Postgres) -> Iterator[str]:
    """A database with the tables, to copy."""
    with postgres.database() as url:
        asyncio.run(migrate(url))
        yield url


class TestPostgres(
    DepartingConformance,
    TyingConformance,
    ListingConformance,
    ListingModel,
    JobsConformance,
    AccountsConformance,
    RemovingConformance,
    SchemasConformance,
    LeadingConformance,
):
    first_come = False

    @pytest.fixture(autouse=True)
    def _place(self, postgres: Postgres, ready: str) -> None:
        self.postgres = postgres
        self.ready = ready

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        with self.postgres.database(self.ready) as url:
            async with opened(url) as store:
                yield store
