"""The schema of a database: at which step it is, and how it comes to the newest one."""

from functools import partial
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from msgspec import Struct
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from trunkline.store.postgres.citus import is_spread, require, spread
from trunkline.store.postgres.database import GONE, SCHEMA
from trunkline.store.protocol import StoreRefused

LOCK = 0x5452_4B4C_0001
"""The advisory lock of who changes the schema: several processes may start at once."""


class Migration(Struct, frozen=True):
    """What became of a schema: its steps before, None for none, and after, and how many tables were spread by Citus."""

    before: str | None
    after: str
    spread: int = 0


async def migrate(url: str, *, empty_only: bool = False, citus: bool = False) -> Migration:
    """Brings a database to the newest step, all of the way or not at all.

    With `empty_only` one that has an older step is refused instead: an operator chooses when that is changed. With
    `citus` it is spread over the servers of a cluster; one that is so already stays so without it. Raises
    `StoreRefused` for a database that is newer, or cannot be reached or changed.
    """
    try:
        # The driver connects, so that the address means what it means to the store.
        connect = partial(asyncpg.connect, url, timeout=10)
        engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=connect)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(_migrate, empty_only, citus)
        finally:
            await engine.dispose()
    except DBAPIError as cause:
        raise StoreRefused(f"The database cannot be made ready: {cause.orig}") from cause
    except (SQLAlchemyError, asyncpg.PostgresError, ValueError, *GONE) as cause:
        raise StoreRefused(f"The database cannot be made ready: {cause}") from cause


def _migrate(connection: Connection, empty_only: bool, citus: bool) -> Migration:
    if citus:
        require(connection)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
    config = _config()
    config.attributes["connection"] = connection
    steps = ScriptDirectory.from_config(config)
    newest = steps.get_current_head()
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    version = context.get_current_revision()
    assert newest is not None
    if version == newest:
        return Migration(version, newest, spread(connection) if citus else 0)
    if version is not None and version not in {step.revision for step in steps.walk_revisions()}:
        raise StoreRefused(
            f"The database has schema version {version}; this Trunkline knows {newest}. Use a newer Trunkline for it."
        )
    if version is not None and empty_only:
        raise StoreRefused(
            f"The database has schema version {version}, this Trunkline needs {newest}: run `trunkline migrate` first."
        )
    command.upgrade(config, "head")
    return Migration(version, newest, spread(connection) if citus or is_spread(connection) else 0)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
