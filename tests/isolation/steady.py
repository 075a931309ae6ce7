"""A clock that a test sets, with identifiers and secrets that follow from it."""

import hashlib
import uuid

from trunkline.clock import Clock

MINUTE = 60_000


class Steady(Clock):
    """Stands still but for `tick` and `set`: servers that are asked the same at the same time answer the same bytes.

    No time may come twice, since what is named would then be named twice.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self._made = 0

    def set(self, now: int) -> None:
        """Goes to a time that never was."""
        self._now, self._made = now, 0

    def tick(self) -> None:
        """Goes on by a millisecond."""
        self.set(self._now + 1)

    def real(self) -> int:
        """The time in milliseconds."""
        return self._now

    def ticks(self) -> int:
        """Nothing takes any time."""
        return 0

    def identifier(self) -> str:
        """A UUID."""
        return str(uuid.UUID(bytes=self._digest("id")[:16], version=4))

    def secret(self) -> str:
        """43 characters."""
        return self._digest("secret").hex()[:43]

    def _digest(self, of: str) -> bytes:
        self._made += 1
        return hashlib.sha256(f"{of} {self._now} {self._made}".encode()).digest()
