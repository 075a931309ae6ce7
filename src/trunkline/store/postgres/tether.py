"""A connection outside the pool, for what lives as long as a connection does: a lock, or being told the news."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

Connection: TypeAlias = "asyncpg.Connection[Any]"

Connect = Callable[[], Awaitable[Connection]]
"""Makes a new connection, as `Database.connect`; to the server itself, since a pooler would lend it to others."""

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
"""Seconds between two attempts to connect again; they double from the first to the longest.

The first is waited for after each loss, too: a server may take connections only to drop them.
"""

PATIENCE = 5.0
"""Seconds in which a server that is there answers a question that costs nothing."""

LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What is raised when a connection is lost, or cannot be had."""

log = structlog.get_logger(__name__)


async def watched(connection: Connection, pulse: float) -> None:
    """Returns once a connection is lost; it is asked every `pulse` seconds, since who is cut off is not told so."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    while not connection.is_closed():
        if not await _answers(connection):
            connection.terminate()
            return
        await _either(ended, pulse)


async def _answers(connection: Connection) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.execute("SELECT 1")
    except LOST:
        return False
    return True


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


async def regained(connect: Connect, purpose: str, missed: Callable[[], object] = lambda: None) -> Connection:
    """A connection, however long it takes to have one; `missed` is called after each failure."""

    def tell(attempt: RetryCallState) -> None:
        missed()
        cause = attempt.outcome.exception() if attempt.outcome else None
        log.warning("no connection to PostgreSQL", purpose=purpose, cause=str(cause) or type(cause).__name__)

    return await AsyncRetrying(
        retry=retry_if_exception_type(LOST),
        wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
        before_sleep=tell,
    )(connect)


async def parted(connection: Connection) -> None:
    """Closes a connection, as politely as the server lets us."""
    try:
        await connection.close(timeout=PATIENCE)
    except LOST:
        connection.terminate()
