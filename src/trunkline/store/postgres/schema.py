"""The schema of a database: at which step it is, and how it comes to the newest one."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from trunkline.store.postgres.database import GONE, SCHEMA
from trunkline.store.protocol import StoreRefused

LOCK = 0x5452_4B4C_0001
"""The advisory lock of who changes the schema: several processes may start at once."""


async def migrate(url: str, *, empty_only: bool = False) -> str | None:
    """Brings a database to the newest step, and returns the one that it had, None for none.

    With `empty_only` one that has an older step is refused instead: an operator chooses when that is changed. Raises
    `StoreRefused` for a database that is newer, or cannot be reached or changed.
    """
    address = make_url(url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(address, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_migrate, empty_only)
    except (SQLAlchemyError, asyncpg.PostgresError, *GONE) as cause:
        raise StoreRefused(f"The database cannot be made ready: {cause}") from cause
    finally:
        await engine.dispose()


def _migrate(connection: Connection, empty_only: bool) -> str | None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
    config = _config()
    config.attributes["connection"] = connection
    steps = ScriptDirectory.from_config(config)
    newest = steps.get_current_head()
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    version = context.get_current_revision()
    if version == newest:
        return version
    if version is not None and version not in {step.revision for step in steps.walk_revisions()}:
        raise StoreRefused(
            f"The database has schema version {version}; this Trunkline knows {newest}. Use a newer Trunkline for it."
        )
    if version is not None and empty_only:
        raise StoreRefused(
            f"The database has schema version {version}, this Trunkline needs {newest}: run `trunkline migrate` first."
        )
    command.upgrade(config, "head")
    return version


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
