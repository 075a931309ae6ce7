"""Which calls may travel together, and when."""

from collections.abc import Iterator

from trunkline.load.mapping import Call

SIZE = 100
"""Inputs of one request at most (behaviour 1.10)."""

WINDOW = 16
"""Batches kept open at most: how far ahead of a repeated key the loader reads."""


def guard(key: str) -> str:
    """What two keys have in common that a service might take for one. No rule on case is known, so case counts not."""
    return key.casefold()


class Batch:
    """Calls with keys that all differ, in the order of the file."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls: list[Call] = []
        self.keys: set[str] = set()

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)


class Batches:
    """Sorts calls into batches so that a key's rows land in the order of the file.

    No batch holds a key twice; no batch is given out while another with one of its keys is out or stands before it.
    A repeated key goes to a later open batch, so that three rows of each call make three full batches and not a
    hundred small ones. At most `window` batches of `size` calls are kept.
    """

    def __init__(self, size: int = SIZE, window: int = WINDOW) -> None:
        self._size = size
        self._window = window
        self._open: list[Batch] = []
        self._last: dict[str, int] = {}
        self._out: set[str] = set()
        self._made = 0
        self._changed = False

    def add(self, call: Call) -> bool:
        """Takes a call in; False when there is no room before a batch has been taken out."""
        key = guard(call.key)
        batch = self._place(self._last.get(key, -1))
        if batch is None:
            return False
        batch.calls.append(call)
        batch.keys.add(key)
        self._last[key] = batch.number
        self._changed |= len(batch.calls) == self._size
        return True

    def take(self, partial: bool = False) -> Batch | None:
        """The next batch that may go out now, full unless `partial`; None if none may. Hand it to `done` later."""
        if not (self._changed or partial):
            return None
        passed: set[str] = set()
        for batch in self._open:
            ready = partial or len(batch.calls) == self._size
            if ready and batch.keys.isdisjoint(self._out) and batch.keys.isdisjoint(passed):
                self._give(batch)
                return batch
            passed |= batch.keys
        # Nothing to give until a batch fills or one comes back: the next look is free.
        self._changed = False
        return None

    def done(self, batch: Batch) -> None:
        """The service has answered for all of the batch: its keys are free."""
        self._out -= batch.keys
        self._changed = True

    @property
    def waiting(self) -> bool:
        """Whether any call is still to be taken out."""
        return bool(self._open)

    def _place(self, after: int) -> Batch | None:
        for batch in self._open:
            if batch.number > after and len(batch.calls) < self._size:
                return batch
        if len(self._open) == self._window:
            return None
        batch = Batch(self._made)
        self._made += 1
        self._open.append(batch)
        return batch

    def _give(self, batch: Batch) -> None:
        self._open.remove(batch)
        self._out |= batch.keys
        for key in batch.keys:
            if self._last[key] == batch.number:
                del self._last[key]
