"""Who is connected: how many connections there are, and how many of them are of one place."""

from collections import Counter
from typing import Literal

Verdict = Literal["admitted", "refused", "dropped"]

MOST_REFUSED = 100
"""Connections that are kept open at once only to be told that they are too many; more are dropped untold."""


class Crowd:
    """The connections of a server, by the place (`address.place`) that they come from; "" is nowhere, without a limit
    of its own."""

    def __init__(self) -> None:
        self._places: Counter[str] = Counter()
        self._refused = 0
        self._admitted = 0

    def enter(self, place: str, most: int, most_of_one: int) -> Verdict:
        """Counts a new connection, unless there are `most` already, or `most_of_one` of its place."""
        if self._admitted < most and (not place or self._places[place] < most_of_one):
            self._admitted += 1
            self._places[place] += 1
            return "admitted"
        if self._refused >= MOST_REFUSED:
            return "dropped"
        self._refused += 1
        return "refused"

    def leave(self, place: str, verdict: Verdict) -> None:
        """Forgets a connection that entered with this verdict."""
        if verdict == "refused":
            self._refused -= 1
        elif verdict == "admitted":
            self._admitted -= 1
            self._places[place] -= 1
            if not self._places[place]:
                del self._places[place]

    def __len__(self) -> int:
        """How many connections are remembered."""
        return self._admitted + self._refused
