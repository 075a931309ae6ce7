"""The statements of a search use the indexes that are there for it."""

from collections.abc import Iterator

import apsw
import pytest
from store.ledger import CALLS, CONTACTS
from store.searching import SEARCHED, TYPE, of, where
from store.sqlite_ledger import FileLedger
from store.test_index import FileSearching, searching

from trunkline.crm.query import Condition, Field, Query, Sort
from trunkline.store.search.sql import Sql
from trunkline.store.sqlite.index.selection import Selection, selection

RECORDS = 3_000
NEWEST = Sort(of("hs_timestamp"), descending=True)
OLDEST = Sort(of("hs_timestamp"))


@pytest.fixture(scope="module")
def world() -> Iterator[FileSearching]:
    """Three thousand calls: every tenth of one number, each second of one status, ten of one contact."""
    with searching() as made:
        fill(made.ledger)
        for name, value in (("hs_call_from_number", "+49301"), ("hs_call_status", "BUSY")):
            made.check(where(name, "EQ", value))
        yield made


def fill(ledger: FileLedger) -> None:
    ids = ledger.create(
        *(
            {
                "hs_timestamp": f"2025-01-{n * 7 % 28 + 1:02}T{n % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
                "hs_call_title": "Call about an invoice" if n % 3 else "Ask for Amara",
                "hs_call_from_number": f"+4930{n % 300}",
                "hs_call_status": "COMPLETED" if n % 2 else "BUSY",
            }
            for n in range(RECORDS)
        )
    )
    (contact,) = ledger.create({"firstname": "Amara"}, type_=CONTACTS)
    for id_ in ids[::300]:
        ledger.tie(id_, contact)


def contact_of(world: FileSearching) -> int:
    return next(iter(world.ledger.records[CONTACTS]))


def statements(world: FileSearching, query: Query) -> Selection:
    world.search(query)
    slots = {type_: collection.slot for type_, collection in world.ledger.collections.items()}
    layout = world.runner.run(world.index._upkeep.reach(slots[CALLS], ())).layouts[slots[CALLS]]
    return selection(query, layout, TYPE, slots.get)


def plan(connection: apsw.Connection, statement: Sql) -> str:
    return " / ".join(
        str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)
    )


def picked(world: FileSearching, query: Query) -> tuple[str, str]:
    """How the count and the page of a query are found."""
    made = statements(world, query)
    total, _ = world.search(query)
    world.check(query)
    connection = world.ledger.connection
    return plan(connection, made.count), plan(connection, made.page(query, RECORDS, total))


def index_on(world: FileSearching, name: str) -> str:
    layout = world.runner.run(world.index._upkeep.reach(world.ledger.collections[CALLS].slot, ())).layouts
    made = layout[world.ledger.collections[CALLS].slot]
    return next(made.index_of(column) for column in made.columns if column.value.name == name)


def conditions(*given: Condition) -> tuple[tuple[Condition, ...], ...]:
    return (given,)


NUMBER = Condition(of("hs_call_from_number"), "EQ", ("+49307",))
BUSY = Condition(of("hs_call_status"), "EQ", ("BUSY",))
SPAN = Condition(of("hs_timestamp"), "BETWEEN", (1_735_689_600_000, 1_736_689_600_000))


def test_an_equality_is_a_search_in_its_index(world: FileSearching) -> None:
    count, page = picked(world, Query(groups=conditions(NUMBER)))
    assert f"COVERING INDEX {index_on(world, 'hs_call_from_number')} (p" in count
    assert f"COVERING INDEX {index_on(world, 'hs_call_from_number')} (p" in page


@pytest.mark.parametrize("sort", [NEWEST, OLDEST])
def test_a_range_that_is_sorted_by_needs_no_sorting(world: FileSearching, sort: Sort) -> None:
    count, page = picked(world, Query(groups=conditions(SPAN), sort=sort))
    index = index_on(world, "hs_timestamp")
    assert f"SEARCH c USING COVERING INDEX {index} (p" in count
    assert f"SEARCH c USING COVERING INDEX {index} (p" in page
    assert "TEMP B-TREE" not in page


@pytest.mark.parametrize("sort", [NEWEST, OLDEST])
def test_a_sort_of_many_walks_the_index_of_the_sort(world: FileSearching, sort: Sort) -> None:
    _, page = picked(world, Query(groups=conditions(BUSY), sort=sort))
    assert page == f"SCAN c USING INDEX {index_on(world, 'hs_timestamp')}"
    _, page = picked(world, Query(sort=sort))
    assert page == f"SCAN c USING COVERING INDEX {index_on(world, 'hs_timestamp')}"


def test_few_are_found_and_then_sorted(world: FileSearching) -> None:
    _, page = picked(world, Query(groups=conditions(BUSY, NUMBER), sort=NEWEST, limit=200))
    assert page.startswith(f"SEARCH c USING INDEX {index_on(world, 'hs_call_from_number')} (p")
    assert "TEMP B-TREE FOR ORDER BY" in page


def test_the_calls_of_a_contact_start_from_the_contact(world: FileSearching) -> None:
    of_contact = Condition(Field(CONTACTS, "linked"), "EQ", (contact_of(world),))
    count, page = picked(world, Query(groups=conditions(of_contact), sort=NEWEST))
    for found in (count, page):
        assert "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)" in found
        assert "SEARCH a USING PRIMARY KEY (source=? AND target>? AND target<?)" in found
        assert "SCAN c" not in found


def test_words_alone_need_nothing_but_their_table(world: FileSearching) -> None:
    for found in picked(world, Query(words=("invoice",), searched=SEARCHED)):
        assert found.startswith("SCAN search.w") and " / " not in found


def test_words_of_many_are_gathered_for_a_walk(world: FileSearching) -> None:
    _, page = picked(world, Query(words=("invoice",), searched=SEARCHED, sort=NEWEST))
    assert page.startswith(f"SCAN c USING COVERING INDEX {index_on(world, 'hs_timestamp')} / LIST SUBQUERY")


def test_groups_are_each_a_search_in_an_index(world: FileSearching) -> None:
    one = Condition(of("hs_call_from_number"), "EQ", ("+49301",))
    count, _ = picked(world, Query(groups=((one,), (NUMBER, BUSY))))
    assert count.count("USING INDEX") == 2
    assert "SCAN c" not in count


def test_a_count_of_all_is_known(world: FileSearching) -> None:
    count, _ = picked(world, Query())
    assert count == "SEARCH search.size USING INTEGER PRIMARY KEY (rowid=?)"


def test_no_text_of_a_client_is_part_of_a_statement(world: FileSearching) -> None:
    odd = "x'); DROP TABLE record; --"
    groups = conditions(
        Condition(of("hs_call_title"), "IN", (odd, odd * 2)),
        Condition(of("hs_call_title"), "CONTAINS_TOKEN", ("drop", "t*able*")),
    )
    made = statements(world, Query(groups=groups, words=("drop",), searched=SEARCHED, sort=NEWEST))
    for statement in (made.count, made.found, made.walked):
        assert statement is not None
        assert "drop" not in statement.text.lower()
