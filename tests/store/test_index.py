"""The search index of the embedded engine finds what a plain look at every record finds."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.searching import CONTACT, SearchConformance, Searching, edits, queries
from store.sqlite_ledger import FileLedger

from trunkline.clock import Clock
from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.query import Query
from trunkline.store.protocol import Hits
from trunkline.store.sqlite.index import SearchIndex, content, merge, stage

MEMORY = ":memory:"


class FileSearching(Searching):
    """A ledger in a file, or in memory, and the index of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.ledger: FileLedger = FileLedger(path)
        self.runner = asyncio.Runner()
        self.open()

    def open(self) -> None:
        self.index = SearchIndex(self.path, Clock(), shipped_types(), wait=60, limit=60)
        self.runner.run(self.index.open(self.ledger.connection))
        self.index.note(self.ledger.position)
        self.is_open = True

    async def hits(self, query: Query, type_: ObjectType) -> Hits:
        self.index.note(self.ledger.position)
        beside = {CONTACT.id: self.ledger.collections[CONTACT.id]}
        return await self.index.search(self.ledger.collections[type_.id], type_, query, beside)

    async def counted(self, query: Query, type_: ObjectType, cuts: Sequence[Cut]) -> Counted:
        self.index.note(self.ledger.position)
        beside = {CONTACT.id: self.ledger.collections[CONTACT.id]}
        return await self.index.tabulate(self.ledger.collections[type_.id], type_, query, cuts, beside)

    def reopen(self) -> None:
        self.shut()
        self.open()

    def shut(self) -> None:
        """Closes the index alone."""
        if self.is_open:
            self.runner.run(self.index.close())
            self.is_open = False

    def close(self) -> None:
        self.shut()
        self.runner.close()
        self.ledger.close()


@contextmanager
def searching(path: str | Path = MEMORY) -> Iterator[FileSearching]:
    made = FileSearching(str(path))
    try:
        yield made
    finally:
        made.close()


SLOW = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


def work_in_small_stretches(patch: pytest.MonkeyPatch) -> None:
    """Lets the index be made two or three records at a time."""
    for module, name, few in ((content, "BATCH", 3), (content, "SOON", 4), (stage, "ROWS", 2), (stage, "TURN", 1)):
        patch.setattr(module, name, few)
    patch.setattr(merge, "GROUP", 2)


@SLOW
@given(st.lists(edits | queries, min_size=2, max_size=25), st.booleans())
def test_a_search_finds_what_a_look_at_each_record_finds(steps: list[Any], small: bool) -> None:
    with pytest.MonkeyPatch.context() as patch, searching() as world:
        if small:
            work_in_small_stretches(patch)
        world.replay(steps)


@settings(SLOW, max_examples=10)
@given(st.lists(edits | queries | st.just("reopen"), min_size=2, max_size=25))
def test_so_it_does_beside_a_file_that_is_opened_again(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, searching(f"{folder}/calls.db") as world:
        world.replay(steps)


class TestFile(SearchConformance):
    """A store in memory, then one in a file, then one whose index is made in small stretches."""

    @pytest.fixture(params=["memory", "file", "small"])
    def world(
        self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Searching]:
        if request.param == "small":
            work_in_small_stretches(monkeypatch)
        with searching(tmp_path / "calls.db" if request.param == "file" else MEMORY) as made:
            yield made
