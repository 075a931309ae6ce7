"""A line to a server that a test can cut, or let go dead without anybody being told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import asyncpg

from trunkline.store.postgres.tether import Connection


class Cable:
    """Passes on what is said between those who connect through it and a PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._place = urlsplit(url)
        self._whole = True
        self._alive = asyncio.Event()
        self._alive.set()
        self._ends: set[asyncio.StreamWriter] = set()

    async def connect(self) -> Connection:
        """A new connection through the cable; refused while it is kept cut."""
        if not self._whole:
            raise ConnectionRefusedError("the cable is cut")
        port = self._server.sockets[0].getsockname()[1]
        return await asyncpg.connect(self._url, host="127.0.0.1", port=port)

    def cut(self, *, keep: bool = False) -> None:
        """Ends all connections; whether there can be others before it is mended is `keep`."""
        self._whole = not keep
        for end in self._ends:
            end.transport.abort()

    def die(self) -> None:
        """Passes on nothing any more, and tells nobody."""
        self._alive.clear()

    def mend(self) -> None:
        """Works as new from now on."""
        self._whole = True
        self._alive.set()

    async def open(self) -> None:
        """Lets connect."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def close(self) -> None:
        """Lets nobody connect."""
        self.mend()
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._place.hostname, self._place.port)
        self._ends |= {writer, back}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass_on(reader, back))
            group.create_task(self._pass_on(there, writer))
        self._ends -= {writer, back}

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                await self._alive.wait()
                writer.write(piece)
        writer.close()


@asynccontextmanager
async def cable(url: str) -> AsyncIterator[Cable]:
    """A cable to the server of a URL."""
    made = Cable(url)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
