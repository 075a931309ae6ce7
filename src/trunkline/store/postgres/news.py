"""What other processes on the same database changed: PostgreSQL tells it, in the order of their commits.

`TELL` is sent in the transaction that makes the change, so that whoever is told sees it already, and nobody is told of
what was rolled back. Transactions with news in them commit one after the other, in the whole database: there is none
in a write of records.
"""

import asyncio
from collections.abc import Callable

import msgspec
from msgspec import Struct

from trunkline.store.postgres.tether import FIRST_PAUSE, Connect, Connection, parted, regained, watched
from trunkline.store.protocol import Notice

CHANNEL = "trunkline"

TELL = f"SELECT pg_notify('{CHANNEL}', $1)"
"""Tells the others a text that `News.text` made, at commit."""

LARGEST = 7_900
"""Bytes of a text; PostgreSQL refuses those of 8,000."""

PULSE = 5.0
"""Seconds between two looks at whether the connection still stands."""

EVERYTHING = Notice("all")


class _Letter(Struct, frozen=True, array_like=True):
    """A notice on its way, and which store sent it."""

    sender: str
    notice: Notice


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Letter).decode


class News:
    """The news of one store. `sender` is its name, which no other store on the database has.

    While the connection is lost nothing is heard, so the listeners are told to forget everything when it is lost, with
    each attempt to regain it, and when it is there again.
    """

    def __init__(self, connect: Connect, sender: str) -> None:
        self._connect = connect
        self._sender = sender
        self._listeners: list[Callable[[Notice], None]] = []
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def hear(self, listener: Callable[[Notice], None]) -> None:
        """Has a listener called with each notice of another store, on the event loop."""
        self._listeners.append(listener)

    def text(self, notice: Notice) -> str:
        """What to bind to `TELL`. Raises `ValueError` for a detail that is too long for it."""
        text = _encode(_Letter(self._sender, notice))
        if len(text) > LARGEST:
            raise ValueError(f"A notice of {len(text)} bytes is too long to be sent.")
        return text.decode()

    async def open(self) -> None:
        """Listens from now on; raises what connecting raises."""
        self._connection = await self._listening()
        self._task = asyncio.create_task(self._keep(self._connection), name="news")

    async def close(self) -> None:
        """Listens no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._connection is not None:
            await parted(self._connection)

    async def _keep(self, connection: Connection) -> None:
        while True:
            await watched(connection, PULSE)
            self._forget()
            await asyncio.sleep(FIRST_PAUSE)
            self._connection = connection = await regained(self._listening, "news", self._forget)
            self._forget()

    async def _listening(self) -> Connection:
        connection = await self._connect()
        try:
            await connection.add_listener(CHANNEL, self._received)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _received(self, connection: object, process: int, channel: str, payload: object) -> None:
        try:
            letter = _decode(str(payload))
        except msgspec.MsgspecError:
            # Another version's, during an upgrade: it says that something changed.
            self._tell(EVERYTHING)
            return
        if letter.sender != self._sender:
            self._tell(letter.notice)

    def _forget(self) -> None:
        self._tell(EVERYTHING)

    def _tell(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)
