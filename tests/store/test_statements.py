"""Each statement about what is a portal's own says of which portal, so that a server of many nodes sends it to one."""

import re

import pytest
from hypothesis import given, settings
from store import shape, statements
from store.ledger import PORTAL
from store.searching import queries

from trunkline.crm.query import Query
from trunkline.store.postgres.database import SCHEMA

FOR_ALL = {
    "jobs.OPEN": "who carries out jobs begins with those of all portals",
    "jobs.OLDEST": "jobs are forgotten by their age, one by one",
    "jobs.TALLY": "the metrics tell of all portals together",
    "bench.NOTES": "a process that starts takes in the clocks and faults of all portals",
    "watch.ANY": "rows are kept while any portal has a checkpoint",
    "search.tables.BEHIND": "who keeps the index up looks for the portals that need it",
    "search.tables.LAG": "the metrics tell of all portals together, unless one is named",
}
"""What is asked of all portals at once, by one process and not for a request."""

LOOSE = {
    "a table without a condition": "SELECT id FROM record",
    "another column": "SELECT id FROM record WHERE type = $1",
    "one of two tables": "SELECT 1 FROM record AS r JOIN association AS a ON a.source = r.id WHERE r.portal = $1",
    "either of two": "SELECT 1 FROM record WHERE portal = $1 OR portal = $2",
    "more than one portal": "SELECT 1 FROM record WHERE portal > $1",
    "a query in a condition": "SELECT 1 FROM head WHERE portal = $1 AND EXISTS (SELECT 1 FROM job WHERE id = $2)",
    "a query in the list": "SELECT (SELECT count(*) FROM job) FROM head WHERE portal = $1",
    "a named query": "WITH j AS (SELECT portal FROM job) SELECT 1 FROM j JOIN head AS h ON h.portal = j.portal",
    "one side of a union": "SELECT 1 FROM head WHERE portal = $1 UNION ALL SELECT 1 FROM head",
    "a row of no portal": "INSERT INTO list (id, detail) VALUES ($1, $2)",
    "rows of whatever portal": "INSERT INTO list (portal, id, detail) SELECT portal, id, $1 FROM list_folder",
    "rows from elsewhere": "INSERT INTO list (portal, id, detail) SELECT p, 1, $1 FROM unnest($2::bigint[]) AS p",
    "a change": "UPDATE job SET state = $1 WHERE id = $2",
    "a removal by another table": "DELETE FROM job USING head WHERE head.portal = $1 AND job.id = $2",
}
BOUND = {
    "directly": "SELECT 1 FROM record WHERE portal = $1 AND type = $2",
    "by a join": "SELECT 1 FROM head AS h LEFT JOIN definition AS d ON d.portal = h.portal WHERE h.portal = $1",
    "by the query around it": (
        "SELECT 1 FROM record AS r WHERE portal = $1 AND EXISTS (SELECT 1 FROM departed AS d WHERE d.portal = r.portal)"
    ),
    "by a query in its place": (
        "SELECT 1 FROM (SELECT portal FROM head WHERE portal = $1) AS h JOIN record AS r ON r.portal = h.portal"
    ),
    "by rows that are": "INSERT INTO list (portal, id, detail) SELECT portal, 1, $2 FROM head WHERE portal = $1",
    "a table of the server": "SELECT 1 FROM portal WHERE removed IS NULL",
}


@pytest.mark.parametrize("name", LOOSE)
def test_what_is_bound_to_no_portal_is_noticed(name: str) -> None:
    assert shape.looked_at(LOOSE[name], statements.OWNED).loose


@pytest.mark.parametrize("name", BOUND)
def test_what_is_bound_to_one_is_not(name: str) -> None:
    assert not shape.looked_at(BOUND[name], statements.OWNED).loose


def test_the_tables_of_a_portal_are_told_from_the_others() -> None:
    assert {"head", "record", "change", "job_chunk", "search_entry"} <= statements.OWNED
    assert not statements.OWNED & {"portal", "app", "person", "person_portal", "credential", "event"}


@pytest.mark.parametrize("name", statements.constants())
def test_a_statement_says_of_which_portal(name: str) -> None:
    found = shape.looked_at(statements.constants()[name], statements.OWNED)
    if name in FOR_ALL:
        assert found.loose, "it could be taken out of the list"
    else:
        assert (found.loose, len(found.values) <= 1) == ([], True), found


@pytest.mark.parametrize("name", statements.functions())
def test_a_function_looks_at_its_portal_only_and_finds_it_from_anywhere(name: str) -> None:
    for statement in statements.functions()[name]:
        found = shape.looked_at(statement, statements.OWNED)
        assert found.loose == [] and found.values <= {shape.VALUE}, statement
    made = re.search(rf"CREATE FUNCTION {name}\(.*?AS \$\$", statements.SCHEMA, re.DOTALL)
    assert made and "SET search_path FROM CURRENT" in made[0], f"a worker of Citus does not look into {SCHEMA}"


def test_statements_about_a_portal_are_constants_of_their_modules() -> None:
    about = re.compile(rf"\b(FROM|JOIN|INTO|UPDATE)\s+({'|'.join(statements.OWNED)})\b")
    assert [place for place, text in statements.literals() if about.search(text)] == []


@settings(deadline=None, max_examples=200)
@given(queries)
def test_a_search_says_of_which_portal(query: Query) -> None:
    for text, values in statements.searches(query, PORTAL):
        found = shape.looked_at(text, statements.OWNED)
        assert found.loose == [], text
        assert {values[int(place[1:]) - 1] for place in found.values} == {PORTAL}, text
