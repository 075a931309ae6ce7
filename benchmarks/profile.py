"""Where the time of a batch goes: the line's stages one by one, in this process, without HTTP.

.venv/bin/python benchmarks/profile.py [--records N] [--batches N] [--group N] [--functions]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import apsw

from benchmarks import calls
from benchmarks.calls import BATCH, MODES, Round
from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.check import check_addressed, require_addresses
from trunkline.crm.plan import Plan
from trunkline.crm.property import Property
from trunkline.crm.values import moment
from trunkline.crm.write import Write
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, migrate
from trunkline.wire import batch as wire
from trunkline.wire.batch import BatchResponse
from trunkline.wire.record import result

PORTAL = 1_000_001
STAGES = ("decode", "check", "wanted", "find", "plan", "apply", "commit", "render", "encode")


class Stopwatch:
    """Nanoseconds by stage."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(STAGES, 0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter_ns()
        yield
        self.spent[name] += time.perf_counter_ns() - started


class Line:
    """One store and the stages that a batch passes, as the server's handler and writer put them together."""

    def __init__(self, path: str, durability: str) -> None:
        self.connection = connect(path, cache_mb=64, durability="full" if durability == "full" else "normal")
        migrate(self.connection, path)
        with self.connection:
            self.connection.execute("INSERT INTO portal (id, name, created) VALUES (?, 'default', 0)", (PORTAL,))
            self.connection.execute("INSERT INTO collection (portal, type) VALUES (?, '0-48')", (PORTAL,))
        own = Property(name=calls.KEY, label="Call key", type="string", field_type="text", has_unique_value=True)
        self.catalog = Catalog(PORTAL, Definitions(1, {"0-48": [own]}))
        self.type = self.catalog.type("calls")
        self.collection = Collection(1, PORTAL, "0-48")
        self.next_id = FIRST_ID
        self.position = 1

    def run(self, bodies: list[bytes], group: int, watch: Stopwatch) -> None:
        """Sends batches through, so many to a commit; the log is moved outside of what is measured."""
        for first in range(0, len(bodies), group):
            plans = self._write(bodies[first : first + group], watch)
            with watch.stage("commit"):
                self.connection.execute("COMMIT")
            for plan in plans:
                answer(plan, self.type, watch)
            if first % (40 * group) == 0:
                self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _write(self, bodies: list[bytes], watch: Stopwatch) -> list[Plan]:
        works = [self._read(body, watch) for body in bodies]
        self.connection.execute("BEGIN IMMEDIATE")
        return [self._apply(work, watch) for work in works]

    def _read(self, body: bytes, watch: Stopwatch) -> Write:
        with watch.stage("decode"):
            inputs = wire.decode_upsert(body)
        with watch.stage("check"):
            require_addresses(inputs, self.type, PORTAL)
            checked = check_addressed(inputs, self.type, PORTAL)
        with watch.stage("wanted"):
            work = Write(checked, self.type, self.catalog, 1, "upsert")
            work.wanted()
        return work

    def _apply(self, work: Write, watch: Stopwatch) -> Plan:
        wanted = work.wanted()
        now = time.time_ns() // 1_000_000
        with watch.stage("find"):
            found = rows.find(self.connection, self.collection, self._lookup, wanted, now, self.next_id)
        with watch.stage("plan"):
            plan = work.plan(found)
        with watch.stage("apply"):
            self.position = rows.apply(self.connection, self.collection, self._lookup, plan, self.position)
        self.next_id += len(plan.creates)
        return plan

    def _lookup(self, type_id: str) -> Collection | None:
        return self.collection if type_id == self.collection.type else None


def answer(plan: Plan, type_: ObjectType, watch: Stopwatch) -> bytes:
    """The response body of a written batch."""
    with watch.stage("render"):
        results = [result(written, type_, PORTAL, tells_new=True) for written in plan.written]
        response = BatchResponse(results=results, started_at=moment(plan.now), completed_at=moment(plan.now))
    with watch.stage("encode"):
        return wire.encode(response)


def measure(line: Line, round_: Round, group: int, rounds: int = 3) -> dict[str, float]:
    """Microseconds per record of each stage: the least of a few repetitions on fresh records."""
    best = dict.fromkeys(STAGES, float("inf"))
    for repetition in range(rounds):
        again = Round(round_.mode, count(line), round_.batches, round_.version + repetition * round_.batches)
        bodies = [calls.body(inputs) for inputs in again.plan()]
        watch = Stopwatch()
        line.run(bodies, group, watch)
        for name, spent in watch.spent.items():
            best[name] = min(best[name], spent / (again.batches * BATCH) / 1000)
    return best


def count(line: Line) -> int:
    """Calls in the store."""
    return line.next_id - FIRST_ID


def table(columns: dict[str, dict[str, float]]) -> str:
    """The stages in rows, the modes in columns, the sum below."""
    lines = [f"{'µs per record':<14}" + "".join(f"{mode:>10}" for mode in columns)]
    for name in STAGES:
        lines.append(f"{name:<14}" + "".join(f"{column[name]:>10.2f}" for column in columns.values()))
    sums = [sum(column.values()) for column in columns.values()]
    lines.append(f"{'sum':<14}" + "".join(f"{total:>10.2f}" for total in sums))
    lines.append(f"{'records/s':<14}" + "".join(f"{1e6 / total:>10,.0f}" for total in sums))
    return "\n".join(lines)


def functions(work: Callable[[], object]) -> None:
    """Prints the functions that take most time; the tracing itself makes small functions look slower than they are."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.runcall(work)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="calls in the store before")
    parser.add_argument("--batches", type=int, default=200, help="batches of one repetition")
    parser.add_argument("--group", type=int, default=4, help="batches to a commit")
    parser.add_argument("--durability", choices=("full", "normal"), default="full")
    parser.add_argument("--functions", action="store_true", help="list single functions too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        line = Line(f"{folder}/profile.db", options.durability)
        fill = Round("new", 0, options.records // BATCH, 0)
        line.run([calls.body(inputs) for inputs in fill.plan()], 32, Stopwatch())
        print(f"{count(line):,} calls, {options.group} batches to a commit, synchronous={options.durability}")
        rounds = {mode: Round(mode, count(line), options.batches, 1 + 10_000 * n) for n, mode in enumerate(MODES)}
        print(table({mode: measure(line, round_, options.group) for mode, round_ in rounds.items()}))
        if options.functions:
            for n, mode in enumerate(MODES):
                again = Round(mode, count(line), options.batches, 1_000_000 * (n + 1))
                bodies = [calls.body(inputs) for inputs in again.plan()]
                print(f"\n{mode}")
                functions(lambda: line.run(bodies, options.group, Stopwatch()))  # noqa: B023
        line.connection.close()


if __name__ == "__main__":
    main()
