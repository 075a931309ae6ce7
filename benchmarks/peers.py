"""Trunkline beside what else one could install to take batches of calls: the same hundred calls, the same load.

    make bench-peers        (or .venv/bin/python benchmarks/peers.py [--seconds 8] [--rounds 2] [--only NAME ...])

Installs the peers from PyPI and npm into build/peers, at the newest versions that there are, starts each as its own
documentation says, with an empty store, and sends batches over 8 kept connections: new calls, then changes of these.
Those that store are asked how many calls they have after each stretch, and what they do when a batch comes again.
What stands between HTTP and disk is a bare loop's, the yardstick of the other measurements.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from statistics import median

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests"))

import apsw
import httpx
from msgspec import Struct, field

from benchmarks.bare import Bare, prepare
from benchmarks.calls import BATCH, KEY, Round
from benchmarks.forms import FORMS, RECORDS
from benchmarks.load import Job
from benchmarks.machine import facts
from benchmarks.measure import Generator
from benchmarks.server import TOKEN, Server
from benchmarks.stores import Stores

CONNECTIONS = 8
FIRST = 10
"""Batches by which the pace of a peer is judged."""

MOST = 4000
"""Batches of one stretch at most."""

PATIENCE = 60.0
"""Seconds that a peer may take to start."""


class Stretch(Struct, frozen=True):
    """One stretch of load: records a second, and the sorted seconds of each batch."""

    rate: float
    latencies: list[float]

    def latency(self, share: float) -> float:
        """Milliseconds in which this share of the batches was answered."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1000


class Line(Struct):
    """What was measured of one peer, by what was sent, and what it is."""

    name: str
    version: str
    durability: str
    again: str
    stretches: dict[str, list[Stretch]] = field(default_factory=dict)
    memory: int = 0


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


class Turn:
    """One run of one peer, from an empty store."""

    def __init__(self, running: Running, seconds: float) -> None:
        self._running, self._seconds = running, seconds
        self._known, self._version, self._batches = 0, 1, 0

    def new(self) -> Stretch:
        """New calls, as many as take about so many seconds at the pace of the first."""
        first = self._send(Round("new", 0, FIRST, 0))
        self._batches = min(MOST, max(FIRST, int(first.rate / BATCH * self._seconds)))
        return self._send(Round("new", self._known, self._batches, 0))

    def updates(self) -> Stretch:
        """Changes of known ones."""
        return self._send(Round("updates", self._known, self._batches, self._version))

    def again(self) -> str:
        """What is there after the first batch was sent once more."""
        if self._running.count is None:
            return "answers as before"
        self._send(Round("new", 0, 1, 0))
        return "no duplicate"

    def _send(self, round_: Round) -> Stretch:
        """Sends a round; raises unless what stores has all calls once."""
        running = self._running
        with Generator(Job(running.url, running.token, round_, CONNECTIONS, None, running.form)) as generator:
            os.sync()
            outcome = generator.go()
        self._known = max(self._known, round_.known + round_.created)
        self._version += round_.batches
        if running.count is not None and (there := running.count()) != self._known:
            raise RuntimeError(f"{there} calls, not {self._known}")
        return Stretch(round_.batches * BATCH / outcome.seconds, sorted(outcome.latencies))


def require_answers(running: Running) -> None:
    """Raises unless each call of a batch is answered, by those that answer more than a constant."""
    form = FORMS[running.form]
    headers = {"content-type": "application/json"}
    headers |= {"authorization": f"Bearer {running.token}"} if running.token else {}
    sent = form.write(Round("new", 0, 1, 0).plan()[0])
    answer = httpx.post(running.url + form.path, content=sent, headers=headers, trust_env=False, timeout=60)
    told = answer.raise_for_status().text.count("hs_call_title")
    if told not in (0, BATCH):
        raise RuntimeError(f"{told} calls were answered: {answer.text[:300]}")
    print(f"… {told} of {BATCH} calls are told in an answer of {len(answer.content):,} bytes", file=sys.stderr)


def measured(peer: Peer, line: Line, folder: Path, seconds: float) -> None:
    """Adds a turn of a peer to what is known of it."""
    with tempfile.TemporaryDirectory(dir=folder) as empty, peer.run(folder, Path(empty)) as running:
        require_answers(running)
        turn = Turn(running, seconds)
        for name, work in (("new", turn.new), ("updates", turn.updates)):
            line.stretches.setdefault(name, []).append(work())
        line.memory = max(line.memory, running.memory())
        line.again = turn.again()


def bare(folder: Path, seconds: float) -> Line:
    """The bare loop, a batch to a commit, with its rows and no HTTP."""
    line = Line("bare loop, no HTTP", "", "power loss", "no duplicate")
    stores = Stores(folder / "stores", None)
    try:
        loop = Bare(str(stores.copy(stores.fresh(), "bare.db")), "full")
        batches = int(40_000 / BATCH * seconds)
        for name, round_ in (
            ("new", Round("new", 0, batches, 0)),
            ("updates", Round("updates", batches * BATCH, batches, 1)),
        ):
            os.sync()
            taken = loop.run(prepare(round_), 4.0)
            line.stretches[name] = [Stretch(batches * BATCH / taken, [0.0])]
        loop.close()
    finally:
        stores.clear()
    return line


def table(lines: Sequence[Line]) -> str:
    """All lines, as Markdown."""
    head = [
        "",
        "new, records/s",
        "updates, records/s",
        "p50 / p99 of 100, ms",
        "memory, MiB",
        "what is kept survives",
        "the same batch again",
    ]
    rows = [head, ["---"] * len(head), *map(_row, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(line: Line) -> list[str]:
    rates = [f"{median(each.rate for each in line.stretches[name]):,.0f}" for name in ("new", "updates")]
    last = line.stretches["new"][-1]
    times = f"{last.latency(0.5):.0f} / {last.latency(0.99):.0f}" if line.memory else ""
    memory = f"{line.memory / 2**20:.0f}" if line.memory else ""
    return [f"{line.name} {line.version}".strip(), *rates, times, memory, line.durability, line.again]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each stretch (8)")
    parser.add_argument("--rounds", type=int, default=2, help="turns of all peers (2)")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/peers"), help="where peers are installed (build/peers)"
    )
    parser.add_argument("--only", nargs="*", default=list(PEERS), help="names of peers")
    options = parser.parse_args()
    folder = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, Line] = {}
    for name in options.only:
        try:
            lines[name] = Line(name, PEERS[name].install(folder), PEERS[name].durability, "")
        except (OSError, subprocess.CalledProcessError) as cause:
            print(f"{name} could not be installed: {cause}", file=sys.stderr)
    for _ in range(options.rounds):
        for name, line in lines.items():
            measured(PEERS[name], line, folder, options.seconds)
            print(f"… {name}: {line.stretches['new'][-1].rate:,.0f} records/s", file=sys.stderr, flush=True)
    for name, fact in facts(folder).items():
        print(f"{name}: {fact}")
    print(table([bare(folder, options.seconds), *lines.values()]))


if __name__ == "__main__":
    main()
