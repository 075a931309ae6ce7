"""What else one could install to take batches of calls: how each is installed, and started as its documents say."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import apsw
import httpx
from msgspec import Struct

from benchmarks.bare import prepare
from benchmarks.calls import KEY, Round
from benchmarks.forms import FORMS, RECORDS
from benchmarks.server import TOKEN, Server

PATIENCE = 60.0
"""Seconds that a peer may take to start."""


class Running:
    """A peer that runs: where, how a batch is written for it, with which token. `count` asks how many calls it has."""

    def __init__(
        self, url: str, form: str, token: str = "", count: Callable[[], int] | None = None, process: int | None = None
    ) -> None:
        self.url, self.form, self.token, self.count, self.process = url, form, token, count, process

    def memory(self) -> int:
        """Bytes of resident memory, of the process and those that it started."""
        return 0 if self.process is None else sum(_resident(each) for each in _family(self.process))


class Peer(Struct, frozen=True):
    """Something to measure. `install` returns its version; `run` starts it over an empty store."""

    name: str
    durability: str
    install: Callable[[Path], str]
    run: Callable[[Path, Path], AbstractContextManager[Running]]


class Folder(Struct, frozen=True):
    """Where peers are installed."""

    path: Path

    @property
    def python(self) -> Path:
        """The programs of those from PyPI."""
        return self.path / "python" / "bin"

    @property
    def node(self) -> Path:
        """The programs of those from npm."""
        return self.path / "node" / "node_modules" / ".bin"


def _pip(folder: Path, package: str) -> str:
    own = Folder(folder).python
    if not own.exists():
        subprocess.run([sys.executable, "-m", "venv", own.parent], check=True)
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([own / "python", "-m", "pip", "install", *quiet, "--pre", package], check=True)
    asked = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([own / "python", "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def _npm(folder: Path, package: str) -> str:
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm")
    home = Folder(folder).node.parent.parent
    home.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), package]
    subprocess.run(command, check=True, capture_output=True)
    return str(json.loads((home / "node_modules" / package / "package.json").read_text())["version"])


def _free() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _program(command: Sequence[object], url: str, folder: Path, **environment: str) -> Iterator[int]:
    """A program that runs until the end, its id; it has started when its port takes connections."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            start_new_session=True,
        )
        try:
            _wait(url, process, folder / "log")
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, trust_env=False, timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError(log.read_text(errors="replace")[-2000:])


def _family(process: int) -> list[int]:
    found = subprocess.run(["pgrep", "-g", str(os.getpgid(process))], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()] or [process]


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _nothing(folder: Path) -> str:
    from trunkline import __version__

    return __version__


@contextmanager
def _trunkline(folder: Path, empty: Path) -> Iterator[Running]:
    """On its embedded store, which syncs each commit."""
    path = empty / "trunkline.db"
    with Server(path, "full") as server:
        server.define()
        yield Running(server.url, "upsert", TOKEN, lambda: _records(path), server._process.pid)


def _records(path: Path) -> int:
    return _number(path, "SELECT count(*) FROM record")


def _number(path: Path, select: str) -> int:
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        ((number,),) = connection.execute(select).fetchall()
        return int(str(number))


@contextmanager
def _postgres(folder: Path, empty: Path) -> Iterator[Running]:
    """On a PostgreSQL of its own, as its package is configured: each commit is synced."""
    from cluster import Cluster, programs

    with Cluster(programs()) as cluster, cluster.database() as url, Server(url, "full") as server:
        server.define()

        def count() -> int:
            with cluster.connected(url) as connection:
                row = connection.execute("SELECT count(*) FROM trunkline.record").fetchone()
            assert row is not None
            return int(row[0])

        yield Running(server.url, "upsert", TOKEN, count, server._process.pid)


@contextmanager
def _datasette(folder: Path, empty: Path) -> Iterator[Running]:
    """With a write-ahead log, as its documentation advises where somebody writes, and SQLite's full synchronisation."""
    path = empty / "calls.db"
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("journal_mode", "wal")
        columns = ", ".join(f"{name} TEXT" for name in prepare(Round("new", 0, 1, 0))[0][0][1] if name != KEY)
        connection.execute(f"CREATE TABLE call ({KEY} TEXT PRIMARY KEY, {columns})")
    allowed = {"insert-row": True, "update-row": True}
    (empty / "datasette.json").write_text(json.dumps({"databases": {"calls": {"permissions": allowed}}}))
    port = _free()
    command = [Folder(folder).python / "datasette", path, "-c", "datasette.json", "-p", str(port)]
    url = f"http://127.0.0.1:{port}"
    with _program(command, url, empty) as process:
        yield Running(url, "rows", "", lambda: _number(path, "SELECT count(*) FROM call"), process)


KINTO = """
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.bucket_write_principals = system.Everyone
kinto.bucket_create_principals = system.Everyone
kinto.batch_max_requests = 100
"""


@contextmanager
def _kinto(folder: Path, empty: Path) -> Iterator[Running]:
    """In memory: its fastest store."""
    port = _free()
    (empty / "kinto.ini").write_text(KINTO.format(port=port))
    url = f"http://127.0.0.1:{port}"
    with _program([Folder(folder).python / "kinto", "start", "--ini", "kinto.ini"], f"{url}/v1/", empty) as process:
        open_to_all = {"permissions": {"write": ["system.Everyone"]}}
        for place in ("/buckets/bench", "/buckets/bench/collections/calls"):
            httpx.put(f"{url}/v1{place}", json=open_to_all, trust_env=False).raise_for_status()

        def count() -> int:
            return int(httpx.head(f"{url}/v1{RECORDS}", trust_env=False, timeout=60).headers["total-records"])

        yield Running(url, "puts", "", count, process)


def _specified() -> dict[str, object]:
    """A small specification of the operation, for servers that are made of one."""
    result = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "new": {"type": "boolean"},
            "properties": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
    answer = {"type": "object", "properties": {"results": {"type": "array", "items": result}}}
    sent = {"type": "object", "properties": {"inputs": {"type": "array", "maxItems": 100}}, "required": ["inputs"]}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": sent}}},
        "responses": {"200": {"description": "done", "content": {"application/json": {"schema": answer}}}},
    }
    about = {"title": "calls", "version": "3"}
    return {"openapi": "3.0.3", "info": about, "paths": {FORMS["upsert"].path: {"post": operation}}}


@contextmanager
def _prism(folder: Path, empty: Path) -> Iterator[Running]:
    """Its static answers, the faster of its two kinds."""
    (empty / "calls.json").write_text(json.dumps(_specified()))
    port = _free()
    command = [Folder(folder).node / "prism", "mock", "-p", str(port), "calls.json"]
    url = f"http://127.0.0.1:{port}"
    with _program(command, url, empty) as process:
        yield Running(url, "upsert", "", None, process)


@contextmanager
def _mockoon(folder: Path, empty: Path) -> Iterator[Running]:
    """A route that answers each input with itself, by a template."""
    port = _free()
    template = (
        '{"status":"COMPLETE","results":[{{#each (bodyRaw "inputs")}}'
        '{"id":"{{this.id}}","new":true,"properties":{{{stringify this.properties}}} }{{#unless @last}},{{/unless}}'
        "{{/each}}]}"
    )
    response = {"uuid": "r1", "body": template, "statusCode": 200, "bodyType": "INLINE", "default": True}
    response |= {"headers": [{"key": "Content-Type", "value": "application/json"}], "latency": 0, "rules": []}
    path = FORMS["upsert"].path.removeprefix("/")
    route = {"uuid": "t1", "type": "http", "method": "post", "endpoint": path, "responses": [response]}
    environment = {"uuid": "e1", "lastMigration": 33, "name": "calls", "port": port, "hostname": "127.0.0.1"}
    environment |= {"routes": [route], "rootChildren": [{"type": "route", "uuid": "t1"}], "folders": [], "headers": []}
    (empty / "calls.json").write_text(json.dumps(environment))
    command = [
        Folder(folder).node / "mockoon-cli",
        "start",
        "--data",
        "calls.json",
        "--repair",
        "--disable-log-to-file",
    ]
    url = f"http://127.0.0.1:{port}"
    with _program([*command, "--max-transaction-logs", "0"], url, empty) as process:
        yield Running(url, "upsert", "", None, process)


PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("Trunkline, SQLite", "power loss", _nothing, _trunkline),
        Peer("Trunkline, PostgreSQL", "power loss", _nothing, _postgres),
        Peer("Datasette", "power loss", lambda folder: _pip(folder, "datasette"), _datasette),
        Peer("Kinto, in memory", "none", lambda folder: _pip(folder, "kinto"), _kinto),
        Peer("Mockoon", "stores nothing", lambda folder: _npm(folder, "@mockoon/cli"), _mockoon),
        Peer("Prism", "stores nothing", lambda folder: _npm(folder, "@stoplight/prism-cli"), _prism),
    )
}
