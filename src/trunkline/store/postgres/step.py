"""At which step the schema of a database is, asked without what could change it, which is slow to load."""

from importlib.resources import files

import asyncpg

from trunkline.store.postgres.database import Database

STEP = "step_"
STEPS = [path.name for path in files("trunkline.store.postgres.migrations.versions").iterdir()]
NEWEST = max(name.removeprefix(STEP).removesuffix(".py") for name in STEPS if name.startswith(STEP))


async def is_newest(database: Database) -> bool:
    """Whether a database has the newest step that this Trunkline knows; raises `StoreUnreachable`."""
    try:
        row = await database.one("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    return row is not None and row["version_num"] == NEWEST
