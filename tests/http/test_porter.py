"""Several processes on one socket: who lets in whom. Here they are porters in one process, on one board."""

import asyncio
import socket
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from trunkline.http import porter
from trunkline.http.porter import ABSENT, Porter, Share

SECONDS = 20


class House:
    """Porters of one socket, and how many connections each has let in."""

    def __init__(self, places: int) -> None:
        self._board = memoryview(array("q", [ABSENT] * places))
        self.present = [set[asyncio.BaseTransport]() for _ in range(places)]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._porters: list[tuple[Porter, socket.socket]] = []
        self._guests: list[asyncio.StreamWriter] = []

    def share(self, place: int) -> Share:
        return Share(self._board, place)

    def open(self, place: int, listener: socket.socket | None = None) -> Porter:
        """Has one more porter at the door."""
        present = self.present[place]

        class Served(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self._transport = transport
                present.add(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                present.discard(self._transport)

        door = listener or self.listener.dup()
        made = Porter(door, Served, lambda: len(present), self.share(place))
        self._porters.append((made, door))
        made.open()
        return made

    async def come(self, guests: int) -> list[int]:
        """Connects so many times at once, and tells how many connections each has then."""
        wanted = len(self._guests) + guests
        made = await asyncio.gather(*(asyncio.open_connection(*self.listener.getsockname()[:2]) for _ in range(guests)))
        self._guests += [writer for _, writer in made]
        return await self.holding(wanted)

    async def holding(self, wanted: int) -> list[int]:
        """How many connections each has, once all together have so many."""
        async with asyncio.timeout(SECONDS):
            while sum(map(len, self.present)) != wanted:
                await asyncio.sleep(0.001)
        return [len(present) for present in self.present]

    async def close(self) -> None:
        for one, door in self._porters:
            one.close()
            await one.wait_closed()
            door.close()
        self.listener.close()
        for writer in self._guests:
            writer.close()
        await self.holding(0)


@asynccontextmanager
async def house(places: int) -> AsyncIterator[House]:
    made = House(places)
    try:
        yield made
    finally:
        await made.close()


def test_who_come_together_are_let_in_evenly() -> None:
    async def test() -> None:
        async with house(3) as made:
            for place in range(3):
                made.open(place)
            counts = await made.come(30)
            assert max(counts) - min(counts) <= 1

    asyncio.run(test())


def test_who_is_new_lets_in_those_who_come_until_it_has_as_many() -> None:
    async def test() -> None:
        async with house(2) as made:
            made.open(0)
            assert await made.come(6) == [6, 0]
            made.open(1)
            assert await made.come(5) == [6, 5]

    asyncio.run(test())


def test_who_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(porter, "MOST_PAUSES", 1_000_000)

    async def test() -> None:
        async with house(2) as made:
            other = made.open(1)
            made.open(0)
            other.close()
            assert await made.come(5) == [5, 0]

    asyncio.run(test())


def test_who_lets_nobody_in_for_long_is_not_waited_for_either() -> None:
    async def test() -> None:
        async with house(2) as made:
            made.share(1).write(0)
            made.open(0)
            assert await made.come(3) == [3, 0]

    asyncio.run(test())


def test_a_place_on_the_board_is_empty_at_first_and_at_last() -> None:
    async def test() -> None:
        async with house(1) as made:
            assert made.share(0).least() == ABSENT
            door = made.open(0)
            assert made.share(0).least() == 0
            await made.come(2)
            assert made.share(0).least() == 2
            door.close()
            assert made.share(0).least() == ABSENT

    asyncio.run(test())


def test_a_failure_to_let_in_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(porter, "REST", 0.01)

    class Failing(socket.socket):
        failures = 2

        def accept(self) -> tuple[socket.socket, object]:
            if self.failures:
                self.failures -= 1
                raise OSError(24, "Too many open files")
            return super().accept()

    async def test() -> None:
        async with house(1) as made:
            made.open(0, Failing(fileno=made.listener.dup().detach()))
            assert await made.come(2) == [2]

    asyncio.run(test())
