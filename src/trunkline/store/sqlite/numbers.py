"""Which record id comes next in each collection."""

from collections.abc import Collection as Some

from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.schema import FIRST_ID


class Numbers:
    """The next record id of each slot.

    Each collection counts for itself, but those of some object types of a portal count together: there an id means one
    record, whichever its type.
    """

    def __init__(self, together: Some[str]) -> None:
        self._together = together
        self._first: dict[int, int] = {}
        self._shared: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def add(self, collection: Collection) -> None:
        """Takes in a new collection."""
        shared = collection.slot
        if collection.type in self._together:
            shared = self._first.setdefault(collection.portal, shared)
        self._shared[collection.slot] = shared
        self._next.setdefault(shared, FIRST_ID)

    def drop(self, collection: Collection) -> None:
        """Forgets a collection, with all others of its portal."""
        self._next.pop(self._shared.pop(collection.slot), None)
        self._first.pop(collection.portal, None)

    def __getitem__(self, slot: int) -> int:
        return self._next[self._shared[slot]]

    def __setitem__(self, slot: int, id_: int) -> None:
        self._next[self._shared[slot]] = id_
