"""A database that is copied: had for oneself, so that nobody serves it meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from trunkline.copy.postgres.rows import PostgresRows
from trunkline.store.postgres.database import GONE, SCHEMA, Database
from trunkline.store.postgres.schema import migrate
from trunkline.store.postgres.served import HALF_COPIED, seize
from trunkline.store.postgres.tether import Connection, parted
from trunkline.store.protocol import StoreRefused

BY_KEY = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off"
"""Rows are read in the order of their keys, however little the planner knows of new tables."""


def name_of(url: str) -> str:
    """What a database is called in messages: its address without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@asynccontextmanager
async def source(url: str) -> AsyncIterator[PostgresRows]:
    """The rows of a database, as long as they are read; raises `StoreRefused`."""
    async with connected(url) as connection:
        if not await connection.fetchval(f"SELECT to_regclass('{SCHEMA}.portal') IS NOT NULL"):
            raise StoreRefused(f"There is no store in {name_of(url)}.")
        if await connection.fetchval(HALF_COPIED):
            raise StoreRefused(f"{name_of(url)} is half of a copy itself.")
        await migrate(url, empty_only=True)
        yield PostgresRows(connection, name_of(url))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection by which one has the database for oneself; raises `StoreRefused`."""
    try:
        connection = await Database(url, connections=1).connect()
    except (asyncpg.PostgresError, *GONE, ValueError) as cause:
        raise StoreRefused(f"{name_of(url)} cannot be opened: {cause}") from cause
    try:
        await connection.execute(BY_KEY)
        await seize(connection, name_of(url))
        yield connection
    finally:
        await parted(connection)
