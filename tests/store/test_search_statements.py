"""The statements of a search on PostgreSQL: what they say, and which indexes they use."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from cluster import Postgres
from store.ledger import CALLS, CONTACTS
from store.searching import CONTACT, SEARCHED, TYPE, of, where
from store.test_search_postgres import DatabaseSearching, Ground

from trunkline.crm.query import Condition, Field, Query, Sort
from trunkline.store.postgres.search import word
from trunkline.store.postgres.search.answer import state
from trunkline.store.postgres.search.index import wanted_of
from trunkline.store.postgres.search.layout import Layout, filled, usual, widened
from trunkline.store.postgres.search.selection import Selection, Statement

PORTAL = 77
NEWEST = Sort(of("hs_timestamp"), descending=True)


def selection(query: Query, portal: int = PORTAL) -> Selection:
    """The statements of a query, of an index that has all that it asks for."""
    types = {type_.id: type_ for type_ in (TYPE, CONTACT)}
    layouts: dict[str, Layout] = {
        id_: filled(widened(usual(number, id_, types[id_].data), wanted_of(query, TYPE).get(id_, ())))
        for number, id_ in enumerate(types, 1)
    }
    return Selection(query, portal, layouts[CALLS], TYPE, layouts.get)


def statements(query: Query) -> list[Statement]:
    made = selection(query)
    walked = [walk for looks in (7,) if not made.gathers and (walk := made.walked(looks))]
    return [made.count(), made.found(), made.gathered(), *walked]


def test_no_text_of_a_client_is_part_of_a_statement() -> None:
    odd = "x'); DROP TABLE record; --"
    groups = (
        Condition(of("hs_call_title"), "IN", (odd, odd * 2)),
        Condition(of("hs_call_title"), "CONTAINS_TOKEN", ("drop", "t*able*")),
        Condition(of("tags"), "NEQ", (odd,)),
    )
    for text, _ in statements(Query(groups=(groups,), words=("drop",), searched=SEARCHED, sort=NEWEST)):
        assert "drop" not in text.lower()
        assert "able" not in text.lower().replace("table", "")


LONG = "wort" * 200


@pytest.mark.parametrize(
    ("pattern", "held", "is_there"),
    [
        *(("a", "a", True), ("a", "ab", False), ("a*", "ab", True), ("a*", "ba", False), ("ä*", "äb", True)),
        *((LONG, LONG, True), (LONG, f"{LONG}x", False), (LONG[:300] + "*", LONG, True), (f"{LONG}*", LONG, True)),
        ("日" * 2_000, "日" * 2_000, True),
        ("日" * 2_000, "日" * 1_999, False),
    ],
)
def test_a_word_meets_its_pattern(ground: Ground, pattern: str, held: str, is_there: bool) -> None:
    row = word.row([("1.2.3:", ["other", held])])
    assert all(len(one.encode()) <= 2_046 for one in row.split(" "))
    select = "SELECT array_to_tsvector(string_to_array(%s, ' ')) @@ %s::text::tsquery"
    found = ground.connection.execute(select, (row, word.matching("1.2.3:", pattern))).fetchone()
    assert found == (is_there,)


def test_of_very_many_words_the_first_are_kept(ground: Ground) -> None:
    many = [f"{number:07}ü" * 20 for number in range(9_000)]
    row = word.row([("1.2.3:", many)])
    assert word.MOST - 500 < len(row.encode()) <= word.MOST
    select = "SELECT length(array_to_tsvector(string_to_array(%s, ' ')))"
    found = ground.connection.execute(select, (row,)).fetchone()
    assert found == (row.count(" ") + 1,)


@pytest.fixture(scope="module")
def ground(postgres: Postgres, ready: str) -> Iterator[Ground]:
    with postgres.database(ready) as url, closing(Ground(url)) as made:
        yield made


RECORDS = 3_000


@pytest.fixture(scope="module")
def world(ground: Ground) -> DatabaseSearching:
    """Three thousand calls: every tenth of one number, each second of one status, ten of one contact."""
    made = DatabaseSearching(ground)
    ids = made.ledger.create(
        *(
            {
                "hs_timestamp": f"2025-01-{n * 7 % 28 + 1:02}T{n % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
                "hs_call_title": "Call about an invoice" if n % 300 else "Ask for Amara",
                "hs_call_from_number": f"+4930{n % 300}",
                "hs_call_status": "COMPLETED" if n % 2 else "BUSY",
            }
            for n in range(RECORDS)
        )
    )
    (contact,) = made.ledger.create({"firstname": "Amara"}, type_=CONTACTS)
    for id_ in ids[::300]:
        made.ledger.tie(id_, contact)
    for name, value in (("hs_call_from_number", "+49301"), ("hs_call_status", "BUSY")):
        made.check(where(name, "EQ", value))
    ground.connection.execute("VACUUM ANALYZE search_entry, search_words, record, association")
    return made


def plan(world: DatabaseSearching, statement: Statement) -> str:
    """How a statement is carried out."""

    async def explain() -> str:
        rows = await world.ground.database.fetch(f"EXPLAIN (COSTS off) {statement.text}", *statement.values)
        return "\n".join(row[0] for row in rows)

    return world.ground.runner.run(explain())


def indexed(world: DatabaseSearching, query: Query) -> tuple[Selection, dict[str, str]]:
    """The statements of a query, and by property the index that it is in."""
    world.check(query)
    there = world.ground.runner.run(
        world.ground.database.look(lambda connection: state(connection, world.ledger.portal, [CALLS]))
    )
    layout = there.layouts[CALLS].layout
    names = {part.values[0].name: f"search_entry_{part.column}" for part in layout.parts if part.column}
    return Selection(query, world.ledger.portal, layout, TYPE, lambda type_id: None), names


NUMBER = Condition(of("hs_call_from_number"), "EQ", ("+49307",))
BUSY = Condition(of("hs_call_status"), "EQ", ("BUSY",))


def test_an_equality_is_counted_and_found_in_its_index(world: DatabaseSearching) -> None:
    made, names = indexed(world, Query(groups=((NUMBER,),)))
    assert f"Only Scan using {names['hs_call_from_number']}" in plan(world, made.count())
    assert names["hs_call_from_number"] in plan(world, made.found())


def test_a_span_is_counted_in_its_index(world: DatabaseSearching) -> None:
    span = Condition(of("hs_timestamp"), "BETWEEN", (1_735_689_600_000, 1_735_700_000_000))
    made, names = indexed(world, Query(groups=((span,),), sort=NEWEST))
    assert f"Only Scan using {names['hs_timestamp']}" in plan(world, made.count())


@pytest.mark.parametrize("falls", [True, False])
def test_a_walk_goes_along_the_index_of_the_sort(world: DatabaseSearching, falls: bool) -> None:
    made, names = indexed(world, Query(groups=((BUSY,),), sort=Sort(of("hs_timestamp"), falls)))
    walked = made.walked(50)
    assert walked is not None
    found = plan(world, walked)
    assert f"Scan {'Backward ' * falls}using {names['hs_timestamp']}" in found
    assert "search_entry_pkey" not in found


def test_a_walk_stays_in_the_span_that_is_asked_for(world: DatabaseSearching) -> None:
    span = Condition(of("hs_timestamp"), "BETWEEN", (1_735_700_000_000, 1_736_700_000_000))
    for conditions in ((span,), (BUSY, span)):
        made, names = indexed(world, Query(groups=(conditions,), sort=NEWEST))
        walked = made.walked(50)
        assert walked is not None
        found = plan(world, walked)
        assert re.search(rf"using {names['hs_timestamp']} .*\n.*Index Cond: .*n\d+ >= .* AND .*n\d+ <= ", found)


def test_few_are_found_in_the_index_that_tells_most(world: DatabaseSearching) -> None:
    made, names = indexed(world, Query(groups=((BUSY, NUMBER),), sort=NEWEST))
    assert names["hs_call_from_number"] in plan(world, made.found())
    assert names["hs_timestamp"] not in plan(world, made.found())


def test_the_calls_of_a_contact_start_from_the_contact(world: DatabaseSearching) -> None:
    (contact,) = world.ledger.records[CONTACTS]
    made, _ = indexed(world, Query(groups=((Condition(Field(CONTACTS, "linked"), "EQ", (contact,)),),), sort=NEWEST))
    found = plan(world, made.gathered())
    assert "using search_entry_pkey" in found


def test_rare_words_are_found_in_their_index(world: DatabaseSearching) -> None:
    made, _ = indexed(world, Query(words=("ask", "amara"), searched=SEARCHED))
    found = plan(world, made.gathered())
    assert "search_words_words" in found
    assert "search_entry" not in found
