"""What a client takes of its answers, and the end of one that takes nothing."""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

LOOKS = 4
"""How often within the time that a client has its progress is looked at."""

_HANG_UP_AT_ONCE = struct.pack("ii", 1, 0)


class Timer(Protocol):
    """What calls back later, unless it is cancelled."""

    def cancel(self) -> object: ...


class Timers(Protocol):
    """The part of an event loop that is needed here; times in seconds."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer: ...


class Outflow:
    """Watches what one transport has yet to send, from its making until `stop`.

    A client that takes no byte for `timeout` seconds while some wait in this process is dropped, also when the
    transport is closing, since one closes only when all is sent. A client that takes its bytes slowly is served.
    """

    def __init__(self, transport: asyncio.Transport, loop: Timers, timeout: float) -> None:
        self._transport = transport
        self._loop = loop
        self._timeout = timeout
        self._waiting = 0
        self._moved = 0.0
        self._timer = loop.call_later(timeout / LOOKS, self._look)

    def stop(self) -> None:
        """The connection is over."""
        self._timer.cancel()

    def _look(self) -> None:
        waiting = self._transport.get_write_buffer_size()
        if waiting:
            waiting += unacknowledged(self._transport.get_extra_info("socket"))
        now = self._loop.time()
        if not waiting or waiting != self._waiting:
            self._waiting, self._moved = waiting, now
        elif now - self._moved >= self._timeout:
            drop(self._transport)
            return
        self._timer = self._loop.call_later(self._timeout / LOOKS, self._look)


def drop(transport: asyncio.Transport) -> None:
    """Ends a connection and frees all that waited for it, here and in the system's buffers."""
    connection = transport.get_extra_info("socket")
    if connection is not None and sys.platform != "win32":
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HANG_UP_AT_ONCE)
    transport.abort()


def unacknowledged(connection: socket.socket | None) -> int:
    """Bytes that the system has taken and the client's machine has not, where the system tells (Linux), else 0.

    The system's buffer holds megabytes and asks for more only when much of it is free: without this a client that
    reads slowly would seem to take nothing for minutes.
    """
    if connection is None or sys.platform != "linux":
        return 0
    import fcntl
    import termios

    try:
        (count,) = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))
    except (OSError, ValueError):
        return 0
    return int(count)
