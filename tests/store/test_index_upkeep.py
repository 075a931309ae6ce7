"""When the search index is worked on, who waits for it, and how long."""

import asyncio
import gc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest
from store.ledger import CALLS
from store.searching import TYPE, where
from store.sqlite_ledger import FileLedger

from trunkline.clock import Clock
from trunkline.crm.catalog import shipped_types
from trunkline.crm.query import Query
from trunkline.errors import IndexNotReady, SearchTooSlow
from trunkline.store.sqlite.index import SearchIndex, file, readers, upkeep
from trunkline.store.sqlite.index.readers import Readers

MEMORY = ":memory:"
ALL = Query(limit=200)
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class Frozen(Clock):
    """A clock that stands where it is put."""

    def __init__(self, moment: int) -> None:
        self.moment = moment

    def real(self) -> int:
        return self.moment


@pytest.fixture(params=["memory", "file"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileLedger]:
    made = FileLedger(MEMORY if request.param == "memory" else str(tmp_path / "calls.db"))
    yield made
    made.close()


def path_of(ledger: FileLedger) -> str:
    return ledger.connection.filename or MEMORY


async def total(index: SearchIndex, ledger: FileLedger, query: Query = ALL) -> int:
    index.note(ledger.position)
    return (await index.search(ledger.collections[CALLS], TYPE, query)).total


async def settled(index: SearchIndex, ledger: FileLedger, wanted: int) -> None:
    """Searches until so much is found."""
    while await total(index, ledger) != wanted:
        await asyncio.sleep(0)


def test_a_lagging_index_finds_a_change_only_when_it_is_old_enough(
    ledger: FileLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PAUSE", 0.001)

    async def test() -> None:
        clock = Frozen(ledger.now)
        index = SearchIndex(path_of(ledger), clock, shipped_types(), lag=5)
        await index.open(ledger.connection)
        ledger.create({}, {})
        assert await total(index, ledger) == 0
        clock.moment = ledger.now + 5_000
        await settled(index, ledger, 2)
        (first, *_) = ledger.records[CALLS]
        ledger.archive(first)
        assert await total(index, ledger) == 2
        clock.moment += 5_000
        await settled(index, ledger, 1)
        await index.close()

    asyncio.run(test())


def test_what_nobody_searches_is_taken_in_when_the_writer_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PAUSE", 0.001)

    async def test() -> None:
        ledger = FileLedger(str(tmp_path / "calls.db"))
        index = SearchIndex(path_of(ledger), Clock(), shipped_types())
        await index.open(ledger.connection)
        ledger.create({}, {})
        index.note(ledger.position)
        connection = apsw.Connection(file.place(path_of(ledger)))
        while connection.execute("SELECT position FROM state").get != ledger.position:
            await asyncio.sleep(0)
        connection.close()
        await index.close()
        ledger.close()

    asyncio.run(test())


def test_a_search_waits_for_an_index_that_cannot_be_written_and_then_says_what_it_has(tmp_path: Path) -> None:
    async def test() -> None:
        ledger = FileLedger(str(tmp_path / "calls.db"))
        index = SearchIndex(path_of(ledger), Clock(), shipped_types(), wait=0.05)
        await index.open(ledger.connection)
        ledger.create({"note": "a"})
        await settled(index, ledger, 1)
        other = apsw.Connection(file.place(path_of(ledger)))
        other.execute("BEGIN IMMEDIATE")
        ledger.create({"note": "b"})
        assert await total(index, ledger) == 1
        with pytest.raises(IndexNotReady, match="note"):
            await total(index, ledger, where("note", "EQ", "a"))
        other.execute("ROLLBACK")
        other.close()
        await settled(index, ledger, 2)
        while True:
            try:
                assert await total(index, ledger, where("note", "EQ", "a")) == 1
                break
            except IndexNotReady:
                continue
        await index.close()
        ledger.close()

    asyncio.run(test())


def test_many_searches_at_once_find_all(tmp_path: Path) -> None:
    async def test() -> None:
        ledger = FileLedger(str(tmp_path / "calls.db"))
        index = SearchIndex(path_of(ledger), Clock(), shipped_types())
        await index.open(ledger.connection)
        ledger.create(*({"note": str(number % 7)} for number in range(700)))
        queries = (where("note", "EQ", str(number)) for number in range(7))
        assert await asyncio.gather(*(total(index, ledger, query) for query in queries)) == [100] * 7
        await index.close()
        ledger.close()

    asyncio.run(test())


def test_an_index_can_be_thrown_away_while_it_is_used(ledger: FileLedger) -> None:
    async def test() -> None:
        index = SearchIndex(path_of(ledger), Clock(), shipped_types())
        await index.open(ledger.connection)
        ledger.create({}, {})
        assert await total(index, ledger) == 2
        ledger.connection.execute("DELETE FROM record")
        await index.rebuild()
        assert await total(index, ledger) == 0
        await index.close()

    asyncio.run(test())


def test_a_search_that_takes_too_long_is_stopped_and_the_next_is_not(tmp_path: Path) -> None:
    async def test() -> None:
        pool = Readers(str(tmp_path / "calls.db"), cache_mb=1, limit=0.02)
        for _ in range(readers.READERS + 1):
            with pytest.raises(SearchTooSlow):
                await pool.run(lambda connection: connection.execute(ENDLESS).get, 1)
        assert await pool.run(lambda connection: connection.execute("SELECT 5").get, 1) == 5
        await pool.close()

    asyncio.run(test())


def endless(begun: "asyncio.Future[None]", connection: apsw.Connection) -> object:
    begun.get_loop().call_soon_threadsafe(begun.set_result, None)
    return connection.execute(ENDLESS).get


def test_a_search_that_nobody_waits_for_is_stopped_without_a_word(tmp_path: Path) -> None:
    told: list[dict[str, object]] = []

    async def test() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        pool = Readers(str(tmp_path / "calls.db"), cache_mb=1, limit=600)
        for _ in range(readers.READERS + 1):
            begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(pool.run(partial(endless, begun), 1))
            await begun
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await pool.close()
        gc.collect()

    asyncio.run(test())
    assert told == []
