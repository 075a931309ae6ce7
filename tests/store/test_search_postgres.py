"""The search index on PostgreSQL finds what a plain look at every record finds."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from cluster import Postgres
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from store.postgres_ledger import DatabaseLedger
from store.searching import SearchConformance, Searching, edits, queries

from trunkline.clock import Clock
from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.query import Every, Not, Query, Some, Test, Within
from trunkline.store.postgres.database import Database
from trunkline.store.postgres.schema import migrate
from trunkline.store.postgres.search import SearchIndex, answer, condition, entry, follow, layout, tables
from trunkline.store.protocol import Hits


class Ground:
    """A database, with connections to it, and the number of the next portal."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.runner.run(migrate(url))
        self.database = Database(url, connections=4)
        self.runner.run(self.database.open())
        self.connection: psycopg.Connection[Any] = psycopg.connect(
            url, autocommit=True, options="-c search_path=trunkline"
        )
        self.portal = 100

    def close(self) -> None:
        self.connection.close()
        self.runner.run(self.database.close())
        self.runner.close()


class DatabaseSearching(Searching):
    """A ledger in a new portal, and the index of it."""

    def __init__(self, ground: Ground) -> None:
        ground.portal += 1
        self.ground = ground
        self.ledger: DatabaseLedger = DatabaseLedger(ground.connection, ground.portal)
        self.runner = ground.runner
        self.reopen()

    def reopen(self) -> None:
        self.index = SearchIndex(self.ground.database, Clock(), shipped_types(), wait=60, limit=60)

    async def hits(self, query: Query, type_: ObjectType) -> Hits:
        return await self.index.search(self.ledger.portal, type_, self._here(query))

    async def counted(self, query: Query, type_: ObjectType, cuts: Sequence[Cut]) -> Counted:
        return await self.index.tabulate(self.ledger.portal, type_, self._here(query), cuts)

    def _here(self, query: Query) -> Query:
        return query if query.test is None else replace(query, test=here(query.test, self.ledger.portal))


def here(test: Test, portal: int) -> Test:
    """The test with the lists of a portal."""
    match test:
        case Within(_, list_):
            return Within(portal, list_)
        case Every(parts):
            return Every(tuple(here(part, portal) for part in parts))
        case Some(parts):
            return Some(tuple(here(part, portal) for part in parts))
        case Not(part):
            return Not(here(part, portal))
    return test


@pytest.fixture(scope="module")
def ground(postgres: Postgres) -> Iterator[Ground]:
    with postgres.database() as url, closing(Ground(url)) as made:
        yield made


def work_in_small_stretches(patch: pytest.MonkeyPatch) -> None:
    """Lets the index be made two or three records at a time, with few columns, which keep little of a text."""
    small = (follow, "RECORDS", 3), (follow, "BLOCKED", 0), (tables, "BYTES", 200), (layout, "COLUMNS", 1)
    for module, name, few in (*small, (entry, "LONGEST", 3), (condition, "LONGEST", 3), (answer, "SPARE", (1, 0))):
        patch.setattr(module, name, few)


@contextmanager
def searching(ground: Ground, *, small: bool) -> Iterator[DatabaseSearching]:
    with pytest.MonkeyPatch.context() as patch:
        if small:
            work_in_small_stretches(patch)
        yield DatabaseSearching(ground)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(edits | queries | st.just("reopen"), min_size=2, max_size=25), st.booleans())
def test_a_search_finds_what_a_look_at_each_record_finds(ground: Ground, steps: list[Any], small: bool) -> None:
    with searching(ground, small=small) as world:
        world.replay(steps)


class TestDatabase(SearchConformance):
    """A portal with few records, with the index as it is, and then with one that is made in small stretches."""

    @pytest.fixture(params=["large", "small"])
    def world(self, request: pytest.FixtureRequest, ground: Ground) -> Iterator[Searching]:
        with searching(ground, small=request.param == "small") as made:
            yield made
