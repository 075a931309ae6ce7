"""What the engine on PostgreSQL does on a cluster of Citus, which somebody must have at hand for it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from store import test_postgres, test_search_postgres
from store.test_search_postgres import Ground

from trunkline.store.postgres.schema import migrate
from trunkline.store.protocol import Store

VARIABLE = "TRUNKLINE_TEST_CITUS"
"""The environment variable with the URL of a database on a coordinator that has Citus and workers.

All that Trunkline has in it is removed.
"""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'trunkline' AND tablename <> 'alembic_version'"


@pytest.fixture(scope="module")
def citus() -> Iterator[str]:
    """The URL of a database with the tables, spread over the cluster."""
    url = os.environ.get(VARIABLE)
    if not url:
        pytest.skip(
            f"no Citus: name a database on a coordinator in {VARIABLE}, and all of Trunkline's in it is removed"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS trunkline CASCADE")
    asyncio.run(migrate(url, citus=True))
    yield url


SEQUENCES = "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'trunkline'"


def wipe(url: str) -> None:
    """Makes it as it was when it was new."""
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(SQL("DELETE FROM trunkline.{}").format(Identifier(table)))
        for name, first in connection.execute(SEQUENCES).fetchall():
            connection.execute("SELECT setval(%s, %s, false)", (f"trunkline.{name}", first))


class TestCitus(test_postgres.TestPostgres):
    @pytest.fixture(autouse=True)
    def _place(self, citus: str) -> None:
        self.url = citus

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        wipe(self.url)
        async with test_postgres.opened(self.url) as store:
            yield store


@pytest.fixture(scope="module")
def ground(citus: str) -> Iterator[Ground]:
    wipe(citus)
    with closing(Ground(citus)) as made:
        yield made


class TestSearching(test_search_postgres.TestDatabase):
    pass
