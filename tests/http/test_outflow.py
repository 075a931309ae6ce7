"""When a client that takes its answer slowly is served, and when it is dropped."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence

import pytest

from trunkline.http.outflow import LOOKS, Outflow, unacknowledged


class Timer:
    """A call that is due at a time."""

    def __init__(self, due: float, callback: Callable[[], object]) -> None:
        self.due = due
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Hours:
    """A time that passes when the next timer is called."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[Timer] = []

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        self._timers.append(Timer(self._now + delay, callback))
        return self._timers[-1]

    def strike(self) -> bool:
        """Calls the next timer, and says whether there was one."""
        while self._timers:
            timer = self._timers.pop(0)
            if timer.callback is not None:
                self._now = timer.due
                timer.callback()
                return True
        return False


class Pipe(asyncio.Transport):
    """A transport with so many bytes to send, one number for each look at it."""

    def __init__(self, sizes: Sequence[int], connection: socket.socket | None = None) -> None:
        super().__init__({"socket": connection})
        self._sizes = list(sizes)
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self._sizes.pop(0)

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize(
    ("sizes", "looks"),
    [
        ([0] * 50, None),
        ([9] * 5, 5),
        ([0, 0, 0, 9, 9, 9, 9, 9], 8),
        ([9, 9, 9, 9, 8, 8, 8, 8, 7], None),
        ([9, 9, 9, 9, 8, 8, 8, 8, 8], 9),
        ([9, 9, 9, 9, 0, 9, 9, 9, 9], None),
        ([9, 9, 9, 9, 20, 20, 20, 20, 11], None),
        (range(50, 0, -1), None),
    ],
)
def test_whoever_takes_nothing_for_the_time_is_dropped(sizes: Sequence[int], looks: int | None) -> None:
    hours, pipe = Hours(), Pipe(sizes)
    Outflow(pipe, hours, timeout=float(LOOKS))
    looked = sum(hours.strike() for _ in sizes)
    assert (looked if pipe.aborted else None) == looks


def test_nobody_looks_at_a_connection_that_is_over() -> None:
    hours = Hours()
    Outflow(Pipe([]), hours, timeout=1.0).stop()
    assert not hours.strike()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_what_the_other_machine_took_counts_as_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            assert unacknowledged(server) == 0
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                while True:
                    server.send(b"x" * 65_536)
            hours, pipe = Hours(), Pipe([9] * 20, server)
            Outflow(pipe, hours, timeout=float(LOOKS))
            for _ in range(LOOKS + 1):
                waiting = unacknowledged(server)
                assert waiting > 0 and hours.strike()
                while unacknowledged(server) == waiting:
                    assert client.recv(65_536)
            assert not pipe.aborted
            while hours.strike():
                pass
            assert pipe.aborted


def test_what_no_system_tells_is_nothing() -> None:
    closed = socket.socket()
    closed.close()
    assert unacknowledged(None) == unacknowledged(closed) == 0
