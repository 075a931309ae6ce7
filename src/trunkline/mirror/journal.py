"""The journal of the portal here, read through the control namespace."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from trunkline.load.stopped import Stopped

Ask = Callable[[str, str, object], Mapping[str, Any]]
"""Asks the control namespace: a method, a path, a body."""

FIXED_APP = 1
"""The app of the fixed token, with which people work, too."""


class Stretch(Struct, frozen=True):
    """Some changes in their order, and whether there are more."""

    changes: list[Mapping[str, Any]]
    more: bool

    def split(self, records: int) -> "tuple[Stretch, Stretch]":
        """The beginning of it, with so many records or a few more, and the rest; a create may list many."""
        size = 0
        for number, change in enumerate(self.changes, 1):
            size += len(change.get("ids", ())) or 1
            if size >= records:
                return Stretch(self.changes[:number], True), Stretch(self.changes[number:], self.more)
        return self, Stretch([], False)

    @property
    def last(self) -> int:
        """The position of the last one."""
        return int(self.changes[-1]["position"])

    def age(self) -> float:
        """Seconds since the first one."""
        if not self.changes:
            return 0.0
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(self.changes[0]["at"])).total_seconds())


class Journal:
    """The journal of one portal."""

    def __init__(self, ask: Ask, portal: int) -> None:
        self._ask = ask
        self._portal = portal

    def after(self, position: int, limit: int = 1000) -> Stretch:
        """What was changed after a position; what was undone is left out."""
        query = urlencode({"after": position, "limit": limit})
        page = self._ask("GET", f"/portals/{self._portal}/changes?{query}", None)
        return Stretch(page["results"], "paging" in page)

    def end(self) -> int:
        """The position of the newest change."""
        return int(self._ask("GET", f"/portals/{self._portal}/changes?limit=1", None)["end"])


def own_app(found: Mapping[str, Any]) -> tuple[int, int]:
    """The portal and the app of a token, of what a question about it answers; raises `Stopped` for the fixed token."""
    if found["appId"] == FIXED_APP:
        raise Stopped(
            "The mirror needs a token of its own, so that what it writes can be told from what people write: "
            "trunkline token create --name mirror --scope ..."
        )
    return int(found["hubId"]), int(found["appId"])
