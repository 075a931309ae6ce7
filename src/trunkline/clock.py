"""Time, ids and chance, from one object.

Nothing else in Trunkline reads the clock, makes an identifier or draws a random number.
"""

import os
import secrets
import time
import uuid
from collections.abc import Mapping

from msgspec import Struct


class Hands(Struct, frozen=True):
    """How the clock of a portal differs from the real one: by an offset in milliseconds, or it stands still."""

    offset: int = 0
    frozen: int | None = None

    def at(self, real: int) -> int:
        """The time of the portal when the real one is this."""
        return real + self.offset if self.frozen is None else self.frozen

    def moved(self, by: int) -> "Hands":
        """The same some milliseconds later."""
        return Hands(self.offset + by, None if self.frozen is None else self.frozen + by)

    def set(self, to: int, real: int) -> "Hands":
        """The same at another time, running or standing as it does."""
        return Hands(to - real, None if self.frozen is None else to)

    def stopped(self, real: int) -> "Hands":
        """Standing still where it is."""
        return Hands(self.offset, self.at(real))


class Clock:
    """What time it is, and identifiers that nobody has used before.

    Each portal has a time of its own, which is the real one unless its hands were moved.
    """

    _hands: Mapping[int, Hands] = {}

    def now(self, portal: int = 0) -> int:
        """The time in whole milliseconds since 1970, UTC: that of a portal, or the real one."""
        hands = self._hands.get(portal)
        return self.real() if hands is None else hands.at(self.real())

    def real(self) -> int:
        """The real time in whole milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def earliest(self) -> int:
        """The earliest of the real time and those of all portals."""
        return min([self.now(), *(self.now(portal) for portal in self._hands)])

    def hands(self, portal: int) -> Hands:
        """How a portal's clock differs from the real one."""
        return self._hands.get(portal, Hands())

    def put(self, hands: Mapping[int, Hands]) -> None:
        """Moves the hands of the clocks of all portals; those that are not named go as the real one."""
        self._hands = dict(hands)

    def ticks(self) -> int:
        """Nanoseconds since some moment, of a clock that only grows: for how long something took."""
        return time.perf_counter_ns()

    def identifier(self) -> str:
        """A new UUID of version 7, as the real service's correlation ids are (behaviour 6.6)."""
        random = int.from_bytes(os.urandom(10), "big")
        high = (self.now() & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | (random >> 64 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random & 0x3FFF_FFFF_FFFF_FFFF)
        return str(uuid.UUID(int=high << 64 | low))

    def secret(self) -> str:
        """43 characters of a new 256-bit secret, safe in URLs and headers."""
        return secrets.token_urlsafe(32)
