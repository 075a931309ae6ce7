"""Backups of both engines: what is restored from one is the store that was backed up."""

import asyncio
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import apsw
import httpx
import pytest
from cluster import Postgres
from copying.carrying import Broken, compared, copied, different
from copying.making import answers, large, used
from server import Server, attempt, run, start
from store.conformance import CALLS, create

from trunkline.crm.plan import Wanted
from trunkline.store.protocol import Store, StoreRefused
from trunkline.store.sqlite.backup import back_up


def test_a_backup_of_a_file_is_the_store_in_one_file(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "backup" / "store.db"
    out.parent.mkdir()
    done = run("backup", "--data", str(store), "--out", str(out))
    assert done.stdout == done.stderr == ""
    assert [path.name for path in out.parent.iterdir()] == ["store.db"]
    assert different(compared(store, out)) == []
    assert answers(out) == answers(store)


def test_a_backup_is_of_one_moment_and_holds_nobody_up(store: Path, tmp_path: Path) -> None:
    before, out = Path(shutil.copy(store, tmp_path / "before.db")), tmp_path / "backup.db"
    left: list[int] = []

    async def write_meanwhile(store_: Store) -> None:
        loop, portal = asyncio.get_running_loop(), (await store_.portals())[0]
        version = await store_.version(portal)

        def told(pages: int, all_: int) -> None:
            left.append(pages)
            write = store_.write(portal, CALLS, version, Wanted(room=1), create(f"meanwhile {pages}"))
            asyncio.run_coroutine_threadsafe(write, loop).result(30)

        await asyncio.to_thread(back_up, str(store), out, told)

    used(store, write_meanwhile)
    assert len(left) > 1
    assert left == sorted(set(left), reverse=True)
    assert left[-1] == 0
    assert different(compared(before, out)) == []
    assert different(compared(store, out)) == ["record", "change", "unique_value"]


def test_the_shell_of_sqlite_makes_a_backup_too(store: Path, tmp_path: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("no sqlite3 on the path")
    out = tmp_path / "backup.db"

    async def back_up_meanwhile(serving: Store) -> None:
        done = await asyncio.create_subprocess_exec(shell, str(store), f"VACUUM INTO '{out}'")
        assert await done.wait() == 0

    used(store, back_up_meanwhile)
    assert different(compared(store, out)) == []


class Client(threading.Thread):
    """Upserts batches until it is told to stop; `acknowledged` are the titles that were written, in order."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.acknowledged: list[str] = []
        self.over = threading.Event()
        self.begun = threading.Event()

    def run(self) -> None:
        with self._server.client() as client:
            while not self.over.is_set():
                title = str(len(self.acknowledged))
                values = {"hs_timestamp": "2025-04-24T20:01:33Z", "hs_call_title": title}
                batch = [{"idProperty": "ext_ref", "id": f"K{n}", "properties": values} for n in range(20)]
                batch.append({"idProperty": "ext_ref", "id": f"T{title}", "properties": values})
                client.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": batch}).raise_for_status()
                self.acknowledged.append(title)
                if len(self.acknowledged) > 3:
                    self.begun.set()


def test_a_backup_under_load_has_what_was_acknowledged_and_no_batch_by_half(tmp_path: Path) -> None:
    data, out = tmp_path / "calls.db", tmp_path / "backup.db"
    server = start(data)
    server.define()
    client = Client(server)
    client.start()
    assert client.begun.wait(30)
    acknowledged = len(client.acknowledged)
    run("backup", "--data", str(data), "--out", str(out))
    possible = len(client.acknowledged) + 1
    client.over.set()
    client.join()
    server.kill()
    _restore(out, data)
    restored = start(data)
    with restored.client() as asked:
        (title,) = {_title(asked, f"K{number}") for number in range(20)}
        assert acknowledged <= int(title) + 1 <= possible
        assert all(_title(asked, f"T{number}") == str(number) for number in range(int(title) + 1))
        assert (
            asked.get(f"/crm/v3/objects/calls/T{int(title) + 1}", params={"idProperty": "ext_ref"}).status_code == 404
        )
    restored.stop()


def _restore(backup: Path, data: Path) -> None:
    """As docs/how-to/back-up.md says."""
    shutil.copy(backup, data)
    for suffix in ("-wal", "-shm"):
        data.with_name(data.name + suffix).unlink(missing_ok=True)


def _title(client: httpx.Client, key: str) -> str:
    asked = {"idProperty": "ext_ref", "properties": "hs_call_title"}
    return str(client.get(f"/crm/v3/objects/calls/{key}", params=asked).json()["properties"]["hs_call_title"])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("nowhere.db", "There is no store at"),
        ("other.db", "of another program"),
        ("text.db", "cannot be opened as a store"),
        ("half.db", "half of a copy"),
        (":memory:", "see pg_dump"),
        ("postgresql://127.0.0.1/none", "see pg_dump"),
    ],
)
def test_what_is_no_store_is_not_backed_up(data: str, told: str, store: Path, tmp_path: Path) -> None:
    with apsw.Connection(str(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE x (y)")
    (tmp_path / "text.db").write_text("text" * 1000)

    def stop(table: str, rows: int) -> None:
        raise Broken

    with pytest.raises(Broken):
        copied(store, tmp_path / "half.db", stop)
    where = data if ":" in data else str(tmp_path / data)
    done = attempt("backup", "--data", where, "--out", str(tmp_path / "backup.db"))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("backup")]


def test_a_backup_replaces_none_and_leaves_nothing_of_one_that_failed(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "backup.db"

    def fail(pages: int, all_: int) -> None:
        raise Broken

    with pytest.raises(Broken):
        back_up(str(store), out, fail)
    assert not list(tmp_path.glob("backup*"))
    out.write_text("precious")
    with pytest.raises(StoreRefused, match="is there already"):
        back_up(str(store), out, fail)
    assert out.read_text() == "precious"


def test_a_database_is_restored_from_a_dump_that_was_made_while_it_was_served(
    programs: Path, postgres: Postgres, template: str, store: Path, tmp_path: Path
) -> None:
    dump = tmp_path / "trunkline.dump"
    with postgres.database(template) as url, postgres.database() as restored:
        copied(store, url)

        async def back_up_meanwhile(store: Store) -> None:
            await asyncio.to_thread(_run, programs, "pg_dump", url, "-n", "trunkline", "-F", "c", "-f", str(dump))

        used(url, back_up_meanwhile)
        _run(programs, "pg_restore", restored, "--no-owner", "-d", _name(restored), str(dump))
        assert different(compared(url, restored)) == different(compared(store, restored)) == []
        assert answers(restored) == answers(store)
        used(restored, lambda store: large(store, 1_000_001, 1))


def _run(programs: Path, program: str, url: str, *arguments: str) -> None:
    """Runs one of PostgreSQL's programs on the database at a URL."""
    if not (programs / program).is_file():
        pytest.skip(f"no {program} beside the server")
    parts = urlsplit(url)
    variables = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": _name(url),
    }
    done = subprocess.run([programs / program, *arguments], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
