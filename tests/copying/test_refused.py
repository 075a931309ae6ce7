"""What a copy is not made of, or not made to; and that a difference is told."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cluster import Postgres
from copying.carrying import Broken, compared, copied, different
from copying.making import used
from msgspec.structs import replace
from server import SECONDS, attempt
from store.accounts import PERSON, event, found
from store.conformance import CALLS, create

from trunkline.crm.plan import Wanted
from trunkline.identity.moves import Moves
from trunkline.store.postgres.database import Database
from trunkline.store.postgres.served import seize
from trunkline.store.postgres.tether import Connection
from trunkline.store.protocol import Store, StoreRefused


async def nothing(store: Store) -> None:
    pass


async def record(store: Store) -> None:
    await store.write((await store.portals())[0], CALLS, 1, Wanted(room=1), create("A"))


async def portal(store: Store) -> None:
    await found(store)


async def renamed(store: Store) -> None:
    (default,) = await store.accounts.portals()
    await store.accounts.keep(Moves(portals=(replace(default, name="Acme"),)))


async def password(store: Store) -> None:
    (owner,) = await store.accounts.people()
    await store.accounts.keep(Moves(people=(replace(owner, password="hash"),)))


async def person(store: Store) -> None:
    await store.accounts.enrol(PERSON, event("person.created"))


@pytest.mark.parametrize("use", [record, portal, renamed, password, person])
def test_what_is_in_a_target_stays(
    use: Callable[[Store], Awaitable[None]], tmp_path: Path, database: Callable[[], str]
) -> None:
    empty, used_, there = tmp_path / "empty.db", tmp_path / "used.db", database()
    used(empty, nothing)
    used(used_, use)
    with pytest.raises(StoreRefused, match=r"used\.db is not empty"):
        copied(empty, used_)
    copied(used_, there)
    with pytest.raises(StoreRefused, match="is not empty"):
        copied(empty, there)
    assert different(compared(used_, there)) == []


def test_a_new_store_that_was_served_takes_a_copy(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    used(target, nothing)
    assert different(copied(store, target)) == []


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_what_is_served_is_not_copied_and_takes_no_copy(
    engine: str, database: Callable[[], str], tmp_path: Path
) -> None:
    one, other = database() if engine == "postgres" else tmp_path / "one.db", tmp_path / "other.db"
    used(other, nothing)

    async def serve(store: Store) -> None:
        await asyncio.to_thread(_refused, one, other)
        await asyncio.to_thread(_refused, other, one)

    used(one, serve)
    assert different(copied(one, other)) == []


def _refused(source: object, target: object) -> None:
    with pytest.raises(StoreRefused, match="in use by another Trunkline"):
        copied(source, target)


def test_any_number_of_processes_serve_a_database(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()

    async def beside(store: Store) -> None:
        await asyncio.to_thread(used, url, nothing)
        await asyncio.to_thread(_refused, url, tmp_path / "target.db")

    used(url, beside)


def test_a_database_that_is_copied_is_not_served(database: Callable[[], str]) -> None:
    url = database()

    async def copying() -> None:
        connection = await Database(url, connections=1).connect()
        await seize(connection, "it")
        with pytest.raises(StoreRefused, match="is being copied"):
            await asyncio.to_thread(used, url, nothing)
        await connection.close()
        await asyncio.to_thread(used, url, nothing)

    asyncio.run(copying())


def test_who_lost_a_database_serves_it_again_only_after_the_copy(postgres: Postgres, template: str) -> None:
    with postgres.database(template) as url:

        async def lose(store: Store) -> None:
            postgres.cut(url)
            connection = await _seized(url)
            heard = asyncio.Event()
            store.hear(lambda notice: heard.set())
            await asyncio.wait_for(heard.wait(), SECONDS)
            await connection.close()
            while await _free(url):
                await asyncio.sleep(0.01)

        used(url, lose)


async def _seized(url: str) -> Connection:
    """A connection that has a database for itself, which was served a moment ago."""
    while True:
        connection = await Database(url, connections=1).connect()
        try:
            await seize(connection, "it")
        except StoreRefused:
            await connection.close()
        else:
            return connection


async def _free(url: str) -> bool:
    """Whether nobody serves a database."""
    connection = await Database(url, connections=1).connect()
    try:
        await seize(connection, "it")
    except StoreRefused:
        return False
    finally:
        await connection.close()
    return True


def test_half_a_copy_goes_on_from_the_same_unchanged_source_only(store: Path, tmp_path: Path) -> None:
    other, target = tmp_path / "other.db", tmp_path / "target.db"
    used(other, nothing)
    _break(store, target)
    with pytest.raises(StoreRefused, match=rf"half of a copy of {store}"):
        copied(other, target)
    with pytest.raises(StoreRefused, match="half of a copy"):
        copied(target, tmp_path / "another.db")
    used(store, portal)
    with pytest.raises(StoreRefused, match="was changed after its copy"):
        copied(store, target)


def test_half_a_database_goes_on_from_the_same_source_only(
    store: Path, tmp_path: Path, database: Callable[[], str]
) -> None:
    other, target = tmp_path / "other.db", database()
    used(other, nothing)
    _break(store, target)
    with pytest.raises(StoreRefused, match=rf"half of a copy of {store}"):
        copied(other, target)
    with pytest.raises(StoreRefused, match="half of a copy itself"):
        copied(target, tmp_path / "another.db")


def _break(source: object, target: object) -> None:
    def told(table: str, rows: int) -> None:
        if table == "change":
            raise Broken

    with pytest.raises(Broken):
        copied(source, target, told)


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("nowhere.db", "target.db", "There is no store at"),
        ("same.db", "same.db", "onto itself"),
        (":memory:", "target.db", "lives in its server alone"),
        ("postgresql://nobody@127.0.0.1:1/none", "target.db", "cannot be opened"),
    ],
)
def test_what_cannot_be_copied_is_told_in_a_line(source: str, target: str, told: str, tmp_path: Path) -> None:
    where = [address if ":" in address else str(tmp_path / address) for address in (source, target)]
    done = attempt("copy", "--from", where[0], "--to", where[1])
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_database_is_no_source(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.database() as url, pytest.raises(StoreRefused) as refused:
        copied(url, tmp_path / "target.db")
    assert str(refused.value) == f"There is no store in {_without_password(url)}."


def _without_password(url: str) -> str:
    """The URL as it is told."""
    return url.replace(url[url.index("//") + 2 : url.rindex("@") + 1], "")
