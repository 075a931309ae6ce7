"""What goes wrong again and again, as while a database is down: told in full once, then only that it still does."""

from collections.abc import Callable
from time import monotonic

import structlog

AGAIN = 60.0
"""Seconds after which the same is told again."""

log = structlog.get_logger(__name__)


class Complaint:
    """One thing that may fail each time it is tried. `ticks` is a clock in seconds that only grows."""

    def __init__(self, event: str, ticks: Callable[[], float] = monotonic) -> None:
        self._event = event
        self._ticks = ticks
        self._told = ""
        self._due = 0.0

    def failed(self, cause: Exception) -> None:
        """Tells a failure with its traceback when it is another one than before, else in one line a minute."""
        what, now = repr(cause), self._ticks()
        if what != self._told:
            log.error(self._event, exc_info=cause)
        elif now >= self._due:
            log.error(self._event, cause=what)
        else:
            return
        self._told, self._due = what, now + AGAIN

    def worked(self) -> None:
        """The next failure is a new one."""
        self._told = ""
