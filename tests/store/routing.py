"""What Citus does with a statement: to how many servers it goes, and what they are sent."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from trunkline.store.postgres.database import SCHEMA

TEXTS = ("text", "bytea")

TYPES = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'planned'"
TASKS = re.compile(r"Task Count: (\d+)")
PARTS = ("pull to coordinator", "Distributed Subplan")
"""What a plan says that does some of its work on the coordinator."""


class Planner:
    """Asks Citus for plans."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        connection.execute(SQL("SET search_path = {}").format(Identifier(SCHEMA)))
        self._connection = connection

    def is_one_task(self, statement: str, values: Sequence[object] | None = None) -> bool:
        """Whether a statement is sent to one server whole; one without values is planned with some."""
        with self._prepared(statement):
            row = self._connection.execute(TYPES).fetchone() or ((),)
            bound = list(map(_sample, row[0])) if values is None else values
            execute = SQL("EXECUTE planned {}").format(_arguments(bound))
            rows = self._connection.execute(SQL("EXPLAIN (COSTS OFF) {}").format(execute)).fetchall()
        plan = "\n".join(row[0] for row in rows)
        return TASKS.findall(plan) == ["1"] and not any(part in plan for part in PARTS)

    @contextmanager
    def _prepared(self, statement: str) -> Iterator[None]:
        self._connection.execute(f"PREPARE planned AS {statement}".encode())
        try:
            yield
        finally:
            self._connection.execute("DEALLOCATE planned")


def _sample(type_: str) -> object:
    """A value of a type."""
    one = "1" if type_.removesuffix("[]") in TEXTS else 1
    return [one] if type_.endswith("[]") else one


def _arguments(values: Sequence[object]) -> Composable:
    return SQL("({})").format(SQL(", ").join(map(Literal, values))) if values else SQL("")


async def sent(url: str, work: Callable[[Any], Awaitable[object]]) -> list[str]:
    """The commands that the coordinator sends to other servers for what is done on a connection."""
    settings = {"search_path": SCHEMA, "citus.log_remote_commands": "on", "client_min_messages": "notice"}
    connection = await asyncpg.connect(url, server_settings=settings)
    told: list[str] = []
    connection.add_log_listener(lambda _, message: told.append(str(message.message)))
    try:
        await work(connection)
        await connection.execute("SELECT 1")  # what was told before is heard by then
    finally:
        await connection.close()
    return [text.removeprefix("issuing ") for text in told if text.startswith("issuing ")]
