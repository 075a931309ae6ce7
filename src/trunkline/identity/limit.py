"""How many requests there may be: windows of time that are counted in, and HubSpot's own numbers for them.

A window is a ring of slots, whole stretches of time that begin at multiples of their length since 1970, so a window of
one slot begins anew with each second or, at midnight UTC, with each day. The recorded answers of the real service are
those of a ring of ten seconds (behaviour 6.10).
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol

import msgspec
from msgspec import Struct


class Policy(Struct, frozen=True, rename="camel", kw_only=True):
    """One of HubSpot's limits, by its name in a refusal: over how many slots it counts, and how long each is."""

    name: str
    slots: int
    slot_milliseconds: int
    sources: tuple[str, ...]

    @property
    def span(self) -> int:
        """The length of the whole window in milliseconds."""
        return self.slots * self.slot_milliseconds


class Burst(Struct, frozen=True):
    """Requests that one app may send in ten seconds."""

    burst: int
    source: str


class Allowance(Burst, frozen=True):
    """The same of a private app, and what all of a portal's may send in a day."""

    daily: int


class Searches(Struct, frozen=True, rename="camel"):
    """Searches that all apps of a portal may send in a second."""

    per_second: int
    source: str


class Limits(Struct, frozen=True):
    """The data file of limits: what is counted how, and how much; of private apps by the portal's highest tier."""

    burst: Policy
    daily: Policy
    search: Policy
    private: Mapping[str, Allowance]
    public: Burst
    searches: Searches


@cache
def shipped_limits() -> Limits:
    """HubSpot's limits, read once from their data file."""
    text = (files("trunkline") / "data" / "limits.json").read_bytes()
    return msgspec.json.decode(text, type=Limits)


class Counting(Protocol):
    """What counts in the last slots of a policy, the one under way included."""

    def used(self, now: int) -> int:
        """How much is counted at a time, in milliseconds since 1970."""

    def count(self) -> None:
        """Counts one more, at the time that `used` was asked for last."""


class Window:
    """What was counted in the last slots of a policy, the one under way included; as much memory for many as for few.

    Time may jump. A step back of less than the window goes on in the newest slot, a longer one starts anew; so what was
    counted is forgotten once the clock has moved by twice the window, in whichever direction.
    """

    __slots__ = ("_counts", "_length", "_slot", "_used")

    def __init__(self, policy: Policy) -> None:
        self._counts = [0] * policy.slots
        self._length = policy.slot_milliseconds
        self._slot = 0
        self._used = 0

    def used(self, now: int) -> int:
        """How much is counted at a time, in milliseconds since 1970."""
        slot = now // self._length
        if slot != self._slot:
            self._turn(slot)
        return self._used

    def count(self) -> None:
        """Counts one more, at the time that `used` was asked for last."""
        self._counts[self._slot % len(self._counts)] += 1
        self._used += 1

    def _turn(self, slot: int) -> None:
        size, passed = len(self._counts), slot - self._slot
        if -size < passed < 0:
            return
        for slot_begun in range(slot - min(abs(passed), size) + 1, slot + 1):
            self._used -= self._counts[slot_begun % size]
            self._counts[slot_begun % size] = 0
        self._slot = slot


class Windows:
    """The windows of one policy by key. One that nobody asked for during a whole span is dropped, in constant time.

    It is empty by then, so nothing is lost. `make` makes the one of a key.
    """

    __slots__ = ("_make", "_new", "_old", "_span", "_turn")

    def __init__(self, policy: Policy, make: Callable[[int], Counting] | None = None) -> None:
        self._make = make or (lambda key: Window(policy))
        self._span = policy.span
        self._turn = 0
        self._new: dict[int, Counting] = {}
        self._old: dict[int, Counting] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def of(self, key: int, now: int) -> Counting:
        """The window of a key, begun empty when it is new."""
        turn = now // self._span
        if turn != self._turn:
            self._old = self._new if abs(turn - self._turn) == 1 else {}
            self._turn, self._new = turn, {}
        window = self._new.get(key)
        if window is None:
            window = self._new[key] = self._old.pop(key) if key in self._old else self._make(key)
        return window
