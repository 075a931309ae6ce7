"""What could not be sent on: a file with a line for each, to look at and to send again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from trunkline.load.private import private


class Dead(Struct, frozen=True):
    """A record that was refused there, when, and why."""

    type: str
    id: str
    why: str
    at: str


class Letters:
    """The file of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = sum(1 for _ in self)

    def __iter__(self) -> Iterator[Dead]:
        if self.path.exists():
            for line in self.path.read_bytes().splitlines():
                yield msgspec.json.decode(line, type=Dead)

    def add(self, type_: str, id_: str, why: str) -> None:
        """Adds one."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with open(self.path, "ab", opener=private) as file:
            file.write(msgspec.json.encode(Dead(type_, id_, why[:1000], now)) + b"\n")
        self.count += 1

    def take(self) -> list[Dead]:
        """Takes all of them out, to be sent again."""
        found = list(self)
        self.path.unlink(missing_ok=True)
        self.count = 0
        return found
