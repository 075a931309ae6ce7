"""Time, ids and chance, from one object.

Nothing else in Trunkline reads the clock, makes an identifier or draws a random number.
"""

import os
import secrets
import time
import uuid


class Clock:
    """What time it is, and identifiers that nobody has used before."""

    def now(self) -> int:
        """The time in whole milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

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
