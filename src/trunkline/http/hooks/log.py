"""What was delivered lately, and what was not: a number of requests, as long as their events are not too many."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.record import Moment

MOST = 1000
MOST_EVENTS = 20_000
"""Requests and events of them that are remembered."""

State = Literal["delivered", "failed", "given-up"]
"""`failed` is told again later."""


class Delivery(Struct, frozen=True, kw_only=True):
    """One request to an app. `answer` is the status that it was answered with, or None; `cause` says why it failed."""

    id: int = 0
    at: Moment
    portal: int
    app: int
    url: str
    attempt: int
    state: State
    answer: int | None
    cause: str = ""
    took: int
    events: Sequence[Mapping[str, Any]]


class Deliveries:
    """The newest requests of this process, by their numbers."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Delivery] = OrderedDict()
        self._events = 0
        self._next = 1

    def add(self, delivery: Delivery) -> Delivery:
        """Remembers a request under the next number; the oldest are forgotten when there are too many."""
        made = replace(delivery, id=self._next)
        self._next += 1
        self._kept[made.id] = made
        self._events += len(made.events)
        while len(self._kept) > MOST or (self._events > MOST_EVENTS and len(self._kept) > 1):
            _, old = self._kept.popitem(last=False)
            self._events -= len(old.events)
        return made

    def get(self, id_: int) -> Delivery | None:
        """One request, if it is remembered."""
        return self._kept.get(id_)

    def newest(self) -> Iterator[Delivery]:
        """The requests, the newest first."""
        return reversed(self._kept.values())
