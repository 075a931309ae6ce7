"""Two servers: the account that is mirrored, and the Trunkline that mirrors it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sides import Side
from threaded import Stage

from trunkline.mirror.forward import Counts
from trunkline.mirror.pull import Counts as Pulled
from trunkline.mirror.run import Sides, forward, pull


class Pair:
    """The mirror between two servers."""

    def __init__(self, there: Side, here: Side, folder: Path) -> None:
        self.there = there
        self.here = here
        self.state = folder / "mirror.json"
        self.notes: list[str] = []

    def sides(self, **changes: object) -> Sides:
        """What a run is told."""
        members: dict[str, Any] = {
            "local": self.here.url,
            "local_token": self.here.token,
            "remote": self.there.url,
            "remote_token": self.there.token,
            "ask": self.here.control,
            "state": self.state,
            "keys": {"contacts": "email", "calls": "dialer_id"},
            "told": self.notes.append,
        }
        return Sides(**members | changes)

    def pull(self, *types: str, ties: bool = False) -> Pulled:
        """Copies records here."""
        return asyncio.run(pull(self.sides(), types or ("contacts", "calls"), ties=ties))

    def forward(self, **options: Any) -> Counts:
        """Sends changes on."""
        return asyncio.run(forward(self.sides(), **options))


@pytest.fixture
def pair(stage: Stage, beside: Stage, tmp_path: Path) -> Iterator[Pair]:
    """Two servers with nothing in them, and the mirror between them."""
    with stage.serving() as one, beside.serving() as other:
        both = Side(one), Side(other)
        yield Pair(*both, tmp_path)
        for side in both:
            side.http.close()
