"""Letting connections in from a socket that several processes share, so that each of them gets its part.

Left to the system, whoever is awake takes all that come together, and keeps them for as long as their clients do.
"""

import asyncio
import socket
from collections.abc import Callable

ABSENT = 2**62
"""What stands for a process that lets nobody in."""

PAUSE = 0.001
"""Seconds that a process leaves a connection to those that have fewer."""

MOST_PAUSES = 10
"""Pauses after which it lets it in all the same: they may be busy."""

REST = 1.0
"""Seconds without another attempt after one that failed, as with too many open files."""


class Share:
    """One process's place on a board that says how many connections each has; it writes in its own place only."""

    def __init__(self, board: "memoryview[int]", place: int) -> None:
        self._board = board
        self._place = place

    def write(self, count: int) -> None:
        """Notes how many connections this process has."""
        self._board[self._place] = count

    def least(self) -> int:
        """The fewest that any process has."""
        return min(self._board)


class Porter:
    """Lets in who connects. `factory` makes what serves a connection, and `present` tells how many there are."""

    def __init__(
        self,
        listener: socket.socket,
        factory: Callable[[], asyncio.Protocol],
        present: Callable[[], int],
        share: Share,
    ) -> None:
        self._listener = listener
        self._factory = factory
        self._present = present
        self._share = share
        self._loop = asyncio.get_running_loop()
        self._entering = set[asyncio.Task[object]]()
        self._pauses = 0
        self._timer: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Lets in from now on."""
        self._listener.setblocking(False)
        self._share.write(0)
        self._wait()

    def close(self) -> None:
        """Lets nobody in any more."""
        self._rest(None)
        self._share.write(ABSENT)

    async def wait_closed(self) -> None:
        """Returns when all who were let in are served."""
        if self._entering:
            await asyncio.wait(self._entering)

    def _wait(self) -> None:
        self._loop.add_reader(self._listener, self._come)

    def _rest(self, seconds: float | None) -> None:
        """Looks for nobody for so long."""
        self._loop.remove_reader(self._listener)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(seconds, self._wait)

    def _come(self) -> None:
        """Somebody is there, unless another process was faster."""
        count = self._present() + len(self._entering)
        self._share.write(count)
        if count > self._share.least() and self._pauses < MOST_PAUSES:
            self._pauses += 1
            self._rest(PAUSE)
            return
        self._pauses = 0
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            self._rest(REST)
            return
        self._share.write(count + 1)
        connection.setblocking(False)
        task: asyncio.Task[object] = self._loop.create_task(self._enter(connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _enter(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._factory, connection)
        except OSError:
            connection.close()
