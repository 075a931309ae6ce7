"""Checkpoints of a PostgreSQL database: what other processes write, what races a rewind, and who is in whose way."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from store.accounts import found
from store.conformance import CALLS, change, create
from store.removing import remove
from store.rewinding import NOW, Play, portrait
from store.test_postgres import opened
from store.test_processes import connected, several

from trunkline.bench.checkpoint import Note
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.errors import Unauthenticated
from trunkline.store.postgres import watch
from trunkline.store.postgres.kept import COVERED
from trunkline.store.postgres.store import PostgresStore
from trunkline.store.protocol import Notice, StoreRefused

SECONDS = 60

RECORDS = "SELECT id, properties FROM record WHERE portal = $1 AND type = $2"
HELD = "SELECT value, record FROM unique_value WHERE portal = $1 AND type = $2"


def upserted(ref: str) -> Callable[[Found], Plan]:
    """A plan that changes the record of a reference, or makes it."""

    def decide(found: Found) -> Plan:
        return (change(title=ref) if found.records else create(ref))(found)

    return decide


async def watched(url: str) -> set[str]:
    """The tables of which rows are kept."""
    connection = await connected(url)
    try:
        return {row[0] for row in await connection.fetch(watch.STATES) if row[1] == b"O"}
    finally:
        await connection.close()


async def left(connection: Any) -> dict[str, int]:
    """How many rows there are of what was kept."""
    names = [f"kept_{one.table}" for one in COVERED]
    return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in names}


def test_what_one_process_marks_the_others_keep_and_hear_of(url: str) -> None:
    async def test(one: PostgresStore, other: PostgresStore) -> None:
        portal = (await found(one)).id
        play = Play(other, portal)
        await play.begin()
        heard: list[Notice] = []
        other.hear(heard.append)
        was = await portrait(other, portal)
        version = await other.version(portal)
        await one.bench.mark(portal, "x", NOW)
        for number, kind in enumerate(("change", "archive", "define", "tie", "join", "list", "create", "merge")):
            await play.step((kind, number % 3, 3))
        done = await one.bench.rewind(portal, "x", NOW)
        assert done is not None and done.definitions == 1
        assert await portrait(other, portal) == was
        assert await other.version(portal) > version
        await one.bench.keep(Note(portal, "clock", "", "{}"))
        async with asyncio.timeout(SECONDS):
            while Notice("bench", portal) not in heard:
                await asyncio.sleep(0)
        assert Notice("catalog", portal) in heard

    several(url, test)


def test_writes_that_race_a_rewind_are_done_before_it_or_after_it(url: str) -> None:
    async def test(*stores: PostgresStore) -> None:
        portal = (await found(stores[0])).id
        play = Play(stores[0], portal)
        await play.begin()
        await stores[0].bench.mark(portal, "x", NOW)
        was = await portrait(stores[0], portal)
        going = True

        async def write(store: PostgresStore, number: int) -> None:
            done = 0
            while going or not done:
                ref = f"r{number}-{done % 3}"
                await store.write(portal, CALLS, 1, Wanted(keys=[("ref", ref)], room=1), upserted(ref))
                await store.write(portal, CALLS, 1, Wanted(ids=play.calls[:2]), change(title=f"{number}-{done}"))
                done += 1

        writers = [asyncio.create_task(write(stores[n % 2], n)) for n in range(6)]
        for turn in range(12):
            await asyncio.sleep(0.02)
            assert await stores[turn % 2].bench.rewind(portal, "x", NOW) is not None
        going = False
        await asyncio.gather(*writers)
        connection = await connected(url)
        rows = await connection.fetch(RECORDS, portal, CALLS)
        held = await connection.fetch(HELD, portal, CALLS)
        assert {row[0]: row[1] for row in held} == {msgspec.json.decode(row[1])["ref"]: row[0] for row in rows}
        positions = [row[0] for row in await connection.fetch("SELECT position FROM change WHERE portal = $1", portal)]
        assert sorted(positions) == list(range(1, len(positions) + 1))
        await connection.close()
        assert await stores[1].bench.rewind(portal, "x", NOW) is not None
        assert await portrait(stores[0], portal) == was

    several(url, test)


def test_what_is_written_after_a_checkpoint_is_kept_however_close(url: str) -> None:
    async def test(*stores: PostgresStore) -> None:
        portal = (await found(stores[0])).id
        plan = await stores[0].write(portal, CALLS, 1, Wanted(room=40), create(*(f"c{n}" for n in range(40))))
        ids = [record.id for record in plan.creates]
        await stores[1].bench.mark(portal, "before", NOW)

        async def write(number: int, id_: int) -> None:
            await stores[number % 2].write(portal, CALLS, 1, Wanted(ids=[id_]), change(title="new"))

        writing = [asyncio.create_task(write(number, id_)) for number, id_ in enumerate(ids)]
        await writing[0]
        marked = await stores[1].bench.mark(portal, "x", NOW)
        await asyncio.gather(*writing)
        end = await stores[0].bench.end(portal)
        after = {entry.record for entry in await stores[0].bench.journal(portal, marked.position, end, 100)}
        await stores[0].bench.rewind(portal, "x", NOW)
        records = await stores[0].read(portal, CALLS, ids)
        old = {record.id for record in records if "title" not in record.properties}
        assert old == after

    several(url, test)


def test_rows_are_kept_only_while_there_is_a_checkpoint(url: str) -> None:
    async def test(one: PostgresStore, other: PostgresStore) -> None:
        portals = [(await found(one)).id for _ in range(2)]
        assert await watched(url) == set()
        for portal in portals:
            await other.bench.mark(portal, "x", NOW)
        assert await watched(url) == {covered.table for covered in COVERED}
        await one.bench.forget(portals[0], "x")
        assert await watched(url) == {covered.table for covered in COVERED}
        await one.bench.clear(portals[1], NOW)
        assert await watched(url) == set()
        await other.bench.mark(portals[0], "x", NOW)
        assert await watched(url) == {covered.table for covered in COVERED}

    several(url, test)


def test_those_who_mark_and_forget_at_once_do_not_hinder_each_other(url: str) -> None:
    async def test(*stores: PostgresStore) -> None:
        portals = [(await found(stores[0])).id for _ in range(4)]

        async def once(number: int, portal: int) -> None:
            store = stores[number % 2]
            play = Play(store, portal)
            await play.begin()
            for _ in range(5):
                await store.bench.mark(portal, "x", NOW)
                was = await portrait(store, portal)
                await play.step(("change", 0, 0))
                await store.bench.rewind(portal, "x", NOW)
                assert await portrait(store, portal) == was
                assert await store.bench.forget(portal, "x")

        await asyncio.gather(*(once(number, portal) for number, portal in enumerate(portals)))
        connection = await connected(url)
        assert set((await left(connection)).values()) == {0}
        await connection.close()

    several(url, test)


def test_a_removed_portal_leaves_nothing_that_was_kept(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAUSE", 0.01)

    async def test() -> None:
        async with opened(url) as store:
            portal = (await found(store)).id
            play = Play(store, portal)
            await play.begin()
            await store.bench.keep(Note(portal, "clock", "", "{}"))
            await store.bench.mark(portal, "x", NOW)
            for kind in ("change", "define", "tie", "join", "list", "create"):
                await play.step((kind, 0, 3))
            connection = await connected(url)
            assert sum((await left(connection)).values()) > 5
            await remove(store, portal)
            cleared = "SELECT cleared FROM portal WHERE id = $1"
            async with asyncio.timeout(SECONDS):
                while await connection.fetchval(cleared, portal) is None or await watched(url):
                    await asyncio.sleep(0.01)
            assert set((await left(connection)).values()) == {0}
            assert await connection.fetchval("SELECT count(*) FROM note") == 0
            assert await connection.fetchval("SELECT count(*) FROM checkpoint") == 0
            await connection.close()
            with pytest.raises(Unauthenticated):
                await store.bench.keep(Note(portal, "clock", "", "{}"))
            with pytest.raises(Unauthenticated):
                await store.bench.mark(portal, "x", NOW)

    asyncio.run(test())


def test_who_writes_at_length_is_not_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE", 0.0)

    async def test() -> None:
        async with opened(url) as store:
            (portal,) = await store.portals()
            connection = await connected(url)
            async with connection.transaction():
                await connection.execute("LOCK TABLE association IN ROW EXCLUSIVE MODE")
                with pytest.raises(StoreRefused, match="too busy"):
                    await store.bench.mark(portal, "x", NOW)
                assert await store.bench.checkpoints(portal) == []
            await store.bench.mark(portal, "x", NOW)
            async with connection.transaction():
                await connection.execute("LOCK TABLE association IN ROW EXCLUSIVE MODE")
                assert await store.bench.forget(portal, "x")
            assert "association" in await watched(url)
            await Play(store, portal).begin()
            assert set((await left(connection)).values()) == {0}
            await connection.close()

    asyncio.run(test())
