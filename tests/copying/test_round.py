"""What comes of a store that is copied: the same store, on either engine."""

import json
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cluster import Postgres
from copying.carrying import compared, copied, different
from copying.making import answers, full, large, used
from copying.odd import STEPS, Maker, Step
from hypothesis import given, settings

from trunkline.bench.checkpoint import Note
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


def test_apps_are_told_where_they_were_and_what_was_undone_is(store: Path, database: Database, tmp_path: Path) -> None:
    first, back, again = database(), tmp_path / "back.db", database()
    used(store, heard)
    for source, target in ((store, first), (first, back), (back, again)):
        assert different(copied(source, target)) == []
    there = [used(one, places) for one in (store, first, back, again)]
    assert there[0] == there[1] == there[2] == there[3]
    assert any(undone for _, undone in there[0]), "something was undone"
    assert [len(notes) for notes, _ in there[0]] == [3, 2]


async def heard(store: Store) -> None:
    """Webhooks of an app in two portals, whose journals lie between one another, and of which parts were undone."""
    bench = store.bench
    first, second, *_ = await store.portals()
    for portal in (first, second):
        await bench.mark(portal, "a", 1)
        await large(store, first, 1)
        await large(store, second, 2)
        await bench.rewind(portal, "a", 2)
    await bench.mark(second, "b", 3)
    end = await bench.end(first)
    await large(store, second, 1)
    since = {str(portal): end for portal in (first, second, 99)}
    parked = [[end, 1, 0, 1, 5, 2]]
    for portal, kind, name, told in (
        (first, "webhook", "7/target", {"url": "https://example.com"}),
        (first, "webhook", "7/subscription/1", {"id": 1, "since": since}),
        (first, "reading", "7", {"after": end - 1, "parked": parked, "left": False}),
        (second, "reading", "7", {"after": await bench.end(second), "parked": [], "left": False}),
        (first, "clock", "hands", {}),
    ):
        await bench.keep(Note(portal, kind, name, json.dumps(told)))  # type: ignore[arg-type]
    await bench.rewind(second, "b", 4)


async def places(store: Store) -> list[tuple[list[Any], list[tuple[int, int]]]]:
    """Of the first two portals, the notes of webhooks and the stretches that were undone, all by numbers of changes."""
    found = []
    ranks: dict[int, Callable[[int], int]] = {}
    for portal in (await store.portals())[:2]:
        entries = await store.bench.journal(portal, 0, await store.bench.end(portal), 100_000)
        ranks[portal] = partial(bisect_right, [entry.position for entry in entries])
    for portal, rank in ranks.items():
        notes = []
        for note in await store.bench.notes():
            if note.portal == portal and note.kind in ("webhook", "reading"):
                told = json.loads(note.detail)
                if "since" in told:
                    told["since"] = {of: ranks[int(of)](at) for of, at in told["since"].items() if int(of) in ranks}
                if "after" in told:
                    told["after"] = rank(told["after"])
                    told["parked"] = [[rank(at), *rest] for at, *rest in told["parked"]]
                notes.append((note.kind, note.name, told))
        found.append((notes, [(rank(at), rank(to)) for at, to in await store.bench.rewinds(portal, 0)]))
    return found


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
