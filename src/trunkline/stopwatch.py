"""Where the time of one request goes.

The line of a request is straight, so one clock does: whoever has done a step says so, and what passed since the step
before was spent on it. The steps of a request come to all of its time.
"""

from collections.abc import Callable, Coroutine
from contextvars import ContextVar, Token
from functools import wraps
from time import perf_counter_ns
from typing import Any, Literal, ParamSpec, TypeVar, get_args

P = ParamSpec("P")
T = TypeVar("T")

Step = Literal["auth", "read", "decode", "check", "wait", "find", "plan", "apply", "commit", "render"]
"""The steps of the line: `auth` lets in, `read` takes the body, `wait` is for a turn at the store, and `commit` ends
when what was written is kept. What is written and kept in one call of a database is `apply`, and has no `commit`."""

STEPS: tuple[Step, ...] = get_args(Step)


class Stopwatch:
    """The time that one request spent on each step so far, in nanoseconds; `ticks` is a clock that only grows."""

    __slots__ = ("_last", "_ticks", "began", "spent")

    def __init__(self, ticks: Callable[[], int] = perf_counter_ns) -> None:
        self.spent: dict[Step, int] = {}
        self._ticks = ticks
        self.began = self._last = ticks()

    def lap(self, step: Step) -> None:
        """A step was done: what passed since the one before was spent on it."""
        now = self._ticks()
        self.spent[step] = self.spent.get(step, 0) + now - self._last
        self._last = now

    def ask(self) -> None:
        """The store is about to be asked: what passed was for checking or, once something was found, for showing it."""
        self.lap("render" if "find" in self.spent else "check")

    def total(self) -> int:
        """Nanoseconds from the beginning to the last step."""
        return self._last - self.began


_running: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


def stopwatch() -> Stopwatch:
    """The one of the request that is served here; outside of all, one that nobody looks at."""
    return _running.get() or Stopwatch()


def start(watch: Stopwatch) -> Token[Stopwatch | None]:
    """Makes it the one of the request that is served here, until `stop` is given what this returns."""
    return _running.set(watch)


def stop(token: Token[Stopwatch | None]) -> None:
    """The request is over."""
    _running.reset(token)


def finding(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A method of a store that reads: what it takes is for the step `find`."""

    @wraps(method)
    async def timed(*args: P.args, **named: P.kwargs) -> T:
        watch = stopwatch()
        watch.ask()
        try:
            return await method(*args, **named)
        finally:
            watch.lap("find")

    return timed
