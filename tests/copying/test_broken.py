"""Copies that are broken off: nobody serves the half, and the same command goes on to the same end."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import apsw
import asyncpg
import pytest
from copying.carrying import Broken, compared, copied, different
from copying.making import used
from server import SECONDS, attempt, launch

from trunkline.store.postgres.database import Database
from trunkline.store.protocol import Store, StoreRefused

Place = Callable[[str], str]

ATTEMPTS = 5
"""Times that a copy is begun to be killed; one that is done before is begun again elsewhere."""


@pytest.fixture
def place(database: Callable[[], str], tmp_path: Path) -> Place:
    """Where to copy to, by engine."""
    numbers = count()
    return lambda engine: str(tmp_path / f"target{next(numbers)}.db") if engine == "sqlite" else database()


def rows(address: str, statement: str) -> list[tuple[object, ...]]:
    """What is answered at an address, whoever uses it."""

    async def ask() -> list[tuple[object, ...]]:
        connection = await Database(address, connections=1).connect()
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    if "://" in address:
        return asyncio.run(ask())
    connection = apsw.Connection(address)
    try:
        return [tuple(row) for row in connection.execute(statement)]
    finally:
        connection.close()


def served(address: str) -> None:
    """Opens a store as a server does; raises `StoreRefused`."""

    async def nothing(store: Store) -> None:
        pass

    used(address, nothing)


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_wherever_it_breaks_off_it_goes_on_to_the_same_end(
    engine: str, store: Path, place: Place, tmp_path: Path
) -> None:
    source, target = str(store), place(engine)
    if engine == "sqlite":
        source = place("postgres")
        copied(store, source)
    breaks = 0
    while True:
        breaks += 1
        try:
            tables = copied(source, target, _until(3 * breaks))
            break
        except Broken:
            with pytest.raises(StoreRefused, match="half of a copy"):
                served(target)
    assert breaks > 10
    assert different(tables) == []
    assert different(compared(store, target)) == []
    served(target)


def _until(count: int) -> Callable[[str, int], None]:
    """Breaks a copy off that tells of its progress for so many times."""
    left = iter(range(count))

    def told(table: str, rows: int) -> None:
        if next(left, None) is None:
            raise Broken

    return told


def test_a_table_goes_on_in_its_middle(store: Path, place: Place) -> None:
    target = place("postgres")
    seen = 0

    def told(table: str, rows: int) -> None:
        nonlocal seen
        seen += rows if table == "record" else 0
        if seen:
            raise Broken

    with pytest.raises(Broken):
        copied(store, target, told)
    ((there,),) = rows(target, "SELECT count(*) FROM trunkline.record")
    ((all_,),) = rows(str(store), "SELECT count(*) FROM record")
    assert 0 < int(str(there)) < int(str(all_))
    assert different(copied(store, target)) == []


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_a_copy_that_is_killed_is_refused_by_servers_and_goes_on(
    engine: str, store: Path, place: Place, tmp_path: Path
) -> None:
    target = _killed(store, (place(engine) for _ in range(ATTEMPTS)))
    with pytest.raises(StoreRefused, match="half of a copy"):
        served(target)
    done = attempt("copy", "--from", str(store), "--to", target)
    assert done.returncode == 0, done.stderr
    assert different(compared(store, target)) == []
    served(target)


def _killed(source: Path, targets: Iterator[str]) -> str:
    """A target whose copy was killed while it took in records."""
    for target in targets:
        process = launch("copy", "--from", str(source), "--to", target)
        while process.poll() is None:
            if _has_records(target):
                process.kill()
        process.communicate(timeout=SECONDS)
        if process.returncode == -signal.SIGKILL and _has_records(target):
            return target
        Path(target).unlink(missing_ok=True)
    raise AssertionError("it was always done before it could be killed")


def _has_records(target: str) -> bool:
    schema = "trunkline." if "://" in target else ""
    try:
        return bool(rows(target, f"SELECT 1 FROM {schema}copying WHERE name = 'record'"))
    except (apsw.Error, asyncpg.UndefinedTableError):
        return False


def test_half_a_copy_that_differs_stays_one(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"

    told = _until(30)
    with pytest.raises(Broken):
        copied(store, target, told)
    rows(str(target), "UPDATE record SET updated = updated + 1 WHERE key = (SELECT max(key) FROM record)")
    assert different(copied(store, target)) == ["record"]
    with pytest.raises(StoreRefused, match="half of a copy"):
        served(str(target))
    done = attempt("copy", "--from", str(store), "--to", str(target))
    assert (done.returncode, done.stderr) == (1, f"trunkline: {store} and {target} differ in record.\n")
