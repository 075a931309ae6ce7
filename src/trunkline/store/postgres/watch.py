"""The triggers that keep what rows were like: on while there is any checkpoint in the database, else off.

Each is switched in a transaction of its own that waits a moment at most for those who write in its table, since others
wait behind it. Who makes a checkpoint holds off whoever would switch them off, and looks again whether they are on.
"""

import asyncio
from functools import partial

import asyncpg
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from trunkline.store.postgres.database import SCHEMA, Connection, Database
from trunkline.store.postgres.identities import TAKE
from trunkline.store.postgres.kept import COVERED
from trunkline.store.protocol import StoreRefused

TURN = 0x5452_4B4C_0004
"""The advisory lock of who switches a trigger, shared by those who make a checkpoint."""

SHARE = "SELECT pg_advisory_xact_lock_shared($1)"
BRIEFLY = "SELECT set_config('lock_timeout', '100ms', true)"
PATIENCE = 10.0
"""Seconds for which is tried to switch a trigger on."""

PAUSE = 60.0
"""Seconds between two looks at whether triggers are on for nothing."""

CITUS = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
SPREAD = f"SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('{SCHEMA}.head')"
"""Whether Citus spreads the tables: it takes no triggers on them."""

STATES = (
    "SELECT c.relname, t.tgenabled FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
    f"WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND t.tgname = 'keep'"
)
ANY = "SELECT 1 FROM checkpoint LIMIT 1"
MAKE = "CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION keep_{0}()"
ON = "ALTER TABLE {} ENABLE TRIGGER keep"
OFF = "ALTER TABLE {} DISABLE TRIGGER keep"

log = structlog.get_logger(__name__)


async def held(connection: Connection) -> bool:
    """Holds off whoever would switch triggers until the transaction ends, and says whether all of them are on."""
    await connection.execute(SHARE, TURN)
    return not await _missing(connection)


async def on(database: Database) -> None:
    """Has rows kept from now on; raises `StoreRefused` where that cannot be."""
    if await database.fetch(CITUS) and await database.fetch(SPREAD):
        raise StoreRefused("A database that is spread by Citus has no checkpoints.")
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(asyncpg.LockNotAvailableError),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        stop=stop_after_delay(PATIENCE),
        reraise=True,
    )
    try:
        for covered in COVERED:
            await retrying(database.write, partial(_on, covered.table))
    except asyncpg.InsufficientPrivilegeError as cause:
        raise StoreRefused("A checkpoint needs a user of the database who owns its tables.") from cause
    except asyncpg.LockNotAvailableError as cause:
        raise StoreRefused("The database is too busy to make its first checkpoint; try again.") from cause


async def rest(database: Database) -> None:
    """Looks now and then whether rows are kept for no checkpoint, as that of a portal that was removed; without end."""
    while True:
        try:
            await off(database)
        except Exception as cause:  # whatever it is, the next look may do better
            log.error("rows are kept though there may be no checkpoint", cause=repr(cause))
        await asyncio.sleep(PAUSE)


async def off(database: Database) -> None:
    """Has nothing kept any more, if there is no checkpoint; what is in use too much stays on until the next time."""
    if not await database.fetch(STATES) or await database.fetch(ANY):
        return
    try:
        for covered in COVERED:
            await database.write(partial(_off, covered.table))
    except asyncpg.LockNotAvailableError:
        pass


async def _missing(connection: Connection) -> dict[str, bool]:
    """The tables without their trigger, or, and then True, with one that is off."""
    states = {row[0]: bytes(row[1]) for row in await connection.fetch(STATES)}
    return {one.table: one.table in states for one in COVERED if states.get(one.table) not in (b"O", b"A")}


async def _on(table: str, connection: Connection) -> None:
    await connection.execute(TAKE, TURN)
    there = (await _missing(connection)).get(table)
    if there is not None:
        await connection.execute(BRIEFLY)
        await connection.execute((ON if there else MAKE).format(table))


async def _off(table: str, connection: Connection) -> None:
    await connection.execute(TAKE, TURN)
    if table in await _missing(connection) or await connection.fetchval(ANY):
        return
    await connection.execute(BRIEFLY)
    await connection.execute(OFF.format(table))
