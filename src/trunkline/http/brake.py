"""What slows whoever fails to prove themselves again and again."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from math import ceil

from trunkline.errors import TooManyFailures
from trunkline.http.address import place

FREE = 20
"""Failures of one place within `MINUTE` that are told at once, unless the operator says otherwise."""

MINUTE = 60.0
SHORTEST = 0.1
LONGEST = 3.0
"""Seconds; each failure beyond the free ones waits twice as long as the one before, from the one to the other."""

REMEMBERED = 3
"""Times the free failures that are held against a place at most: what somebody did is forgotten in a few minutes."""

PLACES = 10_000
"""Places that are remembered; the one that failed longest ago goes first."""

WAITING_OF_ONE = 10
WAITING = 200
"""Failures of one place, and of all, that wait at once."""


class Brake:
    """Failures by the place (`address.place`) that they come from. Only they come here, so who has good credentials is
    never slowed, wherever they come from.

    `free` failures of one place within `MINUTE` are told at once, and one is forgotten every `MINUTE / free` seconds.
    `now` gives seconds that only grow and `sleep` waits; by default both are those of the running loop.
    """

    def __init__(
        self,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        free: int = FREE,
    ) -> None:
        self._free = free
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._forgotten: OrderedDict[str, float] = OrderedDict()
        self._waiting: Counter[str] = Counter()

    def __len__(self) -> int:
        """Places that are remembered."""
        return len(self._forgotten)

    async def failed(self, who: str) -> None:
        """To be awaited before a failure of an address is told; takes up to `LONGEST` seconds.

        Raises `TooManyFailures`, to be told instead, when too many wait.
        """
        place_ = place(who)
        delay = self._delay(self._held_against(place_))
        if not delay:
            return
        self._require_room(place_)
        self._waiting[place_] += 1
        try:
            await self._sleep(delay)
        finally:
            self._waiting[place_] -= 1
            if not self._waiting[place_]:
                del self._waiting[place_]

    def require(self, who: str) -> None:
        """Raises `TooManyFailures` while so many failures of an address wait that another would not be told.

        To be called before something is compared that people choose and others may guess, as a password: whoever
        guesses in parallel then learns no more than they are told. It may refuse the right one for a few seconds.
        """
        self._require_room(place(who))

    def _held_against(self, place_: str) -> float:
        """Notes a failure, and returns how many are held against the place with it.

        What is kept is the moment at which the last of them is forgotten.
        """
        now, each = self._now(), MINUTE / self._free
        forgotten = min(max(self._forgotten.get(place_, now), now) + each, now + each * REMEMBERED * self._free)
        self._forgotten[place_] = forgotten
        self._forgotten.move_to_end(place_)
        if len(self._forgotten) > PLACES:
            self._forgotten.popitem(last=False)
        return (forgotten - now) / each

    def _delay(self, held: float) -> float:
        beyond = ceil(held - self._free)
        return float(min(SHORTEST * 2 ** (beyond - 1), LONGEST)) if beyond > 0 else 0.0

    def _require_room(self, place_: str) -> None:
        if self._waiting[place_] >= WAITING_OF_ONE or self._waiting.total() >= WAITING:
            raise TooManyFailures
