"""What the engine on PostgreSQL does on a cluster of Citus, which somebody must have at hand for it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from store import shape, statements, test_postgres, test_search_postgres, test_statements
from store.accounts import PERSON, event
from store.conformance import change, create
from store.ledger import CALLS, CONTACTS, PORTAL
from store.routing import Planner, sent
from store.searching import queries
from store.test_search_postgres import Ground

from trunkline.crm.association import Tie
from trunkline.crm.link import USER_DEFINED, LinkType
from trunkline.crm.plan import Plan, Wanted
from trunkline.crm.query import Query
from trunkline.crm.record import Record
from trunkline.store.postgres import migrations, portals, rows, writing
from trunkline.store.postgres.carrying import carry_out
from trunkline.store.postgres.citus import spread
from trunkline.store.postgres.database import lock
from trunkline.store.postgres.schema import migrate
from trunkline.store.postgres.step import NEWEST
from trunkline.store.protocol import Store, StoreRefused

VARIABLE = "TRUNKLINE_TEST_CITUS"
"""The environment variable with the URL of a database on a coordinator that has Citus and workers.

All that Trunkline has in it is removed.
"""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'trunkline' AND tablename <> 'alembic_version'"
SEQUENCES = "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'trunkline'"
LOCAL = "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = 'trunkline.portal'::regclass"


def empty(url: str) -> None:
    """Removes all that Trunkline has in a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS trunkline CASCADE")


def wipe(url: str) -> None:
    """Makes it as it was when it was new."""
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(SQL("DELETE FROM trunkline.{}").format(Identifier(table)))
        for name, first in connection.execute(SEQUENCES).fetchall():
            connection.execute("SELECT setval(%s, %s, false)", (f"trunkline.{name}", first))


@pytest.fixture(scope="module")
def cluster() -> str:
    """The URL of a database that nothing is known of."""
    url = os.environ.get(VARIABLE)
    if not url:
        pytest.skip(f"no Citus: name a database on its coordinator in {VARIABLE}; all of Trunkline's in it is removed")
    return url


@pytest.fixture(scope="module")
def citus(cluster: str) -> str:
    """The URL of a database with the tables, spread over the cluster."""
    empty(cluster)
    asyncio.run(migrate(cluster, citus=True))
    return cluster


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


@pytest.fixture(scope="module")
def planner(citus: str) -> Iterator[Planner]:
    with psycopg.connect(citus, autocommit=True) as connection:
        yield Planner(connection)


BOUND = {
    name
    for name, statement in statements.constants().items()
    if name not in test_statements.FOR_ALL and shape.looked_at(statement, statements.OWNED).values
}
FUNCTIONS = {
    "rows.FIND",
    "writing.APPLY",
    "search.tables.ENTER",
    "search.tables.WORD",
    "search.tables.LEAVE",
    "kept.NOTHING",
}


@pytest.mark.parametrize("name", sorted({*BOUND, *FUNCTIONS}))
def test_a_statement_goes_to_one_server_whole(planner: Planner, name: str) -> None:
    assert planner.is_one_task(statements.constants()[name])


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(queries)
def test_a_search_goes_to_one_server_whole(planner: Planner, query: Query) -> None:
    for statement, values in statements.searches(query, PORTAL):
        assert planner.is_one_task(statement, values)


ONE = Record(id=7, properties={"ref": "A"}, created=1, updated=1, app=5)
PLAN = Plan(1, 5, creates=[ONE], claimed=[(("ref", "A"), 7)])


def test_a_batch_is_two_commands_to_one_server(citus: str) -> None:
    wipe(citus)

    async def batch(connection: Any) -> None:
        await connection.execute("INSERT INTO head (portal) VALUES ($1)", PORTAL)
        version, _, _ = await rows.find(connection, PORTAL, CALLS, [("ref", "A")], [])
        await writing.apply(connection, PORTAL, version or 0, [(CALLS, PLAN)])

    _, found, applied = asyncio.run(sent(citus, batch))
    assert found.startswith("SELECT version") and "trunkline.find(" in found
    assert applied.startswith("SELECT trunkline.apply(")


def test_a_longer_transaction_is_committed_on_one_server(citus: str) -> None:
    wipe(citus)
    tie = Tie(ONE.id, (CONTACTS, 8), LinkType(1, CALLS, CONTACTS, "boss", "Boss", inverse=2, category=USER_DEFINED))

    async def batch(connection: Any) -> None:
        await connection.execute("INSERT INTO head (portal) VALUES ($1)", PORTAL)
        async with connection.transaction():
            version = await lock(connection, PORTAL)
            await carry_out(connection, PORTAL, CALLS, version, replace(PLAN, ties=[tie]))

    commands = asyncio.run(sent(citus, batch))
    assert commands[-1] == "COMMIT"
    assert sum("trunkline.apply(" in command for command in commands) == 1
    assert not any("PREPARE" in command or "COPY" in command for command in commands)


def test_a_portal_comes_on_both_servers_or_on_neither(citus: str) -> None:
    async def found(connection: Any) -> None:
        async with connection.transaction():
            await connection.execute(portals.FOUND, "Acme", 1, None, None)
            await connection.execute(portals.HEAD, 99)

    wipe(citus)
    commands = asyncio.run(sent(citus, found))
    assert [command.split(" ")[:2] for command in commands[-2:]] == [["PREPARE", "TRANSACTION"], ["COMMIT", "PREPARED"]]


def test_what_was_there_is_there_when_it_is_spread(cluster: str) -> None:
    async def test() -> None:
        await migrate(cluster)
        async with test_postgres.opened(cluster) as store:
            (portal,) = await store.portals()
            plan = await store.write(portal, CALLS, 1, Wanted(room=2), create("A", "B"))
            before = await store.accounts.enrol(replace(PERSON, email="ada@example.org"), event())
            with pytest.raises(StoreRefused, match="in use by another"):
                await migrate(cluster, citus=True)
        assert (await migrate(cluster, citus=True)).spread > 0
        assert (await migrate(cluster, citus=True)).spread == 0
        async with test_postgres.opened(cluster) as store:
            assert await store.read(portal, CALLS, [record.id for record in plan.creates]) == plan.creates
            assert (await store.write(portal, CALLS, 1, Wanted(keys=[("ref", "B")]), change(note="x"))).updates
            after = await store.accounts.enrol(replace(PERSON, email="bob@example.org"), event())
            assert after.id == before.id + 1

    empty(cluster)
    asyncio.run(test())


def test_a_database_that_is_spread_stays_so_with_a_later_step(cluster: str) -> None:
    async def test() -> None:
        connect = partial(asyncpg.connect, cluster)
        engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=connect)
        async with engine.begin() as connection:
            assert await connection.run_sync(_at_the_first_step) > 0
        await engine.dispose()
        done = await migrate(cluster)
        assert (done.before, done.after, done.spread > 0) == ("0001", NEWEST, True)

    empty(cluster)
    asyncio.run(test())


def _at_the_first_step(connection: Connection) -> int:
    """Makes the first tables and spreads them, and returns how many they are."""
    connection.execute(text("CREATE SCHEMA trunkline"))
    connection.execute(text("SET LOCAL search_path = trunkline"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__ or "").parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    return spread(connection)


def test_where_a_database_cannot_be_spread_is_said_why(citus: str) -> None:
    with psycopg.connect(citus) as connection:
        host, port = connection.execute("SELECT * FROM citus_get_active_worker_nodes()").fetchone() or ("", 0)
    coordinator = urlsplit(citus)
    worker = coordinator._replace(netloc=f"{coordinator.netloc.rpartition('@')[0]}@{host}:{port}")
    for address, said in ((coordinator._replace(path="/template1"), "CREATE EXTENSION"), (worker, "of a worker")):
        with pytest.raises(StoreRefused, match=said):
            asyncio.run(migrate(address.geturl(), citus=True))
