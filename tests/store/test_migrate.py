"""`trunkline migrate`: what it does to databases, and what it says of those that it does not change."""

import asyncio
import subprocess
import sys

import psycopg
import pytest
from cluster import Postgres
from server import environment
from typer.testing import CliRunner, Result

from trunkline.cli import app
from trunkline.store.postgres.database import Database
from trunkline.store.postgres.schema import migrate as bring
from trunkline.store.postgres.step import is_newest

OPENING = """
import asyncio, sys
from trunkline.clock import Clock
from trunkline.store.postgres.store import PostgresStore

async def main():
    store = PostgresStore(sys.argv[1], Clock())
    await store.open()
    await store.close()

asyncio.run(main())
print("made" if {"alembic", "sqlalchemy"} & sys.modules.keys() else "found")
"""


def migrate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ("migrate", *arguments))


def schemas(url: str) -> int:
    with psycopg.connect(url) as connection:
        (many,) = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'trunkline'").fetchone() or (0,)
    return int(many)


def test_an_empty_database_comes_to_the_newest_step_and_stays_there(postgres: Postgres) -> None:
    with postgres.database() as url:
        made, again = migrate("--data", url), migrate("--data", url)
        assert (made.exit_code, made.stdout.endswith(", the database had none.\n")) == (0, True), made.output
        step = made.stdout.removesuffix(", the database had none.\n")
        assert (again.exit_code, again.stdout) == (0, f"{step}.\n")


def test_an_address_has_the_options_that_postgres_knows(postgres: Postgres) -> None:
    with postgres.database() as url:
        done = migrate("--data", f"{url}?sslmode=prefer&application_name=steps")
        assert done.exit_code == 0, done.output


def test_a_store_knows_by_itself_whether_a_database_is_at_the_newest_step(postgres: Postgres) -> None:
    async def test(url: str) -> None:
        database = Database(url, connections=1)
        await database.open()
        assert not await is_newest(database)
        await bring(url)
        assert await is_newest(database)
        await database.write(lambda connection: connection.execute("UPDATE alembic_version SET version_num = '0001'"))
        assert not await is_newest(database)
        await database.close()

    with postgres.database() as url:
        asyncio.run(test(url))


def test_serving_a_database_loads_nothing_that_migrates_unless_it_has_to(postgres: Postgres) -> None:
    with postgres.database() as url:
        assert [opened(url), opened(url)] == ["made\n", "found\n"]


def opened(url: str) -> str:
    done = subprocess.run([sys.executable, "-c", OPENING, url], capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_database_that_is_ahead_is_refused(postgres: Postgres) -> None:
    with postgres.database() as url:
        migrate("--data", url)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE trunkline.alembic_version SET version_num = '9999'")
        refused = migrate("--data", url)
        assert (refused.exit_code, "Use a newer Trunkline" in refused.stderr) == (2, True), refused.output


def test_citus_is_refused_where_it_is_not_loaded(postgres: Postgres) -> None:
    with postgres.database() as url:
        refused = migrate("--data", url, "--citus")
        assert (refused.exit_code, "shared_preload_libraries" in refused.stderr) == (2, True), refused.output
        assert schemas(url) == 0, "nothing was made"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://127.0.0.1:1/none", "cannot be made ready"),
        ("postgresql://127.0.0.1:port/none", "cannot be made ready"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told(address: str, said: str) -> None:
    refused = migrate("--data", address)
    assert (refused.exit_code, said in refused.stderr) == (2, True), refused.output


def test_a_file_migrates_itself() -> None:
    told = migrate("--data", "calls.db")
    assert (told.exit_code, told.stdout) == (0, "calls.db is a SQLite file: it is migrated when it is served.\n")
    assert migrate("--data", "calls.db", "--citus").exit_code == 2
