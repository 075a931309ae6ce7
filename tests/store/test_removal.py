"""Removing a portal from the embedded engine's files: nothing of it stays, nothing else goes, whatever interrupts."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
from msgspec import Struct
from store.accounts import found
from store.conformance import CALLS, create
from store.removing import ALL, TYPE, VERSION, fill, remove
from store.searching import where

from trunkline.clock import Clock
from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.plan import Wanted
from trunkline.crm.property import Property
from trunkline.errors import Unauthenticated
from trunkline.store.protocol import Store
from trunkline.store.sqlite import removal
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.index import content, file, upkeep
from trunkline.store.sqlite.index.follow import Follower
from trunkline.store.sqlite.index.readers import READERS
from trunkline.store.sqlite.schema import SLOT_BITS
from trunkline.store.sqlite.store import SqliteStore

NOTE = Property(name="note", label="Note", type="string", field_type="text", hubspot_defined=False)
NOTED = ObjectType(TYPE.data, [NOTE])
OF_THE_SERVER = {"portal", "app", "person", "person_portal", "credential", "event", "sqlite_sequence"}


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index works at once, and makes statistics of few records, too."""
    monkeypatch.setattr(upkeep, "PAUSE", 0.001)
    monkeypatch.setattr(content, "SOON", 2)


def work_in_small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "ROWS", 3)
    monkeypatch.setattr(removal, "BYTES", 200)
    monkeypatch.setattr(removal, "STRETCH", 7)
    monkeypatch.setattr(content, "BATCH", 5)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal takes many turns."""
    work_in_small_turns(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.db"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(str(path), Clock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def reading(path: Path | str) -> Iterator[apsw.Connection]:
    """A connection that only looks at a file, at one state of it."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5_000)
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.close()


class Two(Struct, frozen=True):
    """A portal that stays and one that goes, with the slots of the latter."""

    path: Path
    stays: int
    goes: int
    slots: frozenset[int]

    @property
    def index(self) -> Path:
        """The file of the index."""
        return Path(file.place(str(self.path)))

    def theirs(self, row: dict[str, Any]) -> bool:
        """Whether a row belongs to the portal that goes."""
        packed = row.get("key", row.get("source"))
        return (
            row.get("portal") == self.goes
            or row.get("collection", row.get("slot")) in self.slots
            or (packed is not None and packed >> SLOT_BITS in self.slots)
        )

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of all tables that are parted by portal."""
        with reading(self.path) as connection:
            names = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {name: _rows(connection, name) for name in names if name not in OF_THE_SERVER}

    def index_rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of the tables of the index that are not FTS5's own, but for its state."""
        with reading(self.index) as connection:
            select = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '[uvw][0-9]*'"
            names = [str(name) for (name,) in connection.execute(select)]
            return {name: _rows(connection, name) for name in names if name != "state"}

    def others(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the rows that do not belong to the portal that goes."""
        return [row for row in rows if not self.theirs(row)]

    def tables(self) -> set[str]:
        """The tables of the store that have something of the portal that goes."""
        return {name for name, rows in self.rows().items() if any(map(self.theirs, rows))}

    def left(self) -> list[str]:
        """What the files have of the portal that goes; one row of the journal stays."""
        rows = [row for table in self.rows().values() for row in table if self.theirs(row)]
        return [str(row) for row in rows if row.get("kind") != "portal.remove"] + self.left_in_index()

    def left_in_index(self) -> list[str]:
        """The tables of the portal that goes, or where they are named."""
        with reading(self.index) as connection:
            names = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
        rows = [row for table in self.index_rows().values() for row in table]
        names += [str(row["tbl"]) for row in rows if "tbl" in row]
        names += [f"c{row['slot']}" for row in rows if "slot" in row]
        return [name for name in names if set(map(int, re.findall(r"(?<=^[ciuvw])\d+", name))) & self.slots]


def _rows(connection: apsw.Connection, table: str) -> list[dict[str, Any]]:
    rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
    names = [column[1] for column in connection.execute(f'PRAGMA table_info("{table}")').fetchall()]
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


async def two(path: Path) -> Two:
    """A file with two portals that have a bit of everything, also in the index; the last change is of the second."""
    async with opened(path) as store:
        stays, goes = (await store.portals())[0], (await found(store)).id
        for portal, word in ((stays, "ours"), (goes, "theirs")):
            await fill(store, portal, word)
            assert (await store.search(NOTED, portal, where("note", "EQ", word))).total == 9
            assert (await store.search(TYPE, portal, where("hs_call_title", "CONTAINS_TOKEN", word))).total == 9
    with reading(path) as connection:
        slots = connection.execute("SELECT slot FROM collection WHERE portal = ?", (goes,)).fetchall()
    made = Two(path, stays, goes, frozenset(int(str(slot)) for (slot,) in slots))
    assert len(made.left()) > 60
    return made


async def clear(store: Store, made: Two) -> None:
    """Waits until nothing of the portal is left."""
    while made.left():
        await asyncio.sleep(0.001)
    assert await store.portals() == [made.stays]


async def serves(store: Store, made: Two) -> None:
    """The portal that stays is all there."""
    assert (await store.search(NOTED, made.stays, where("note", "EQ", "ours"))).total == 9
    assert (await store.search(TYPE, made.stays, where("hs_call_title", "CONTAINS_TOKEN", "ours"))).total == 9
    held = await store.read(made.stays, CALLS, [], [("ref", f"ours {number}") for number in range(12)])
    assert len(held) == 9


def test_nothing_of_a_removed_portal_stays_and_nothing_else_goes(path: Path) -> None:
    async def test() -> None:
        made = await two(path)
        rows, index = made.rows(), made.index_rows()
        async with opened(path) as store:
            await remove(store, made.goes)
            await clear(store, made)
            await serves(store, made)
        assert {name: made.others(table) for name, table in rows.items()} == {
            name: made.others(table) for name, table in made.rows().items()
        }
        after = made.index_rows()
        for table in (f"c{slot}" for slot in range(1, 50) if slot not in made.slots):
            assert index.get(table) == after.get(table)
        assert b"theirs" not in path.read_bytes()
        assert b"theirs" not in made.index.read_bytes()
        assert b"ours" in path.read_bytes()

    asyncio.run(test())


@pytest.mark.usefixtures("tiny")
def test_a_removal_that_is_interrupted_goes_on(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def test() -> None:
        made = await two(path)
        async with opened(path) as store:
            await remove(store, made.goes)
        stops = 0
        while left := made.left():
            async with opened(path) as store:
                await serves(store, made)
                assert await store.portals() == [made.stays]
                with pytest.raises(Unauthenticated):
                    await store.read(made.goes, CALLS, [1])
                for _ in range(4**stops):
                    await asyncio.sleep(0)
            assert len(made.left()) <= len(left)
            stops += 1
        assert stops > 2
        async with opened(path):
            assert "made anew" not in capsys.readouterr().out

    asyncio.run(test())


CRASHER = """
import asyncio, sys
from pathlib import Path
from pytest import MonkeyPatch
from store.removing import remove
from store.test_removal import opened, work_in_small_turns
work_in_small_turns(MonkeyPatch())
async def main(path, portal):
    async with opened(path) as store:
        await remove(store, portal)
        while True:
            print("on", flush=True)
            await asyncio.sleep(0)
asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


@pytest.mark.parametrize("rounds", [1, 40, 400])
def test_a_kill_in_the_midst_costs_nothing(path: Path, rounds: int) -> None:
    made = asyncio.run(two(path))
    command = [sys.executable, "-c", CRASHER, str(path), str(made.goes)]
    paths = str(Path(__file__).parent.parent)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": paths}) as child:
        assert child.stdout is not None
        for _ in range(rounds):
            assert child.stdout.readline()
        child.send_signal(signal.SIGKILL)

    async def test() -> None:
        async with opened(path) as store:
            await clear(store, made)
            await serves(store, made)

    asyncio.run(test())


def test_positions_and_slots_are_not_given_again(path: Path) -> None:
    async def test() -> None:
        made = await two(path)
        (before,) = (max(row["position"] for row in made.rows()["change"]),)
        async with opened(path) as store:
            await remove(store, made.goes)
            await clear(store, made)
        told = made.rows()["change"][-1]
        assert (told["position"], told["kind"], told["portal"]) == (before + 1, "portal.remove", made.goes)
        assert (told["type"], told["record"], told["detail"]) == ("", None, "{}")
        async with opened(path):
            pass
        async with opened(path) as store:
            await store.write(made.stays, CALLS, VERSION, Wanted(room=1), create("after"))
            third = (await found(store)).id
        assert made.rows()["change"][-1]["position"] == before + 2
        slots = {row["slot"] for row in made.rows()["collection"] if row["portal"] == third}
        assert min(slots) == max(made.slots) + 1

    asyncio.run(test())


def test_the_journal_is_there_until_the_index_has_followed_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def test() -> None:
        made = await two(path)
        other = apsw.Connection(str(made.index))
        other.execute("BEGIN IMMEDIATE")
        async with opened(path) as store:
            await remove(store, made.goes)
            while made.tables() > {"change", "collection"}:
                await asyncio.sleep(0.001)
            for number in range(100):
                await store.write(made.stays, CALLS, VERSION, Wanted(room=1), create(f"after {number}"))
            assert len([row for row in made.rows()["change"] if made.theirs(row)]) > 10
            other.execute("ROLLBACK")
            other.close()
            await clear(store, made)
            await serves(store, made)
        async with opened(path):
            assert "made anew" not in capsys.readouterr().out

    asyncio.run(test())


@pytest.mark.parametrize("last", ["theirs", "ours"])
def test_an_index_of_before_the_removal_loses_the_portal(path: Path, tmp_path: Path, last: str) -> None:
    """As after a crash between what the file says and what the index does."""

    async def test() -> None:
        made = await two(path)
        async with opened(path) as store:
            if last == "ours":
                await store.write(made.stays, CALLS, VERSION, Wanted(room=1), create("after"))
                await serves(store, made)
        shutil.copy(made.index, tmp_path / "kept")
        async with opened(path) as store:
            await remove(store, made.goes)
            await clear(store, made)
        shutil.copy(tmp_path / "kept", made.index)
        assert made.left()
        async with opened(path) as store:
            await clear(store, made)
            await serves(store, made)

    asyncio.run(test())


@pytest.mark.usefixtures("tiny")
def test_an_index_that_is_made_anew_takes_no_removed_portal_in(path: Path) -> None:
    async def test() -> None:
        made = await two(path)
        async with opened(path) as store:
            await remove(store, made.goes)
        left = made.rows()["record"]
        assert any(map(made.theirs, left))
        made.index.unlink()
        follower = Follower(connect(str(path)), str(path), shipped_types(), cache_mb=1)
        while not follower.progress.idle:
            follower.step(0)
        follower.close()
        assert made.left_in_index() == []
        async with opened(path) as store:
            await serves(store, made)
            await clear(store, made)

    asyncio.run(test())


def test_a_search_that_waits_while_its_tables_go_is_refused(path: Path) -> None:
    async def test() -> None:
        made = await two(path)
        async with opened(path) as store:
            pool, held = store._index._readers, threading.Event()
            assert pool is not None
            busy = [asyncio.create_task(pool.run(lambda _: held.wait(), 1)) for _ in range(READERS)]
            await asyncio.sleep(0)
            search = asyncio.create_task(store.search(TYPE, made.goes, ALL))
            await asyncio.sleep(0)
            await remove(store, made.goes)
            await clear(store, made)
            held.set()
            with pytest.raises(Unauthenticated):
                await search
            await asyncio.gather(*busy)
            await serves(store, made)

    asyncio.run(test())


def test_a_removal_that_fails_is_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(removal, "RETRY", 0.001)

    async def test() -> None:
        made = await two(path)
        other = apsw.Connection(str(path))
        other.set_busy_timeout(5_000)
        other.execute("CREATE TRIGGER no BEFORE DELETE ON definition BEGIN SELECT raise(ABORT, 'not now'); END")
        said = ""
        async with opened(path) as store:
            await remove(store, made.goes)
            while said.count("still there in part") < 2:
                await store.write(made.stays, CALLS, VERSION, Wanted(), create())
                said += capsys.readouterr().out
            other.execute("DROP TRIGGER no")
            other.close()
            await clear(store, made)
            await serves(store, made)

    asyncio.run(test())


def test_a_portal_in_memory_is_removed_as_well() -> None:
    async def test() -> None:
        store = SqliteStore(":memory:", Clock())
        await store.open()
        stays, goes = (await store.portals())[0], (await found(store)).id
        for portal, word in ((stays, "ours"), (goes, "theirs")):
            await fill(store, portal, word)
            assert (await store.search(TYPE, portal, ALL)).total == 11
        await remove(store, goes)
        tables = store._connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall()
        while store._connection.execute("SELECT 1 FROM collection WHERE portal = ?", (goes,)).fetchall():
            await asyncio.sleep(0)
        assert "theirs" not in repr([_rows(store._connection, str(name)) for (name,) in tables])
        assert (await store.search(TYPE, stays, ALL)).total == 11
        layouts = store._connection.execute("SELECT detail FROM search.layout").fetchall()
        # Calls, contacts, and the custom object.
        assert len(layouts) == 3
        await store.close()

    asyncio.run(test())
