"""Who may serve a database: any number of processes, unless somebody has it for themselves, as to copy it.

That is an advisory lock of the server's, held for as long as the connection lasts that took it.
"""

from trunkline.store.postgres.database import SCHEMA
from trunkline.store.postgres.tether import Connect, Connection
from trunkline.store.protocol import StoreRefused

SERVED = 0x5452_4B4C_0010
"""The number of the lock, which every process shares that serves the database."""

SHARE = "SELECT pg_try_advisory_lock_shared($1)"
SEIZE = "SELECT pg_try_advisory_lock($1)"
HALF_COPIED = f"SELECT to_regclass('{SCHEMA}.copying') IS NOT NULL"
"""Whether a database is being made a copy of another store, and lacks some of it."""


class NotServed(StoreRefused, ConnectionError):
    """The database may not be served now. Who serves it and has lost its connections waits as for any connection."""


async def serving(connect: Connect) -> Connection:
    """A new connection by which one takes part in serving a database.

    Raises `NotServed` when it is being copied, or is half a copy itself, and what connecting raises.
    """
    connection = await connect()
    try:
        await share(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def share(connection: Connection) -> None:
    """Takes part in serving a database, until the connection ends; raises `NotServed`."""
    if not await connection.fetchval(SHARE, SERVED):
        raise NotServed("It is being copied, and cannot be served meanwhile.")
    if await connection.fetchval(HALF_COPIED):
        raise NotServed("It is half of a copy: finish it with the same `trunkline copy` that began it.")


async def seize(connection: Connection, name: str) -> None:
    """Has a database for oneself until the connection ends; raises `StoreRefused` while anybody serves or copies it."""
    if not await connection.fetchval(SEIZE, SERVED):
        raise StoreRefused(f"{name} is in use by another Trunkline.")
