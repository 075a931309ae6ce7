"""When the search index on PostgreSQL is worked on, by whom, who waits for it, and how long."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any

import psycopg
import pytest
from cluster import Postgres
from store.ledger import CALLS
from store.searching import SEARCHED, TYPE, of, where
from store.test_index_upkeep import Frozen
from store.test_search_postgres import DatabaseSearching, Ground, work_in_small_stretches

from trunkline.clock import Clock
from trunkline.crm.catalog import Catalog, Definitions, shipped_types
from trunkline.crm.property import Property
from trunkline.crm.query import Query, Sort, field
from trunkline.crm.schema import Schema
from trunkline.errors import IndexNotReady, SearchTooSlow, Unauthenticated
from trunkline.store.postgres.removal import Removal
from trunkline.store.postgres.search import SearchIndex, tables, upkeep
from trunkline.store.postgres.search.index import wanted_of

ALL = Query(limit=200)
NEWEST = Query(sort=Sort(of("hs_timestamp"), True), limit=200)


@pytest.fixture(scope="module")
def ground(postgres: Postgres, ready: str) -> Iterator[Ground]:
    with postgres.database(ready) as url, closing(Ground(url)) as made:
        yield made


@pytest.fixture
def world(ground: Ground) -> DatabaseSearching:
    return DatabaseSearching(ground)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    work_in_small_stretches(monkeypatch)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAUSE", "PATIENCE", "RETRY"):
        monkeypatch.setattr(upkeep, name, 0.001)


def index(world: DatabaseSearching, clock: Clock | None = None, **given: Any) -> SearchIndex:
    return SearchIndex(world.ground.database, clock or Clock(), shipped_types(), **given)


async def total(index: SearchIndex, world: DatabaseSearching, query: Query = ALL) -> int:
    return (await index.search(world.ledger.portal, TYPE, query)).total


def run(world: DatabaseSearching, test: Coroutine[Any, Any, None]) -> None:
    world.ground.runner.run(test)


@asynccontextmanager
async def working(index: SearchIndex) -> AsyncIterator[None]:
    """While the index is kept up by itself."""
    task = asyncio.create_task(index.work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def caught_up(world: DatabaseSearching) -> None:
    while [row for row in await world.ground.database.fetch(tables.BEHIND) if row[0] == world.ledger.portal]:
        await asyncio.sleep(0)


def kept(world: DatabaseSearching) -> str:
    """All that the index has of a portal, as text."""
    names = ("search_layout", "search_entry", "search_words")
    rows = [
        row
        for name in names
        for row in world.ledger.connection.execute(
            f"SELECT t::text FROM {name} AS t WHERE portal = {world.ledger.portal}"
        ).fetchall()
    ]
    return "\n".join(text for (text,) in rows)


def test_what_one_process_wrote_is_found_by_each(world: DatabaseSearching) -> None:
    async def test() -> None:
        first, second = index(world), index(world)
        for number in range(1, 30, 3):
            world.ledger.create({"note": "a"}, {"note": "b"}, {"note": "a"})
            many = (
                total(one, world, query) for one in (first, second) * 5 for query in (ALL, where("note", "EQ", "a"))
            )
            assert await asyncio.gather(*many) == [number + 2, (number + 2) * 2 // 3] * 10

    run(world, test())


def test_a_search_waits_for_another_process_and_then_says_what_there_is(world: DatabaseSearching) -> None:
    async def test() -> None:
        hurried = index(world, wait=0.05)
        world.ledger.create({"note": "a"})
        assert await total(index(world), world) == 1
        with closing(psycopg.connect(world.ground.database.url)) as other:
            other.execute("SELECT 1 FROM trunkline.search_progress WHERE portal = %s FOR UPDATE", [world.ledger.portal])
            world.ledger.create({"note": "b"})
            assert await total(hurried, world) == 1
            with pytest.raises(IndexNotReady, match="note"):
                await total(hurried, world, where("note", "EQ", "a"))
        assert await total(index(world), world) == 2
        assert await total(index(world), world, where("note", "EQ", "a")) == 1

    run(world, test())


def test_a_collection_of_which_nothing_is_there_yet_is_not_said_to_be_empty(world: DatabaseSearching) -> None:
    async def test() -> None:
        world.ledger.create({})
        with closing(psycopg.connect(world.ground.database.url)) as other:
            other.execute("LOCK TABLE trunkline.search_layout IN SHARE MODE")
            with pytest.raises(IndexNotReady, match="calls"):
                await total(index(world, wait=0.05), world)
        assert await total(index(world), world) == 1

    run(world, test())


def test_a_lagging_index_finds_a_change_only_when_it_is_old_enough(world: DatabaseSearching) -> None:
    async def test() -> None:
        ledger = world.ledger
        ledger.create({}, type_="0-1")
        clock = Frozen(ledger.now + 5_000)
        lagging = index(world, clock, lag=5)
        await lagging._follower.step(ledger.portal)
        assert await total(lagging, world) == 0
        clock.moment = ledger.now
        ledger.create({}, {})
        await lagging._follower.step(ledger.portal)
        assert await total(lagging, world) == 0
        clock.moment = ledger.now + 5_000
        await lagging._follower.step(ledger.portal)
        assert await total(lagging, world) == 2
        ledger.archive(next(iter(ledger.records[CALLS])))
        await lagging._follower.step(ledger.portal)
        assert await total(lagging, world) == 2

    run(world, test())


@pytest.mark.usefixtures("hasty", "tiny")
def test_what_nobody_searches_is_taken_in_by_itself(world: DatabaseSearching) -> None:
    async def test() -> None:
        one = index(world)
        async with working(one):
            world.ledger.create(*({} for _ in range(20)))
            await caught_up(world)
            world.ledger.create({}, {})
            await caught_up(world)
        # It was there: nobody can take anything in meanwhile.
        with closing(psycopg.connect(world.ground.database.url)) as other:
            other.execute("SELECT 1 FROM trunkline.search_progress WHERE portal = %s FOR UPDATE", [world.ledger.portal])
            assert await total(one, world) == 22

    run(world, test())


@pytest.mark.usefixtures("hasty")
def test_work_goes_on_after_a_failure(world: DatabaseSearching) -> None:
    async def test() -> None:
        one = index(world)
        world.ledger.connection.execute("ALTER TABLE search_entry RENAME TO elsewhere")
        world.ledger.create({})
        async with working(one):
            with pytest.raises(psycopg.errors.UndefinedTable):
                world.ledger.connection.execute("SELECT 1 FROM search_entry")
            await asyncio.sleep(0.01)
            world.ledger.connection.execute("ALTER TABLE elsewhere RENAME TO search_entry")
            await caught_up(world)
        assert await total(one, world) == 1

    run(world, test())


@pytest.mark.usefixtures("hasty")
def test_a_portal_whose_index_cannot_be_written_keeps_nobody_waiting(world: DatabaseSearching) -> None:
    async def test() -> None:
        one, other = index(world), DatabaseSearching(world.ground)
        world.ledger.create({})
        assert await total(one, world) == 1
        spoil = "UPDATE search_layout SET detail = '{' WHERE portal = %s"
        world.ledger.connection.execute(spoil, (world.ledger.portal,))
        world.ledger.create({})
        other.ledger.create({}, {})
        async with working(one):
            await caught_up(other)
        assert await total(one, other) == 2
        await one.rebuild(world.ledger.portal)
        assert await total(one, world) == 2

    run(world, test())


@pytest.mark.parametrize(
    "query", [ALL, NEWEST, where("hs_timestamp", "HAS_PROPERTY"), Query(words=("a",), searched=SEARCHED)]
)
def test_a_search_that_takes_too_long_is_stopped_and_the_next_is_not(world: DatabaseSearching, query: Query) -> None:
    async def test() -> None:
        world.ledger.create({"hs_call_title": "a", "hs_timestamp": "2025-01-01"})
        assert await total(index(world), world, query) == 1
        with closing(psycopg.connect(world.ground.database.url)) as other:
            other.execute("LOCK TABLE trunkline.search_entry, trunkline.search_words, trunkline.record")
            for _ in range(5):
                with pytest.raises(SearchTooSlow):
                    await total(index(world, limit=0.02), world, query)
        assert await total(index(world), world, query) == 1

    run(world, test())


def test_a_search_that_nobody_waits_for_is_stopped(world: DatabaseSearching) -> None:
    async def test() -> None:
        one = index(world, at_once=1)
        world.ledger.create({})
        assert await total(one, world) == 1
        with closing(psycopg.connect(world.ground.database.url)) as other:
            other.execute("LOCK TABLE trunkline.record")
            for _ in range(10):
                task = asyncio.create_task(total(one, world))
                await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        assert await total(one, world) == 1

    run(world, test())


def test_an_index_can_be_thrown_away_while_it_is_used(world: DatabaseSearching) -> None:
    async def test() -> None:
        one = index(world)
        world.ledger.create({"note": "a"}, {"note": "b"})
        assert await total(one, world, where("note", "EQ", "a")) == 1
        world.ledger.connection.execute("DELETE FROM record WHERE portal = %s", (world.ledger.portal,))
        await one.rebuild(world.ledger.portal)
        assert await total(one, world, where("note", "EQ", "a")) == 0
        assert await total(one, world) == 0
        assert kept(world).count("\n") == 0

    run(world, test())


def test_nothing_of_an_erased_record_stays(world: DatabaseSearching) -> None:
    (id_,) = world.ledger.create(
        {"hs_call_title": "Zanzibarsecret", "note": f"Unguja {'long ' * 100}", "tags": "pemba"}
    )
    world.ledger.create({"hs_call_title": "kept", "note": "kept"})
    for name in ("hs_call_title", "note"):
        world.check(where(name, "CONTAINS_TOKEN", "unguja"))
        world.check(where(name, "EQ", "zanzibarsecret"))
    world.check(where("tags", "EQ", "pemba"))
    assert all(secret in kept(world) for secret in ("zanzibar", "unguja", "pemba"))
    world.ledger.erase(id_)
    world.check(ALL)
    assert not [secret for secret in ("zanzibar", "unguja", "pemba") if secret in kept(world)]
    assert "kept" in kept(world)


def test_a_portal_that_is_gone_is_not_searched_and_leaves_nothing(world: DatabaseSearching) -> None:
    async def test() -> None:
        one, portal = index(world), world.ledger.portal
        world.ledger.create({"hs_call_title": "a"}, {"note": "b"})
        assert await total(one, world, where("note", "EQ", "b")) == 1
        world.ledger.connection.execute("DELETE FROM head WHERE portal = %s", (portal,))
        world.ledger.connection.execute(
            "INSERT INTO portal (id, name, created, removed) VALUES (%s, '', 0, 1)", (portal,)
        )
        for query in (ALL, where("hs_call_title", "EQ", "a")):
            with pytest.raises(Unauthenticated):
                await total(one, world, query)
        with pytest.raises(Unauthenticated):
            await one._follower.step(portal)
        await Removal(world.ground.database, Clock().now)._clear(portal)
        assert kept(world) == ""
        with pytest.raises(Unauthenticated):
            await one._follower.step(portal)
        assert kept(world) == ""

    run(world, test())


@pytest.mark.usefixtures("tiny")
def test_what_an_older_release_made_is_made_again(world: DatabaseSearching) -> None:
    world.ledger.create(*({"note": str(number % 2), "hs_call_title": "a b"} for number in range(10)))
    queries = where("note", "EQ", "1"), Query(words=("b",), searched=SEARCHED), where("hs_call_title", "HAS_PROPERTY")
    for query in queries:
        world.check(query)
    world.ledger.connection.execute(
        "UPDATE search_layout SET detail = replace(detail, '\"format\":1', '\"format\":0') WHERE portal = %s",
        (world.ledger.portal,),
    )
    world.ledger.connection.execute("UPDATE search_words SET words = 'x' WHERE portal = %s", (world.ledger.portal,))
    for query in queries:
        world.check(query)


def test_what_a_newer_release_made_is_left_to_it(world: DatabaseSearching) -> None:
    async def test() -> None:
        one = index(world)
        world.ledger.create({})
        assert await total(one, world) == 1
        world.ledger.connection.execute(
            "UPDATE search_layout SET detail = replace(detail, '\"format\":1', '\"format\":999') WHERE portal = %s",
            (world.ledger.portal,),
        )
        before = kept(world)
        world.ledger.create({})
        with pytest.raises(IndexNotReady):
            await total(one, world)
        with pytest.raises(IndexNotReady):
            await one._follower.step(world.ledger.portal)
        assert kept(world) == before

    run(world, test())


@pytest.mark.usefixtures("tiny")
def test_a_property_is_filled_while_changes_come(world: DatabaseSearching) -> None:
    async def test() -> None:
        one, portal = index(world), world.ledger.portal
        ids = world.ledger.create(*({"hs_call_title": f"call {number}"} for number in range(30)))
        assert await total(one, world) == 30
        queries = where("note", "EQ", "a"), where("note", "CONTAINS_TOKEN", "a")
        needs = {CALLS: [need for query in queries for need in wanted_of(query, TYPE)[CALLS]]}
        for number, id_ in enumerate(ids[::-1]):
            world.ledger.update(id_, {"note": f"note {number}"})
            world.ledger.update(ids[0], {"note": f"first {number}"})
            progress = await one._follower.step(portal, needs)
            assert number > 9 or progress.more

    run(world, test())
    for query in (
        where("note", "EQ", "note 3"),
        where("note", "CONTAINS_TOKEN", "note"),
        where("note", "HAS_PROPERTY"),
    ):
        world.check(query)


def test_the_records_of_a_custom_object(world: DatabaseSearching) -> None:
    car = Schema(number=7, name="car", singular="Car", plural="Cars", searchable=("plate",))
    plate = Property(name="plate", label="Plate", type="string", field_type="text", hubspot_defined=False)
    catalog = Catalog(world.ledger.portal, Definitions(schemas=[car], custom={car.type_id: [plate]}))
    type_ = catalog.type(car.type_id)
    world.ledger.records[type_.id] = {}
    world.check(ALL, type_)
    world.ledger.create({"plate": "B-TL 1"}, {"plate": "HH-X 2"}, {}, type_=type_.id)
    world.ledger.create({"hs_call_title": "B-TL 1"})
    for query in (
        ALL,
        Query(words=("tl",), searched=type_.data.searchable_properties),
        Query(sort=Sort(field(type_.properties["plate"]))),
    ):
        world.check(query, type_)
        world.check(ALL)
