"""Empty stores for the tests, on the engine that is being tried."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import LiteralString

import psycopg
from cluster import Postgres
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Identifier

ENGINES = ("sqlite", "postgres")

TABLES: LiteralString = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
SEQUENCES: LiteralString = "SELECT schemaname, sequencename, start_value FROM pg_sequences"

ROUNDS = 200
"""Deleting rows is much quicker than emptying tables, but leaves some room taken that no longer is after so many."""


class Slate:
    """A database that is wiped between two tests, which takes a fiftieth of the time that a new one does."""

    def __init__(self, url: str, connection: "psycopg.Connection[TupleRow]") -> None:
        """`connection` is to the same database, as somebody who may change all that is in it."""
        self.url = url
        self._connection = connection
        connection.execute("SET lock_timeout = '10s'")
        tables = [Identifier(*row) for row in connection.execute(TABLES).fetchall()]
        self._tables = [table for table in tables if self._empty(table)]
        self._sequences = connection.execute(SEQUENCES).fetchall()
        self._wiped = 0

    def wipe(self) -> None:
        """Makes it as it was when it was new. Fails when somebody still has rows of it in use."""
        self._wiped += 1
        delete = [SQL("DELETE FROM {}").format(table) for table in self._tables]
        truncate = [SQL("TRUNCATE {}").format(SQL(", ").join(self._tables))]
        # To alter them instead would take longer than all the rest.
        restart = [
            SQL("SELECT setval({}, {}, false)").format(Identifier(schema, name).as_string(self._connection), start)
            for schema, name, start in self._sequences
        ]
        self._connection.execute(SQL(";").join([*(delete if self._wiped % ROUNDS else truncate), *restart]))

    def _empty(self, table: Composable) -> bool:
        """What is filled when a database is made, as the step that its schema is at, is nothing that tests change."""
        return self._connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone() is None


class Slates:
    """As many of them as tests need at a time."""

    def __init__(self, server: Postgres, template: str) -> None:
        """`template` is the URL of a database that each of them is a copy of."""
        self._server = server
        self._template = template
        self._free: list[Slate] = []
        self._kept = ExitStack()

    def __enter__(self) -> "Slates":
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a clean one, to be used by one test."""
        slate = self._free.pop() if self._free else self._new()
        try:
            yield slate.url
        finally:
            slate.wipe()
            self._free.append(slate)

    def _new(self) -> Slate:
        url = self._kept.enter_context(self._server.database(self._template))
        return Slate(url, self._kept.enter_context(self._server.connected(url)))


_slates: list[Slates] = []
"""From where stores are taken; those in memory unless told otherwise."""


@contextmanager
def using(slates: Slates) -> Iterator[None]:
    """Makes `clean` lend stores on PostgreSQL."""
    _slates.append(slates)
    try:
        yield
    finally:
        _slates.pop()


@contextmanager
def clean() -> Iterator[str]:
    """Where a test has an empty store of its own, as the setting `data` says it."""
    if not _slates:
        yield ":memory:"
        return
    with _slates[-1].lent() as url:
        yield url
