"""Which rows of the journal one request wrote.

The stores note them, as `trunkline.stopwatch` has them note the time; only who asks for it is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

Span = tuple[int, int]
"""The first and the last position of a stretch of the journal."""

_running: ContextVar[list[Span] | None] = ContextVar("footprint", default=None)


def wrote(first: int, last: int) -> None:
    """The request that is served here wrote a stretch of the journal; one without a position is none."""
    spans = _running.get()
    if spans is not None and first <= last:
        spans.append((first, last))


@contextmanager
def attempt() -> Iterator[None]:
    """What is noted inside counts only if it ends well, since it was undone otherwise."""
    spans = _running.get()
    before = len(spans) if spans else 0
    try:
        yield
    except BaseException:
        if spans:
            del spans[before:]
        raise


def start(spans: list[Span]) -> Token[list[Span] | None]:
    """Has what the request that is served here writes added to a list, until `stop` is given what this returns."""
    return _running.set(spans)


def stop(token: Token[list[Span] | None]) -> None:
    """The request is over."""
    _running.reset(token)
