"""Measures the main job on PostgreSQL against a bare loop in the same driver with the same statements.

    .venv/bin/python benchmarks/postgres.py [--batches N] [--rounds N] [--records N] [--workers 1,2]

It starts a PostgreSQL server of its own. Server and bare loop take turns on two databases of it, with the same calls.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests"))

import asyncpg
import msgspec
import uvloop
from cluster import DURABLE, Cluster, programs
from msgspec import Struct

from benchmarks.bare import APP, TYPE, Inputs, prepare
from benchmarks.calls import BATCH, KEY, MODES, Mode, Round
from benchmarks.load import Job
from benchmarks.measure import Generator, require
from benchmarks.server import TOKEN, Server
from trunkline.store.numbers import FIRST_ID
from trunkline.store.postgres.database import SCHEMA
from trunkline.store.postgres.rows import FIND
from trunkline.store.postgres.writing import APPLY

PORTAL = 1_000_001
CONNECTIONS = 8
ABREAST = (1, 8)
"""Batches that the bare loop has under way at a time, each on a connection of its own."""

COUNTED = (
    "INSERT INTO counter (portal, name, last) SELECT %(portal)s, %(name)s, max(id) FROM record HAVING max(id) > 0 "
    "ON CONFLICT (portal, name) DO UPDATE SET last = excluded.last"
)
"""The loop gives ids that the server's counter has to know of."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode

TUNED = {"shared_buffers": "1GB", "max_wal_size": "8GB", "wal_level": "replica", "autovacuum": "on"}
"""What an operator sets first; the rest is as PostgreSQL comes."""


class Stretch(Struct, frozen=True):
    """One stretch of load on one side: `abreast` batches under way in the bare loop, or so many `workers`."""

    side: str
    mode: Mode
    rate: float
    p50: float = 0.0
    p99: float = 0.0


class Bare:
    """One database, written by a loop: the two statements of a batch, and what stands between them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._next_id = FIRST_ID

    async def run(self, batches: Sequence[Inputs], abreast: int) -> float:
        """Writes batches, and returns the seconds that it took."""
        connections = [
            await asyncpg.connect(self._url, server_settings={"search_path": SCHEMA, "jit": "off"})
            for _ in range(abreast)
        ]
        try:
            last = await connections[0].fetchval("SELECT max(id) FROM record")
            self._next_id = max(self._next_id, (last or 0) + 1)
            waiting = iter(batches)
            gc.collect()
            started = time.perf_counter()
            await asyncio.gather(*(self._each(connection, waiting) for connection in connections))
            return time.perf_counter() - started
        finally:
            for connection in connections:
                await connection.close()

    async def _each(self, connection: "asyncpg.Connection[asyncpg.Record]", waiting: Iterator[Inputs]) -> None:
        for inputs in waiting:
            while not await self._write(connection, inputs):
                pass

    async def _write(self, connection: "asyncpg.Connection[asyncpg.Record]", inputs: Inputs) -> bool:
        """Writes one batch; False when another one changed a record of it meanwhile."""
        now = time.time_ns() // 1_000_000
        keys = [value for value, _ in inputs]
        rows = await connection.fetch(FIND, PORTAL, TYPE, [KEY] * len(keys), keys, [])
        held = {keys[row[1] - 1]: row for row in rows[1:]}
        new = [(value, values) for value, values in inputs if value not in held]
        created, claimed = self._created(new, now)
        updates = [_update(held[value], values, now) for value, values in inputs if value in held]
        changed = [list(column) for column in zip(*updates, strict=True)] or [[] for _ in range(10)]
        try:
            await connection.fetchval(APPLY, PORTAL, rows[0][0], [], [], [], *created, *changed, *claimed)
        except asyncpg.PostgresError as cause:
            if cause.sqlstate != "TK001":
                raise
            return False
        return True

    def _created(self, new: Inputs, now: int) -> tuple[list[list[object]], list[list[object]]]:
        many = len(new)
        ids: list[object] = list(range(self._next_id, self._next_id + many))
        self._next_id += many
        texts: list[object] = [_encode(values).decode() for _, values in new]
        times: list[object] = [now] * many
        told: list[list[object]] = [[TYPE], [now], [APP], [_encode(ids).decode()]] if new else [[], [], [], []]
        records: list[list[object]] = [[TYPE] * many, ids, texts, times, times, [APP] * many]
        return records + told, [[TYPE] * many, [KEY] * many, [value for value, _ in new], ids]


def _update(row: asyncpg.Record, new: dict[str, str], now: int) -> tuple[object, ...]:
    _, _, id_, text, _, _, _, _, previous = row
    old = _decode(text)
    detail = _encode({name: (old.get(name), after) for name, after in new.items()}).decode()
    return "update", TYPE, id_, previous, _encode(old | new).decode(), now, None, now, APP, detail


class Bench:
    """One run on one PostgreSQL server."""

    def __init__(self, cluster: Cluster, records: int, batches: int, workers: Sequence[int]) -> None:
        self._cluster = cluster
        self._records = records
        self._batches = batches
        self._workers = workers
        self.stretches: list[Stretch] = []

    def round(self) -> None:
        """All sides from the same number of calls, each on a database of its own."""
        for abreast in ABREAST:
            with self._prepared() as url:
                bare = Bare(url)
                for mode, round_ in self._rounds():
                    before = self._counts(url)
                    os.sync()
                    seconds = uvloop.run(bare.run(prepare(round_), abreast))
                    require(round_, before, self._counts(url))
                    self._add(Stretch(f"bare, {abreast} abreast", mode, self._batches * BATCH / seconds))
        for workers in self._workers:
            with self._prepared() as url, _served(url, workers) as server:
                for mode, round_ in self._rounds():
                    self._serve(url, server, workers, mode, round_)

    def _serve(self, url: str, server: Server, workers: int, mode: Mode, round_: Round) -> None:
        before = self._counts(url)
        with Generator(Job(server.url, TOKEN, round_, CONNECTIONS)) as generator:
            os.sync()
            outcome = generator.go()
        require(round_, before, self._counts(url))
        latencies = sorted(outcome.latencies)
        p50, p99 = (latencies[int(share * len(latencies))] * 1000 for share in (0.5, 0.99))
        side = f"server, {workers} worker{'s' if workers > 1 else ''}"
        self._add(Stretch(side, mode, self._batches * BATCH / outcome.seconds, p50, p99))
        server.settle()

    def _add(self, stretch: Stretch) -> None:
        print(f"… {stretch.side:<18} {stretch.mode:<8} {stretch.rate:>8,.0f} records/s", file=sys.stderr, flush=True)
        self.stretches.append(stretch)

    def _rounds(self) -> Iterator[tuple[Mode, Round]]:
        known, version = self._records, 1
        for mode in MODES:
            round_ = Round(mode, known, self._batches, version)
            yield mode, round_
            known += round_.created
            version += round_.batches

    @contextmanager
    def _prepared(self) -> Iterator[str]:
        """A database that a server set up, with so many calls."""
        with self._cluster.database() as url:
            with _served(url, 1) as server:
                server.define()
            if self._records:
                batches = prepare(Round("new", 0, self._records // BATCH, 0))
                uvloop.run(Bare(url).run(batches, 4))
            with self._cluster.connected(url) as connection:
                connection.execute(f"SET search_path = {SCHEMA}")
                connection.execute(COUNTED, {"portal": PORTAL, "name": "record engagement"})
                connection.execute("VACUUM ANALYZE")
            yield url

    def _counts(self, url: str) -> tuple[int, int]:
        with self._cluster.connected(url) as connection:
            connection.execute(f"SET search_path = {SCHEMA}")
            row = connection.execute(
                "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM change WHERE kind IN ('create', 'update'))"
            ).fetchone()
        assert row is not None
        return row[0], row[1]


def _served(url: str, workers: int) -> Server:
    command = [sys.executable, "-m", "trunkline", "serve", "--workers", str(workers)]
    return Server(url, "full", command)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=0, help="calls that are there before (0)")
    parser.add_argument("--batches", type=int, default=500, help="batches of one stretch (500)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of all sides (3)")
    parser.add_argument("--workers", default="1,2", help="numbers of workers (1,2)")
    given = parser.parse_args()
    workers = [int(number) for number in given.workers.split(",")]
    with Cluster(programs(), DURABLE | TUNED) as cluster:
        bench = Bench(cluster, given.records, given.batches, workers)
        for _ in range(given.rounds):
            bench.round()
    print("\n".join(_told(bench.stretches)))


def _told(stretches: Sequence[Stretch]) -> Iterator[str]:
    sides = list(dict.fromkeys(stretch.side for stretch in stretches))
    yield f"| side | {' | '.join(MODES)} |"
    yield f"|---|{'---|' * len(MODES)}"
    rates = {
        (side, mode): median(s.rate for s in stretches if (s.side, s.mode) == (side, mode))
        for side in sides
        for mode in MODES
    }
    for side in sides:
        yield f"| {side} | {' | '.join(_cell(stretches, rates, side, mode) for mode in MODES)} |"
    bare = {mode: max(rates[side, mode] for side in sides if side.startswith("bare")) for mode in MODES}
    for side in sides:
        if side.startswith("server"):
            yield f"| ratio, {side} | {' | '.join(f'{rates[side, mode] / bare[mode]:.2f}' for mode in MODES)} |"


def _cell(stretches: Sequence[Stretch], rates: dict[tuple[str, Mode], float], side: str, mode: Mode) -> str:
    of = [s for s in stretches if (s.side, s.mode) == (side, mode)]
    text = f"{rates[side, mode]:,.0f} ({min(s.rate for s in of):,.0f} to {max(s.rate for s in of):,.0f})"
    if of[0].p99:
        text += f", p50 {median(s.p50 for s in of):.1f} ms, p99 {median(s.p99 for s in of):.1f} ms"
    return text


if __name__ == "__main__":
    main()
