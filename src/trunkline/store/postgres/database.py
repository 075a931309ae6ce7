"""Connections to one PostgreSQL database, and what its failures mean to who waits for an answer.

What is sent once may have been done even if no answer came, so nothing that writes is sent a second time unless the
server said that it was undone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from trunkline import footprint
from trunkline.errors import StoreFull, StoreUnreachable, Unauthenticated
from trunkline.store.protocol import Pool, StoreRefused

T = TypeVar("T")
Connection: TypeAlias = "PoolConnectionProxy[Any]"
Row = asyncpg.Record

SCHEMA = "trunkline"
"""Where everything of Trunkline's is in the database."""

PATIENCE = 5.0
"""Seconds for which a server that does not take connections is asked again, as while it starts anew."""

ATTEMPTS = 10.0
"""Seconds for which a transaction is tried again that the server undid because of another one."""

READ_ONLY = "SELECT current_setting('transaction_read_only')"
"""On where the server follows another one, or was told to take no writes."""

LOCK_HEAD = "SELECT version FROM head WHERE portal = $1 FOR UPDATE"

GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncio.TimeoutError,
)
"""What says that the server, or the connection to it, is not there."""

UNDONE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""What says that a transaction was undone because of another one."""


class NotConnected(Exception):
    """No connection could be had, so nothing was sent."""


class Database:
    """A pool of connections; all that the store asks goes through it."""

    def __init__(self, url: str, *, connections: int, durability: Literal["full", "normal"] = "full") -> None:
        self.url = url
        self._connections = connections
        self._settings = {
            "application_name": "trunkline",
            "search_path": SCHEMA,
            "jit": "off",
            "synchronous_commit": "on" if durability == "full" else "off",
            "idle_in_transaction_session_timeout": "60s",
        }
        self._pool: asyncpg.Pool[Any] | None = None
        self._waiting = 0

    async def open(self) -> None:
        """Connects; raises `StoreRefused` when that cannot be done."""
        try:
            self._pool = await asyncpg.create_pool(
                self.url,
                min_size=0,
                max_size=self._connections,
                server_settings=self._settings,
                command_timeout=60,
                timeout=10,
                reset=_as_it_is,
            )
        except (asyncpg.PostgresError, *GONE, ValueError) as cause:
            raise StoreRefused(f"The database cannot be opened: {cause}") from cause

    async def connect(self) -> "asyncpg.Connection[Any]":
        """A connection beside the pool, for who keeps one; raises `OSError` and `asyncpg.PostgresError`."""
        return await asyncpg.connect(self.url, server_settings=self._settings, timeout=10)

    async def close(self) -> None:
        """Closes all connections, after what is under way on them."""
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 10)
            except TimeoutError:
                self._pool.terminate()
            self._pool = None

    @property
    def pool(self) -> Pool:
        """How the pool is."""
        if self._pool is None:
            return Pool(0, 0, self._waiting)
        size = self._pool.get_size()
        return Pool(size, size - self._pool.get_idle_size(), self._waiting)

    async def ready(self) -> None:
        """Returns when the database can be read and written to; raises `StoreRefused` when not, without patience."""
        try:
            rows = await self._attempt(lambda connection: connection.fetch(READ_ONLY))
        except (NotConnected, asyncpg.PostgresError, *GONE) as cause:
            raise StoreRefused("The database cannot be reached.") from cause
        if rows[0][0] == "on":
            raise StoreRefused("The database takes no writes.")

    async def fetch(self, statement: str, *values: object) -> list[Row]:
        """The rows that a statement answers, which changes nothing and may be sent again."""
        return await self.look(lambda connection: _fetch(connection, statement, values))

    async def one(self, statement: str, *values: object) -> Row | None:
        """The first of them."""
        rows = await self.fetch(statement, *values)
        return rows[0] if rows else None

    async def look(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Does work that changes nothing, and does it again on another connection when one is lost.

        Raises `StoreUnreachable` when the server is not there for a while.
        """
        return await self._patiently(work, again=GONE)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Does work in one transaction, again when the server undid it because of another one.

        Raises `StoreUnreachable` when the server is not there, or went away before it said what became of the
        transaction; and `StoreFull`.
        """

        async def attempt(connection: Connection) -> T:
            with footprint.attempt():
                async with connection.transaction():
                    return await work(connection)

        return await self.call(attempt)

    async def call(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The same for what is a transaction by itself, such as one statement."""
        return await self._patiently(work, again=UNDONE)

    async def locked(self, portal: int, work: Callable[[Connection, int], Awaitable[T]]) -> T:
        """Does work in one transaction while nobody else writes in a portal; it is given the version of the catalog.

        Raises `Unauthenticated` when the portal is not there (any more).
        """

        async def attempt(connection: Connection) -> T:
            return await work(connection, await lock(connection, portal))

        return await self.write(attempt)

    async def _patiently(self, work: Callable[[Connection], Awaitable[T]], again: tuple[type[Exception], ...]) -> T:
        # The first attempt is made without ceremony: nearly all need no other.
        with _public():
            try:
                return await self._attempt(work)
            except (NotConnected, *again) as cause:  # type: ignore[misc]
                failure: Exception = cause
        patience = ATTEMPTS if isinstance(failure, UNDONE) else PATIENCE
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((NotConnected, *again)),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            stop=stop_after_delay(patience),
            reraise=True,
        )
        with _public():
            return await retrying(self._attempt, work)

    async def _attempt(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._connected() as connection:
            try:
                return await work(connection)
            except asyncpg.PostgresError as cause:
                # It quotes the values of a row, and a failure is logged with all that it says.
                cause.detail = None
                raise

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        if self._pool is None:
            raise NotConnected
        self._waiting += 1
        try:
            connection = await self._pool.acquire(timeout=10)
        except (*GONE, asyncpg.InvalidPasswordError) as cause:
            raise NotConnected from cause
        finally:
            self._waiting -= 1
        try:
            yield connection
        finally:
            with _letting_go():
                await self._pool.release(connection)


@contextmanager
def _letting_go() -> Iterator[None]:
    """A connection that broke cannot be given back; the pool makes another one."""
    try:
        yield
    except (asyncpg.PostgresError, *GONE):
        pass


async def _as_it_is(connection: "asyncpg.Connection[Row]") -> None:
    """Leaves a connection that comes back to the pool as it is, for nothing here sets what outlives a transaction.

    By default the driver asks the server to reset it, a round trip each time. What was open is undone before this.
    """


async def lock(connection: Connection, portal: int) -> int:
    """Lets nobody else write in a portal until the transaction ends, and returns the version of its catalog.

    It is the first thing that a transaction which writes in a portal does, so that none waits for another in a ring.
    Raises `Unauthenticated` when the portal is not there (any more).
    """
    version = await connection.fetchval(LOCK_HEAD, portal)
    if version is None:
        raise Unauthenticated
    return int(version)


async def _fetch(connection: Connection, statement: str, values: tuple[object, ...]) -> list[Row]:
    try:
        return await connection.fetch(statement, *values)
    except asyncpg.CharacterNotInRepertoireError:
        return []  # what holds a NUL is kept nowhere


@contextmanager
def _public() -> Iterator[None]:
    """What the caller is told: the failure itself, that there is no room, or that the server is not there."""
    try:
        yield
    except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError) as cause:
        raise StoreFull from cause
    except (NotConnected, *GONE, *UNDONE) as cause:
        raise StoreUnreachable from cause
