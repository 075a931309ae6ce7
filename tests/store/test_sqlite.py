"""The embedded engine: what every engine must do, and what is its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import apsw
import pytest
from msgspec.structs import replace
from store.accounts import AccountsConformance
from store.conformance import CALLS, change, create
from store.departing import DepartingConformance, archive, erase, merge
from store.jobs import JobsConformance
from store.leading import LeadingConformance
from store.listing import ListingConformance, ListingModel
from store.removing import RemovingConformance
from store.rewinding import RewindingConformance
from store.schemas import CAR, ID, SchemasConformance, define
from store.tying import TyingConformance
from store.watching import WatchingConformance

from trunkline.clock import Clock
from trunkline.crm.plan import Wanted
from trunkline.errors import StoreClosing, StoreFull
from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.moves import Moves
from trunkline.identity.portal import Portal
from trunkline.store.protocol import Store, StoreRefused
from trunkline.store.sqlite import checkpoint
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import STEPS, migrate
from trunkline.store.sqlite.store import SqliteStore


@asynccontextmanager
async def opened(path: Path | str) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(str(path), Clock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


class TestFile(
    DepartingConformance,
    TyingConformance,
    ListingConformance,
    JobsConformance,
    AccountsConformance,
    RemovingConformance,
    SchemasConformance,
    LeadingConformance,
    WatchingConformance,
    RewindingConformance,
):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "calls.db"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        async with opened(self.path) as store:
            yield store


class TestMemory(
    DepartingConformance,
    TyingConformance,
    ListingConformance,
    ListingModel,
    JobsConformance,
    AccountsConformance,
    RemovingConformance,
    SchemasConformance,
    LeadingConformance,
    WatchingConformance,
    RewindingConformance,
):
    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        async with opened(":memory:") as store:
            yield store


def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    async def write(ref: str) -> int:
        async with opened(tmp_path / "calls.db") as store:
            plan = await store.write((await store.portals())[0], CALLS, 1, Wanted(room=1), create(ref))
            return plan.creates[0].id

    async def read() -> list[str]:
        async with opened(tmp_path / "calls.db") as store:
            keys = [("ref", "A"), ("ref", "B")]
            return [r.properties["ref"] for r in await store.read((await store.portals())[0], CALLS, [], keys)]

    first, second = asyncio.run(write("A")), asyncio.run(write("B"))
    assert second > first
    assert asyncio.run(read()) == ["A", "B"]


def test_a_custom_object_is_there_after_opening_again(tmp_path: Path) -> None:
    async def test() -> None:
        path = tmp_path / "calls.db"
        async with opened(path) as store:
            portal = (await store.portals())[0]
            await define(store, portal)
            await store.write(portal, ID, 2, Wanted(room=2), create("A", "B"))
        async with opened(path) as store:
            assert list((await store.definitions(portal)).schemas) == [CAR]
            more = await store.write(portal, ID, 2, Wanted(room=1), create("C"))
            records = await store.page(portal, ID, 1, 10, archived=False)
            assert [record.properties["ref"] for record in records] == ["A", "B", "C"]
            assert more.creates[0].id == records[0].id + 2

    asyncio.run(test())


def test_what_stands_for_what_is_there_after_opening_again(tmp_path: Path) -> None:
    async def depart() -> list[int]:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            ids = [r.id for r in (await store.write(portal, CALLS, 1, Wanted(room=3), create("A", "B", "C"))).creates]
            await store.write(portal, CALLS, 1, Wanted(ids=ids[:2]), merge(ids[0], ids[1]))
            await store.write(portal, CALLS, 1, Wanted(ids=ids[2:]), erase)
            return ids

    async def look(ids: list[int]) -> None:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            assert [await store.successor(portal, CALLS, id_) for id_ in ids] == [ids[0], ids[0], 0]
            assert await store.kin(portal, CALLS, ids[1]) == ids[:2]
            assert await store.read(portal, CALLS, ids[2:]) == []

    asyncio.run(look(asyncio.run(depart())))


def test_an_erasure_leaves_no_value_in_any_row_and_no_gap_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"

    async def live() -> int:
        async with opened(path) as store:
            portal = (await store.portals())[0]
            made = await store.write(portal, CALLS, 1, Wanted(room=2), create("secret-one", "other"))
            both, first = Wanted(ids=[r.id for r in made.creates]), Wanted(ids=[made.creates[0].id])
            for title in ("secret-two", "secret-three"):
                await store.write(portal, CALLS, 1, first, change(title=title))
            await store.write(portal, CALLS, 1, both, change(note="kept"))
            await store.write(portal, CALLS, 1, first, archive)
            assert "secret" in _rows(path)
            await store.write(portal, CALLS, 1, first, erase)
            return made.creates[0].id

    id_ = asyncio.run(live())
    rows = _rows(path)
    assert "secret" not in rows
    assert b"secret" not in path.read_bytes()
    assert "kept" in rows and "other" in rows
    connection = apsw.Connection(str(path))
    journal = connection.execute("SELECT position, kind, record FROM change ORDER BY position").fetchall()
    connection.close()
    assert [position for position, _, _ in journal] == list(range(1, len(journal) + 1))
    told = [kind for _, kind, record in journal if record == id_]
    assert told == ["update", "update", "update", "archive", "erase"]


def _rows(path: Path) -> str:
    """Every value of every row of every table, as one text."""
    connection = apsw.Connection(str(path))
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    text = repr([connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables])
    connection.close()
    return text


def test_a_second_store_on_the_file_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened(tmp_path / "calls.db"):
            with pytest.raises(StoreRefused, match="in use by another Trunkline"):
                await SqliteStore(str(tmp_path / "calls.db"), Clock()).open()
        async with opened(tmp_path / "calls.db"):
            pass

    asyncio.run(test())


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    asyncio.run(_touch(path))
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", len(STEPS) + 1)
    connection.close()
    with pytest.raises(StoreRefused, match=f"schema version {len(STEPS) + 1}.*newer Trunkline"):
        asyncio.run(_touch(path))


async def _touch(path: Path) -> None:
    async with opened(path):
        pass


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, None])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "calls.db"
    if content is None:
        other = apsw.Connection(str(path))
        other.execute("CREATE TABLE theirs (a)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes() if content else b""
    with pytest.raises(StoreRefused):
        asyncio.run(_touch(path))
    assert not content or path.read_bytes() == before


def test_an_older_file_is_migrated_after_a_copy_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    asyncio.run(_touch(path))
    newer = (*STEPS, "ALTER TABLE portal ADD COLUMN colour TEXT")
    connection = connect(str(path))
    assert migrate(connection, str(path), newer) == len(STEPS)
    assert connection.pragma("user_version") == len(newer)
    assert connection.execute("SELECT colour FROM portal").fetchall() == [(None,)]
    connection.close()
    copy = apsw.Connection(str(tmp_path / f"calls.db.v{len(STEPS)}"))
    assert copy.pragma("user_version") == len(STEPS)
    assert copy.execute("SELECT count(*) FROM portal").fetchall() == [(1,)]
    copy.close()


TOKENS = """
INSERT INTO portal (id, name, created, catalog_version) VALUES (7, 'theirs', 5, 3);
INSERT INTO collection (slot, portal, type) VALUES (4, 7, '0-48'), (9, 7, '0-1');
INSERT INTO token (portal, name, digest, scopes, created, revoked) VALUES
    (7, 'dialer', x'01', 'crm.objects.contacts.read e-commerce', 11, NULL),
    (7, 'lost', x'02', 'tickets', 12, 13),
    (7, 'idle', x'03', '', 14, NULL);
DELETE FROM token WHERE name = 'idle';
"""


def test_the_tokens_of_an_older_file_become_apps_with_credentials(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    connection = connect(str(path))
    migrate(connection, str(path), STEPS[:2])
    connection.execute(TOKENS)
    connection.close()

    async def test() -> None:
        async with opened(path) as store:
            dialer, lost = await store.accounts.apps()
            assert dialer == App(
                id=1_000_001,
                portal=7,
                name="dialer",
                scopes=("crm.objects.contacts.read", "e-commerce"),
                created=11,
            )
            assert lost == App(id=1_000_002, portal=7, name="lost", scopes=("tickets",), created=12, removed=13)
            good, revoked = await store.accounts.credentials("private")
            assert good == Credential(
                digest=b"\1", kind="private", app=dialer.id, portal=7, scopes=dialer.scopes, created=11
            )
            assert (revoked.digest, revoked.app, revoked.ended) == (b"\2", lost.id, 13)
            (portal,) = await store.accounts.portals()
            assert portal == Portal(id=7, name="theirs", created=5)
            assert (await store.definitions(7)).version == 3
            (owner,) = await store.accounts.people()
            assert (owner.id, owner.email, owner.portals) == (10_000_001, "owner@trunkline.localhost", (7,))
            later = await store.accounts.register(replace(dialer, name="later"), Moves())
            assert later.id == 1_000_004
            assert (await store.write(7, CALLS, 3, Wanted(room=1), create("A"))).creates

    asyncio.run(test())
    connection = apsw.Connection(str(path))
    slots = {str(type_): int(str(slot)) for type_, slot in connection.execute("SELECT type, slot FROM collection")}
    assert (slots["0-48"], slots["0-1"]) == (4, 9)
    assert min(slot for type_, slot in slots.items() if type_ not in ("0-48", "0-1")) == 10
    assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'token'").fetchall() == []
    connection.close()
    copy = apsw.Connection(str(tmp_path / "calls.db.v2"))
    assert copy.execute("SELECT count(*) FROM token").get == 2
    copy.close()


def test_the_ids_of_apps_start_where_those_of_tokens_did(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened(tmp_path / "calls.db") as store:
            made = await store.accounts.register(App(portal=1_000_001, name="first", created=1), Moves())
            assert made.id == 1_000_001

    asyncio.run(test())


def test_opening_a_file_again_uses_up_no_slot(tmp_path: Path) -> None:
    for _ in range(3):
        asyncio.run(_touch(tmp_path / "calls.db"))
    connection = apsw.Connection(str(tmp_path / "calls.db"))
    count, last = connection.execute("SELECT count(*), max(slot) FROM collection").fetchall()[0]
    assert connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'collection'").get == last == count
    connection.close()


ADDRESSES = """
INSERT INTO portal (id, name, created) VALUES (7, 'theirs', 5);
INSERT INTO collection (slot, portal, type) VALUES (4, 7, '0-48'), (9, 7, '0-1');
INSERT INTO unique_value VALUES
    (4, 'hs_additional_emails', 'a@b.co', 1),
    (9, 'email', 'taken@b.co', 2),
    (9, 'hs_additional_emails', ' A@b.co;;"c\\"@d.co;taken@b.co', 3);
"""


def test_the_additional_addresses_of_an_older_file_are_held_each_by_itself() -> None:
    connection = connect(":memory:")
    migrate(connection, ":memory:", STEPS[:3])
    connection.execute(ADDRESSES)
    migrate(connection, ":memory:")
    rows = connection.execute("SELECT collection, property, value, record FROM unique_value ORDER BY 1, 3").fetchall()
    assert rows == [
        (4, "hs_additional_emails", "a@b.co", 1),
        (9, "email", '"c\\"@d.co', 3),
        (9, "email", "a@b.co", 3),
        (9, "email", "taken@b.co", 2),
    ]
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    asyncio.run(_touch(path))
    connection = connect(str(path))
    with pytest.raises(apsw.SQLError):
        migrate(connection, str(path), (*STEPS, "CREATE TABLE half (a)", "NONSENSE"))
    assert connection.pragma("user_version") == len(STEPS)
    assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchall() == []
    connection.close()


def test_a_full_disk_loses_nothing_and_is_got_over(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            await store.write(portal, CALLS, 1, Wanted(room=1), create("before"))
            pages = store._connection.pragma("page_count")
            store._connection.pragma("max_page_count", pages)
            big = [store.write(portal, CALLS, 1, Wanted(room=1), create("x" * 60_000 + str(n))) for n in range(3)]
            results = await asyncio.gather(*big, return_exceptions=True)
            assert all(isinstance(result, StoreFull) for result in results)
            store._connection.pragma("max_page_count", 1_000_000)
            await store.write(portal, CALLS, 1, Wanted(room=1), create("after"))
            held = await store.read(portal, CALLS, [], [("ref", "before"), ("ref", "after")])
            assert [record.properties["ref"] for record in held] == ["before", "after"]

    asyncio.run(test())


def test_a_store_that_is_closing_takes_no_more(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            waiting = asyncio.create_task(store.write(portal, CALLS, 1, Wanted(room=1), create("A")))
            await asyncio.sleep(0)
        assert (await waiting).creates
        with pytest.raises(StoreClosing):
            await store.write(portal, CALLS, 1, Wanted(room=1), create("B"))

    asyncio.run(test())


def test_the_log_starts_again_after_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "THRESHOLD", 50)
    monkeypatch.setattr(checkpoint, "PAUSE", 0.001)

    async def test() -> None:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            for batch in range(300):
                refs = [f"{batch}-{number}-" + "x" * 300 for number in range(20)]
                await store.write(portal, CALLS, 1, Wanted(room=len(refs)), create(*refs))
                await asyncio.sleep(0.001)
            written = 300 * 20 * 600
            assert (tmp_path / "calls.db-wal").stat().st_size < written / 4
            assert (tmp_path / "calls.db").stat().st_size > written / 2

    asyncio.run(test())


def test_closing_waits_for_a_checkpoint_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "THRESHOLD", 1)
    monkeypatch.setattr(checkpoint, "PAUSE", 0.0001)

    async def test() -> None:
        for turn in range(10):
            async with opened(tmp_path / "calls.db") as store:
                for number in range(turn):
                    await store.write((await store.portals())[0], CALLS, 1, Wanted(room=1), create(f"{turn}-{number}"))
            assert not (tmp_path / "calls.db-wal").exists()

    asyncio.run(test())


def test_the_journal_tells_each_write_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with opened(tmp_path / "calls.db") as store:
            portal = (await store.portals())[0]
            await store.write(portal, CALLS, 1, Wanted(room=2), create("A", "B"))
            await store.write(portal, CALLS, 1, Wanted(), lambda found: create()(found))
            await store.write(portal, CALLS, 1, Wanted(room=1), create("C"))

    asyncio.run(test())
    connection = apsw.Connection(str(tmp_path / "calls.db"))
    rows = connection.execute("SELECT position, kind, json_array_length(detail) FROM change").fetchall()
    connection.close()
    assert rows == [(1, "create", 2), (2, "create", 1)]


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_the_durability_is_what_the_commit_syncs(
    tmp_path: Path, durability: Literal["full", "normal"], level: int
) -> None:
    async def test() -> None:
        store = SqliteStore(str(tmp_path / "calls.db"), Clock(), durability=durability)
        await store.open()
        assert store._connection.pragma("journal_mode") == "wal"
        assert store._connection.pragma("synchronous") == level
        await store.close()

    asyncio.run(test())
