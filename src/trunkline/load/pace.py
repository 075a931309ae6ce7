"""Keeping inside a rate limit, as close to it as may be."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

MOST = "x-hubspot-ratelimit-max"
INTERVAL = "x-hubspot-ratelimit-interval-milliseconds"


class Pace:
    """At most `most` requests in any stretch of `seconds`; until a service says how many, as many as are given.

    `clock` and `sleep` are in seconds.
    """

    def __init__(
        self,
        most: int | None = None,
        seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._fixed = most is not None
        self._most = most or 100
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def enter(self) -> None:
        """Returns when one more request may be sent."""
        async with self._turn:
            while len(self._sent) >= self._most:
                left = self._sent[0] + self._seconds - self._clock()
                if left > 0:
                    await self._sleep(left)
                self._sent.popleft()
            self._sent.append(self._clock())

    def learn(self, headers: Mapping[str, str]) -> None:
        """Takes in what a service says of its limit, unless the limit was given."""
        most, interval = headers.get(MOST, ""), headers.get(INTERVAL, "")
        if not self._fixed and most.isdigit() and interval.isdigit() and int(most):
            self._most, self._seconds = int(most), int(interval) / 1000
