"""What several processes count together, in memory that they share, without waiting for one another.

Each counts in a part of its own, and what was counted is the sum over all parts. A number is read and written whole,
and says itself when it was counted, so nobody needs to clear what is over, and who reads while another writes is wrong
by no more than what is being written.
"""

from msgspec import Struct

from trunkline.identity.limit import Policy

ROWS = 4096
"""Windows that each process can count in. When there are more, those go first that are over first."""

WAYS = 8
"""Rows among which a window has its place."""

SLOTS = 10
"""The most slots that a window has."""

BITS = 24
"""Of a number, those that say how much; the others say in which slot, counted since 1970."""

COUNT = (1 << BITS) - 1

PART = ROWS * (2 + SLOTS)
"""Numbers of 8 bytes in the part of one process: the keys of all rows, until when they hold anything, their slots."""


class Ledger:
    """The ledger of some processes, as the one at a place has it open."""

    def __init__(self, memory: "memoryview[int]", places: int, place: int) -> None:
        """`memory` has `PART` numbers for each process, all 0 at first."""
        parts = [memory[PART * number : PART * (number + 1)] for number in range(places)]
        self.parts = [_Part(part[:ROWS], part[ROWS : 2 * ROWS], part[2 * ROWS :]) for part in parts]
        self.own = self.parts[place]

    def window(self, policy: Policy, *key: int) -> "SharedWindow":
        """The window of a policy for whatever the numbers of the key name; they hold for one policy only."""
        assert policy.slots <= SLOTS, "a row has room for it"
        return SharedWindow(self, policy, hash((policy.slots, policy.slot_milliseconds, *key)) or 1)


class _Part(Struct, frozen=True, eq=False):
    """What one process counts, by row."""

    keys: "memoryview[int]"
    untils: "memoryview[int]"
    slots: "memoryview[int]"

    def find(self, key: int, guess: int = 0) -> int:
        """The row of a key, looked for at a guess first; -1 when it has none."""
        if self.keys[guess] == key:
            return guess
        first = key % (ROWS // WAYS) * WAYS
        some = self.keys[first : first + WAYS].tolist()
        return first + some.index(key) if key in some else -1

    def claim(self, key: int) -> int:
        """A row for a key that has none, in the place of what is over, or will be first."""
        first = key % (ROWS // WAYS) * WAYS
        some = self.untils[first : first + WAYS].tolist()
        row = first + some.index(min(some))
        # Nobody may find what was counted of the old one under the new one's key.
        self.keys[row] = 0
        for slot in range(SLOTS * row, SLOTS * (row + 1)):
            self.slots[slot] = 0
        self.keys[row] = key
        return row


class SharedWindow:
    """A window (`trunkline.identity.limit.Window`) in which all processes count.

    Two that ask at the same moment do not see one another's request yet, so as many more may pass as there are others.
    """

    __slots__ = ("_key", "_ledger", "_length", "_rows", "_size", "_slot")

    def __init__(self, ledger: Ledger, policy: Policy, key: int) -> None:
        self._ledger = ledger
        self._key = key
        self._length = policy.slot_milliseconds
        self._size = policy.slots
        self._slot = 0
        self._rows = [0] * len(ledger.parts)

    def used(self, now: int) -> int:
        """How much is counted at a time, in milliseconds since 1970."""
        self._slot = now // self._length
        first, end = self._slot - self._size + 1 << BITS, self._slot + 1 << BITS
        used = 0
        for number, part in enumerate(self._ledger.parts):
            row = part.find(self._key, self._rows[number])
            if row >= 0:
                self._rows[number] = row
                slots = part.slots[SLOTS * row : SLOTS * row + self._size].tolist()
                used += sum([slot & COUNT for slot in slots if first <= slot < end])
        return used

    def count(self) -> None:
        """Counts one more, at the time that `used` was asked for last."""
        part = self._ledger.own
        row = part.find(self._key)
        if row < 0:
            row = part.claim(self._key)
        place = SLOTS * row + self._slot % self._size
        counted = part.slots[place]
        part.slots[place] = 1 + (counted if counted >> BITS == self._slot else self._slot << BITS)
        part.untils[row] = (self._slot + self._size) * self._length
