"""What comes of a store that is copied: the same store, on either engine."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from cluster import Postgres
from copying.carrying import compared, copied, different
from copying.making import answers, full, used
from copying.odd import STEPS, Maker, Step
from hypothesis import given, settings

from trunkline.copy.table import TABLES
from trunkline.store.protocol import Store

Database = Callable[[], str]


def test_a_copy_has_every_row_and_says_so(store: Path, database: Database) -> None:
    tables = copied(store, database())
    assert [one.table for one in tables] == [table.name for table in TABLES]
    assert different(tables) == []
    assert [one.table for one in tables if not one.source.rows] == []


def test_a_store_is_the_same_on_each_engine_and_back(store: Path, database: Database, tmp_path: Path) -> None:
    first, second = database(), database()
    back, again = tmp_path / "back.db", tmp_path / "again.db"
    for source, target in ((store, first), (first, second), (second, back), (back, again)):
        assert different(copied(source, target)) == []
    assert different(compared(store, second)) == []
    assert different(compared(store, again)) == []
    assert answers(first) == answers(second) == answers(back) == answers(again) == answers(store)


def test_a_store_that_began_on_postgres_is_the_same_in_a_file(database: Database, tmp_path: Path) -> None:
    first, second, file = database(), database(), tmp_path / "file.db"
    used(first, full)
    for source, target in ((first, file), (file, second)):
        assert different(copied(source, target)) == []
    assert different(compared(first, second)) == []
    assert answers(file) == answers(second) == answers(first)


@given(STEPS)
@settings(max_examples=8, deadline=None)
def test_a_store_of_odd_content_comes_back_as_it_was(postgres: Postgres, template: str, steps: list[Step]) -> None:
    async def make(store: Store) -> None:
        await Maker(store, list(await store.portals())).make(steps)

    with tempfile.TemporaryDirectory() as folder, postgres.database(template) as there:
        first, back = Path(folder, "first.db"), Path(folder, "back.db")
        used(first, make)
        assert different(copied(first, there)) == []
        assert different(copied(there, back)) == []
        assert different(compared(first, back)) == []
        assert answers(there) == answers(back) == answers(first)
