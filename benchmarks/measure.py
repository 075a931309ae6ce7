"""The measurements: a store served and the same store in the bare loop, in turns.

Every stretch starts with nothing left for the disk to write, so that none pays for the one before.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from benchmarks.bare import Bare, prepare
from benchmarks.calls import BATCH, Mode, Round
from benchmarks.load import Job, Outcome
from benchmarks.server import TOKEN, Server, counts
from benchmarks.stores import Stores
from trunkline.settings import Durability

ROOT = Path(__file__).resolve().parent.parent

Size = Literal["empty", "filled"]
Side = Literal["server", "bare"]


class Options(Struct, frozen=True, kw_only=True):
    """What to measure, and how long. `batches` are those of one stretch."""

    records: int
    rounds: int
    batches: int
    starts: int
    connections: int = 8
    durability: Durability = "full"
    command: list[str] | None = None


class Stretch(Struct, frozen=True, kw_only=True):
    """One uninterrupted stretch of load on one side.

    `rate` is records per second, `group` batches to a commit, `latencies` sorted seconds of each batch; `settled`
    seconds after the end until searches found everything; `served` and `generated` are cores that server and load
    generator used.
    """

    side: Side
    size: Size
    mode: Mode
    rate: float
    group: float
    offered: float | None = None
    latencies: list[float] = field(default_factory=list)
    settled: float = 0.0
    served: float = 0.0
    generated: float = 0.0

    def latency(self, share: float) -> float:
        """Milliseconds in which this share of the batches was answered."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1000


class Pair:
    """One store twice, with the same calls: one copy is served, one is written by the bare loop.

    `groups` remembers, from one pair of a size to the next, how many batches the server last had in a commit.
    """

    def __init__(self, stores: Stores, size: Size, options: Options, groups: dict[Mode, float]) -> None:
        known = options.records if size == "filled" else 0
        source = stores.filled(known) if known else stores.fresh()
        self._size = size
        self._known = known
        self._version = 1
        self._options = options
        self._groups = groups
        self.path = stores.copy(source, f"{size}-served.db")
        bare = stores.copy(source, f"{size}-bare.db")
        self.server = Server(self.path, options.durability, options.command)
        self._bare: Bare | None = Bare(str(bare), options.durability)

    def compare(self, mode: Mode, *, server_first: bool) -> list[Stretch]:
        """The same round on both sides. The bare loop groups its commits as the server last did in this mode."""
        round_ = self._round(mode)
        if server_first or mode not in self._groups:
            return [self._serve(round_), self._loop(round_, self._groups[mode])]
        return [self._loop(round_, self._groups[mode]), self._serve(round_)]

    def regroup(self, mode: Mode, group: float) -> Stretch:
        """A round of the bare loop alone, which must not add calls."""
        return self._loop(self._round(mode), group)

    def serve(self, mode: Mode, offered: float | None = None) -> Stretch:
        """A round over HTTP alone, after which both sides are no longer alike; `offered` is records per second."""
        self.close_bare()
        return self._serve(self._round(mode), offered)

    def _round(self, mode: Mode) -> Round:
        round_ = Round(mode, self._known, self._options.batches, self._version)
        self._known += round_.created
        self._version += round_.batches
        return round_

    def _serve(self, round_: Round, offered: float | None = None) -> Stretch:
        before = counts(self.path)
        job = Job(
            self.server.url, TOKEN, round_, self._options.connections, None if offered is None else offered / BATCH
        )
        commits, processor, outcome = self._load(job)
        require(round_, before, counts(self.path))
        self._groups[round_.mode] = max(1.0, round_.batches / commits)
        return Stretch(
            side="server",
            size=self._size,
            mode=round_.mode,
            rate=round_.batches * BATCH / outcome.seconds,
            group=self._groups[round_.mode],
            offered=offered,
            latencies=sorted(outcome.latencies),
            settled=self.server.settle(),
            served=processor / outcome.seconds,
            generated=outcome.processor / outcome.seconds,
        )

    def _load(self, job: Job) -> tuple[int, float, Outcome]:
        """Commits and seconds of processor time that the server spent on a job, and its outcome."""
        with Generator(job) as generator:
            os.sync()
            commits, processor = self.server.commits(), self.server.processor()
            outcome = generator.go()
            return (self.server.commits() - commits) % 2**32, self.server.processor() - processor, outcome

    def _loop(self, round_: Round, group: float) -> Stretch:
        assert self._bare is not None, "both sides are no longer alike"
        batches = prepare(round_)
        os.sync()
        seconds = self._bare.run(batches, group)
        rate = round_.batches * BATCH / seconds
        return Stretch(side="bare", size=self._size, mode=round_.mode, rate=rate, group=group)

    def close_bare(self) -> None:
        """Ends the bare side."""
        if self._bare is not None:
            self._bare.close()
            self._bare = None

    def close(self) -> None:
        """Ends both sides; then all that was written is in the files."""
        self.server.stop()
        self.close_bare()


class Generator:
    """The process of the load generator, with its requests built and its connections open."""

    def __init__(self, job: Job) -> None:
        self._process = _start("load")
        self._say(msgspec.json.encode(job).decode())
        if self._hear() != "ready":
            raise RuntimeError("the load generator did not start")

    def __enter__(self) -> "Generator":
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def go(self) -> Outcome:
        """Sends the load; raises when the server failed one request."""
        self._say("go")
        outcome = msgspec.json.decode(self._hear(), type=Outcome)
        if outcome.failure is not None:
            raise RuntimeError(f"the server failed: {outcome.failure}")
        return outcome

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _start(module: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def require(round_: Round, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Raises unless the store has grown by exactly what the round creates and changes."""
    grown = (after[0] - before[0], after[1] - before[1])
    if grown != (round_.created, round_.changes):
        raise RuntimeError(f"{round_.mode}: calls and changes grew by {grown}, not {round_.created, round_.changes}")


class Ceiling(Struct, frozen=True):
    """What the load generator reaches when the server does nothing: records per second, and cores that it used."""

    rate: float
    generated: float


def ceiling(options: Options, length: int = 100_000) -> Ceiling:
    """Sends a round of new calls to a server that answers each batch with the same bytes, as many as a real answer."""
    process = _start("echo", str(length))
    try:
        assert process.stdout is not None
        job = Job(process.stdout.readline().strip(), TOKEN, Round("new", 0, 2000, 0), options.connections)
        with Generator(job) as generator:
            outcome = generator.go()
    finally:
        process.terminate()
        process.communicate()
    return Ceiling(job.round.batches * BATCH / outcome.seconds, outcome.processor / outcome.seconds)


def starts(stores: Stores, size: Size, options: Options) -> list[float]:
    """Seconds from the start of the process to the ready line, sorted, with one start before that does not count."""
    source = stores.filled(options.records) if size == "filled" else stores.fresh()
    path = stores.copy(source, "start.db")
    seconds = []
    for _ in range(options.starts + 1):
        with Server(path, options.durability, options.command) as server:
            seconds.append(server.ready)
    return sorted(seconds[1:])


def disk(stores: Stores, options: Options) -> float:
    """Bytes of the closed file for each call, when the server has written one round of new calls to a fresh store."""
    path = stores.copy(stores.fresh(), "disk.db")
    round_ = Round("new", 0, options.batches, 0)
    with (
        Server(path, options.durability, options.command) as server,
        Generator(Job(server.url, TOKEN, round_, options.connections)) as generator,
    ):
        generator.go()
    return path.stat().st_size / round_.created
