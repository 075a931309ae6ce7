"""What an app is still to be told of in a portal: in order for each record, in several requests, and again later."""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.feeds.event import Event

LARGEST = 100
"""Events of one request."""

MOST = 2000
"""Events that wait before no more of the journal is read, which keeps those that come after."""

MINUTE = 60_000
DELAYS = tuple(minutes * MINUTE for minutes in (1, 5, 15, 30, 60, 120, 180, 240, 300, 480))
"""Milliseconds before each further attempt: ten of them in 24 hours, as HubSpot's (behaviour 20.4)."""

SPREAD = 10
"""By this part of itself a delay is shorter at most, so that what failed at once is not tried again at once."""

Key = tuple[int, int, int]


class Parked(Struct, frozen=True, array_like=True):
    """An event that waits, as it is kept: which one, tried how often, to be tried when and with which others."""

    position: int
    subscription: int
    number: int
    attempt: int
    due: Moment
    batch: int

    @property
    def key(self) -> Key:
        """Which event it is."""
        return self.position, self.subscription, self.number


class Place(Struct, frozen=True):
    """How far an app has been told: of all up to a position, but for the events that wait.

    One that `left` the portal is told of nothing that was before it came back.
    """

    after: int
    parked: Sequence[Parked] = ()
    left: bool = False


class Item(Struct, eq=False):
    """An event that waits. Those of one `batch` failed together; 0 is that of all that were not tried."""

    event: Event
    attempt: int = 0
    due: Moment = 0
    batch: int = 0
    flying: bool = False


class Queue:
    """The events that wait, in the order of the journal."""

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}
        self._batches = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Whether no more of the journal should be read for now."""
        return len(self._items) >= MOST

    @property
    def oldest(self) -> Moment | None:
        """When the first of what waits happened."""
        return next((item.event.body["occurredAt"] for item in self._items.values()), None)

    def add(self, events: Iterable[Event]) -> None:
        """Adds events that come after all that are there."""
        for event in events:
            self._put(Item(event))

    def restore(self, event: Event, parked: Parked) -> None:
        """Adds an event as it was kept."""
        self._batches = max(self._batches, parked.batch)
        self._put(Item(event, parked.attempt, parked.due, parked.batch))

    def _put(self, item: Item) -> None:
        self._items[id(item)] = item

    def take(self, now: Moment) -> list[Item]:
        """The next events to tell in one request; none when none is due.

        None is taken while an earlier event of its record waits or is under way.
        """
        held: set[tuple[str, int]] = set()
        taken: list[Item] = []
        for item in self._items.values():
            subject = item.event.subject
            together = not taken or item.batch == taken[0].batch
            if item.flying or subject in held or item.due > now or not together:
                held.add(subject)
                continue
            taken.append(item)
            if len(taken) == LARGEST:
                break
        for item in taken:
            item.flying = True
        return taken

    def land(self, items: Iterable[Item]) -> None:
        """Has events told again at once, of which it is not known whether the app was told."""
        for item in items:
            item.flying = False

    def told(self, items: Collection[Item]) -> None:
        """Forgets events of which the app was told."""
        for item in items:
            self._items.pop(id(item), None)

    def failed(self, items: Sequence[Item], now: Moment, *, answered: bool) -> bool:
        """Has events told again later, and says whether they are; after the last attempt they are given up.

        When the app answered, half of them may be to blame alone: the halves are told apart from then on.
        """
        self.land(items)
        if items[0].attempt >= len(DELAYS):
            self.told(items)
            return False
        middle = (len(items) + 1) // 2 if answered else len(items)
        for part in filter(None, (items[:middle], items[middle:])):
            self._batches += 1
            self._delay(part, now)
        return True

    def _delay(self, items: Sequence[Item], now: Moment) -> None:
        delay = DELAYS[items[0].attempt]
        delay -= items[0].event.body["eventId"] % (delay // SPREAD)
        for item in items:
            item.attempt, item.due, item.batch = item.attempt + 1, now + delay, self._batches

    def drop(self, after: int, to: int) -> None:
        """Forgets the events of a stretch of the journal, which was undone."""
        self.told([item for item in self._items.values() if after < item.event.position <= to])

    def retain(self, subscriptions: Collection[int]) -> None:
        """Forgets the events of all but some subscriptions."""
        self.told([item for item in self._items.values() if item.event.subscription not in subscriptions])

    def place(self, read: int) -> Place:
        """How far the app has been told, when the journal was read up to a position.

        What was not tried and waits for nothing is read again from the journal.
        """
        held: set[tuple[str, int]] = set()
        last = 0
        items = list(self._items.values())
        for number, item in enumerate(items, 1):
            if item.attempt or item.event.subject in held:
                held.add(item.event.subject)
                last = number
        fresh = items[last:]
        return Place(fresh[0].event.position - 1 if fresh else read, [_parked(item) for item in items[:last]])


def _parked(item: Item) -> Parked:
    return Parked(*item.event.key, item.attempt, item.due, item.batch)
