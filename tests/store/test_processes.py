"""What several processes on one PostgreSQL database do, and what is left of a portal that is removed."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
from cluster import Postgres
from msgspec.structs import replace
from psycopg.rows import TupleRow
from store.accounts import PERSON, credential, event, found, good, keep
from store.conformance import CALLS, create
from store.jobs import LIMIT, job
from store.listing import NOW, all_of, contacts, draft
from store.listing import made as listed
from store.removing import ALL, TYPE, fill, remove
from store.test_postgres import opened

from trunkline.bench.checkpoint import Note
from trunkline.clock import Clock
from trunkline.crm import segment
from trunkline.crm.plan import Wanted
from trunkline.errors import DuplicateListName, TooManyJobs, Unauthenticated
from trunkline.identity.moves import Moves
from trunkline.identity.person import OWNER
from trunkline.store.accounts import AlreadySpent
from trunkline.store.postgres import accounts, identities, jobs, lists, portals, removal
from trunkline.store.postgres.database import SCHEMA
from trunkline.store.postgres.store import PostgresStore
from trunkline.store.protocol import Store

SEARCHED = "search_"
"""How the names of the tables of the search index begin, which is worked on beside."""

OF_THE_SERVER = {"portal", "app", "person", "person_portal", "credential", "event", "head"}
"""Tables that are about portals; the row of `head` goes with the portal itself."""

SECONDS = 60


def several(url: str, test: Callable[..., Awaitable[None]], count: int = 2) -> None:
    """Runs a test with stores that have one database, as those of several processes."""

    async def with_stores() -> None:
        async with AsyncExitStack() as stack:
            await test(*[await stack.enter_async_context(opened(url)) for _ in range(count)])

    asyncio.run(with_stores())


async def connected(url: str) -> Any:
    return await asyncpg.connect(url, server_settings={"search_path": SCHEMA})


def names(results: Sequence[object]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_those_who_open_a_new_database_at_once_make_one_portal_and_one_owner(url: str) -> None:
    async def test() -> None:
        stores = [PostgresStore(url, Clock()) for _ in range(4)]
        await asyncio.gather(*(store.open() for store in stores))
        for store in stores:
            (portal,), (owner,) = await store.accounts.portals(), await store.accounts.people()
            assert (owner.id, owner.portals) == (OWNER, (portal.id,))
        assert (await stores[0].accounts.enrol(PERSON, event())).id == OWNER + 1
        await asyncio.gather(*(store.close() for store in stores))

    asyncio.run(test())


class TestProcesses:
    """What is settled between processes."""

    def test_of_those_who_spend_a_credential_at_once_one_does(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            await keep(stores[0], credential("code", "code", family="f"))
            plans = [Moves(spend=(b"code",), credentials=(credential(str(n), family="f"),)) for n in range(12)]
            parts = [stores[n % 2].accounts.keep(plan) for n, plan in enumerate(plans)]
            results = await asyncio.gather(*parts, return_exceptions=True)
            assert [isinstance(result, AlreadySpent) for result in results].count(True) == 11
            (kept,) = await stores[1].accounts.credentials("access")
            assert kept.digest == str(results.index(None)).encode()

        several(url, test)

    def test_an_address_is_one_persons(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            people = [replace(PERSON, email=email) for email in ("Ada@example.com", "ADA@example.com") * 3]
            parts = [stores[n % 2].accounts.enrol(person, event()) for n, person in enumerate(people)]
            results = await asyncio.gather(*parts, return_exceptions=True)
            assert names(results) == ["Person", *["StoreRefused"] * 5]
            assert len(await stores[0].accounts.people()) == 2
            assert len(await stores[0].accounts.events()) == 1

        several(url, test)

    def test_no_two_portals_have_one_id(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            made = await asyncio.gather(*(found(stores[n % 2], str(n)) for n in range(8)))
            first = (await stores[0].portals())[0]
            assert sorted(portal.id for portal in made) == list(range(first + 1, first + 9))
            for portal in made:
                for store in stores:
                    assert await store.lists.shelf(portal.id) == segment.Shelf()

        several(url, test)

    def test_of_those_who_remove_the_last_portals_all_but_one_do(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            ids = [(await stores[0].portals())[0], *[(await found(stores[0])).id for _ in range(3)]]
            parts = [remove(stores[n % 2], id_) for n, id_ in enumerate((*ids, *ids))]
            results = await asyncio.gather(*parts, return_exceptions=True)
            assert names(results) == ["NoneType"] * 3 + ["StoreRefused"] * 5
            assert len(await stores[1].portals()) == 1

        several(url, test)

    def test_nothing_of_a_removed_portal_lets_anybody_in(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            for turn in range(8):
                gone = (await found(stores[0])).id
                made = [f"{turn} {number}" for number in range(6)]
                person = replace(PERSON, email=f"{turn}@example.com", portals=(gone,))
                parts = [keep(stores[1], credential(digest, portal=gone)) for digest in made]
                results = await asyncio.gather(
                    *parts[:3],
                    remove(stores[0], gone),
                    stores[1].accounts.enrol(person, event()),
                    *parts[3:],
                    return_exceptions=True,
                )
                assert set(names(results)) <= {"NoneType", "Person", "Unauthenticated"}
                assert await good(stores[1], *made) == ""
                assert (await stores[1].accounts.people())[-1].portals == ()

        several(url, test)

    def test_others_hear_that_a_portal_is_gone(self, url: str) -> None:
        async def test(one: Store, other: Store) -> None:
            gone = (await found(one)).id
            assert await other.lists.shelf(gone) == segment.Shelf()
            await remove(one, gone)
            with pytest.raises(Unauthenticated):
                await one.lists.shelf(gone)
            async with asyncio.timeout(SECONDS):
                with pytest.raises(Unauthenticated):
                    while True:
                        await other.lists.shelf(gone)

        several(url, test)

    def test_numbers_of_jobs_have_no_gaps(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            portal = (await stores[0].portals())[0]
            new = job(portal, "", kind="import")
            parts = [stores[n % 2].jobs.enlist(new, [b"i"], 12) for n in range(16)]
            results = await asyncio.gather(*parts, return_exceptions=True)
            assert [type(result) for result in results].count(TooManyJobs) == 4
            assert [one.id for one in await stores[0].jobs.page(portal, "import", 0, 99)] == [
                str(n) for n in range(1, 13)
            ]
            other = await stores[1].jobs.enlist(job(portal, "", kind="export"), [b"i"], LIMIT)
            assert other.id == "13"

        several(url, test)

    def test_of_those_who_make_a_list_of_one_name_one_does(self, url: str) -> None:
        async def test(*stores: Store) -> None:
            portal = (await stores[0].portals())[0]
            ids = await contacts(stores[0], portal, *"abcdef")
            parts = [listed(stores[n % 2], portal, "xy"[n // 2 % 2], ids[:2]) for n in range(8)]
            results = await asyncio.gather(*parts, return_exceptions=True)
            assert [type(result) for result in results].count(DuplicateListName) == 6
            moves = [stores[n % 2].lists.move(portal, 1, "0-1", NOW + n, ids[n % 3 :]) for n in range(6)]
            moved = await asyncio.gather(*moves)
            assert sorted(id_ for one in moved for id_ in one.added) == sorted(ids[2:])
            assert await all_of(stores[1], portal, 1) == sorted(ids)

        several(url, test)

    def test_who_reads_the_audit_trail_steps_over_nothing(self, postgres: Postgres, url: str) -> None:
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

        async def test(*stores: Store) -> None:
            slow = await connected(url)
            async with slow.transaction():
                await identities.put_events(slow, [event(at=1)])
                quick = asyncio.create_task(stores[0].accounts.keep(Moves(events=(event(at=2),))))
                while not quick.done() and not query(postgres, url, waiting):
                    await asyncio.sleep(0.01)
                assert not quick.done() and await stores[1].accounts.events() == []
            await quick
            assert [one.at for one in await stores[1].accounts.events()] == [1, 2]
            await slow.close()

        several(url, test)


def test_positions_of_the_journal_have_no_gaps(postgres: Postgres, url: str) -> None:
    async def test(*stores: Store) -> None:
        portal = (await stores[0].portals())[0]
        parts: list[Awaitable[object]] = []
        for n in range(24):
            store = stores[n % 2]
            parts.append(store.write(portal, CALLS, 1, Wanted(room=1), create(f"ref {n}")))
            change = segment.created(draft(f"list {n % 12}"), segment.Who(NOW, 0))
            parts.append(store.lists.change(portal, change, "list.create", NOW, 5))
        results = await asyncio.gather(*parts, return_exceptions=True)
        assert [type(result) for result in results].count(DuplicateListName) == 12

    several(url, test)
    rows = query(postgres, url, "SELECT position, kind FROM change ORDER BY position")
    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    assert [kind for _, kind in rows].count("list.create") == 12
    assert query(postgres, url, "SELECT position FROM head") == [(len(rows),)]


def query(postgres: Postgres, url: str, statement: str, *values: object) -> list[TupleRow]:
    with postgres.connected(url) as connection:
        connection.execute(f"SET search_path = {SCHEMA}")
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall()


def tables(postgres: Postgres, url: str) -> set[str]:
    """The tables that are parted by portal."""
    select = "SELECT table_name FROM information_schema.columns WHERE table_schema = %s AND column_name = 'portal'"
    return {name for (name,) in query(postgres, url, select, SCHEMA)} - OF_THE_SERVER


def rows_of(postgres: Postgres, url: str, portal: int) -> dict[str, list[TupleRow]]:
    """What each table has of a portal."""
    return {
        name: rows
        for name in tables(postgres, url)
        if (rows := query(postgres, url, f"SELECT * FROM {name} WHERE portal = %s ORDER BY {name}::text", portal))
    }


def kept(postgres: Postgres, url: str, portal: int) -> dict[str, list[TupleRow]]:
    """The same without what is made of it for searches."""
    return {name: rows for name, rows in rows_of(postgres, url, portal).items() if not name.startswith(SEARCHED)}


class TestRemoval:
    """Removing a portal: nothing of it stays, nothing else goes, whatever interrupts."""

    def test_all_that_is_a_portals_own_is_cleared(self, postgres: Postgres, url: str) -> None:
        assert {*removal.TABLES, "search_progress"} == tables(postgres, url)

    def test_a_removal_that_is_interrupted_goes_on(
        self, postgres: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(removal, "ROWS", 2)
        monkeypatch.setattr(removal, "LARGE", 1)

        async def test() -> None:
            async with opened(url) as store:
                stays, goes = (await store.portals())[0], (await found(store)).id
                for portal, word in ((stays, "ours"), (goes, "theirs")):
                    await store.bench.keep(Note(portal, "clock", "", word))
                    await store.bench.mark(portal, word, NOW)
                    await fill(store, portal, word)
                    assert (await store.search(TYPE, portal, ALL)).total == 11
                ours = kept(postgres, url, stays)
                assert set(rows_of(postgres, url, goes)) == tables(postgres, url)
                await remove(store, goes)
            stops = 0
            while left := rows_of(postgres, url, goes):
                async with opened(url) as store:
                    with pytest.raises(Unauthenticated):
                        await store.read(goes, CALLS, [1])
                    await asyncio.sleep(0.001 * 2**stops)
                now = rows_of(postgres, url, goes)
                assert all(len(now.get(name, [])) <= len(rows) for name, rows in left.items())
                stops += 1
            assert stops > 1
            async with opened(url), asyncio.timeout(SECONDS):
                while query(postgres, url, "SELECT 1 FROM portal WHERE removed IS NOT NULL AND cleared IS NULL"):
                    await asyncio.sleep(0.01)
            assert kept(postgres, url, stays) == ours

        asyncio.run(test())

    def test_a_portal_that_another_process_removed_is_cleared_by_the_one_that_leads(
        self, postgres: Postgres, url: str
    ) -> None:
        async def test(*stores: Store) -> None:
            for word, store in zip(("one", "two"), stores, strict=True):
                goes = (await found(store)).id
                await fill(store, goes, word)
                await remove(store, goes)
                async with asyncio.timeout(SECONDS):
                    while rows_of(postgres, url, goes):
                        await asyncio.sleep(0.01)

        several(url, test)


def statements() -> Iterator[tuple[str, str]]:
    """The statements by which accounts, jobs and lists are looked up and changed."""
    for module in (accounts, identities, jobs, lists, portals):
        for name, value in vars(module).items():
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            for number, part in enumerate(parts):
                if isinstance(part, str) and re.match("(SELECT|INSERT|UPDATE|DELETE) ", part) and "{" not in part:
                    yield f"{module.__name__.rpartition('.')[2]} {name} {number}", part
    yield from ((f"removal {table}", removal.DELETE.format(table)) for table in removal.TABLES)


WHOLE = {"portals OTHERS 0", "portals REMOVE 1", "portals REMOVE 2", "portals LET_GO 0", "portals LET_GO 1"}
"""What is asked when a portal is removed, of tables that have little in them or no index for it."""


def test_no_statement_looks_at_a_whole_table(url: str) -> None:
    async def test() -> None:
        connection = await connected(url)
        await connection.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
        whole = set()
        for name, statement in statements():
            plan = await explained(connection, statement)
            if any("Seq Scan" in step for step in plan):
                whole.add(name)
        await connection.close()
        assert whole <= WHOLE

    async def explained(connection: Any, statement: str) -> list[str]:
        await connection.execute(f"PREPARE asked AS {statement}")
        count = max((int(number) for number in re.findall(r"\$(\d+)", statement)), default=0)
        bound = f"({', '.join(['NULL'] * count)})" if count else ""
        plan = [str(row[0]) for row in await connection.fetch(f"EXPLAIN EXECUTE asked {bound}")]
        await connection.execute("DEALLOCATE asked")
        return plan

    asyncio.run(test())
