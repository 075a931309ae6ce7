"""What those who read the journal cost the main job, how late they are told, and how long they take to catch up.

    python benchmarks/readers.py --rounds 3 --batches 1000 [--with webhooks] [--with stream] …

Two servers take turns: one with no reader, no search and no log of requests, one with all of them, or with those that
are named. The load generator, whoever is told, and the server to which changes are sent on are processes of their own
on the same machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Self, TypeVar

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import msgspec
from msgspec import Struct, field

from benchmarks.calls import BATCH, KEY, Round
from benchmarks.load import Job, Outcome
from benchmarks.measure import ROOT, Generator
from benchmarks.receiver import Tally
from benchmarks.server import TOKEN, Server

T = TypeVar("T")

SECRET = "a secret of the benchmark, forty characters"
READERS = ("webhooks", "stream", "forward", "searches", "log")
BEARER = {"authorization": f"Bearer {TOKEN}"}
SCOPES = [f"crm.{kind}.contacts.{verb}" for kind in ("objects", "schemas") for verb in ("read", "write")]
PATIENCE = 600
"""Seconds that are waited for readers to catch up."""


class Turn(Struct):
    """One stretch of load on the server with readers.

    `rate` is records per second, `cost` the server's processor time for a batch in ms; of webhooks how late events were
    (seconds), and how many came in a second in all and once the writing had ended. `caught_up` has the seconds until
    each reader had taken all.
    """

    rate: float
    cost: float
    half: float = 0.0
    longest: float = 0.0
    told: float = 0.0
    after: float = 0.0
    caught_up: dict[str, float] = field(default_factory=dict)
    searches: list[float] = field(default_factory=list)


class Side:
    """A server with the property by which calls are found. `cost` is its processor time for a batch, in ms, lately."""

    def __init__(self, path: Path, *, log: bool) -> None:
        more = {"TRUNKLINE_SECRET": SECRET, "TRUNKLINE_REQUEST_LOG": "1000" if log else "0"}
        self.server = Server(path, "full", more=more)
        self.server.define()
        self.http = httpx.Client(base_url=self.server.url, headers=BEARER, trust_env=False, timeout=60)
        self._known = 0
        self.cost = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.http.close()
        self.server.stop()

    def load(self, batches: int, rate: float | None = None) -> Outcome:
        """Creates so many batches of calls, at so many records per second."""
        round_ = Round("new", self._known, batches, 0)
        self._known += round_.created
        with Generator(Job(self.server.url, TOKEN, round_, 8, None if rate is None else rate / BATCH)) as generator:
            os.sync()
            before = self.server.processor()
            outcome = generator.go()
        self.cost = (self.server.processor() - before) * 1000 / batches
        return outcome

    def token(self) -> str:
        """A token of the mirror's own."""
        body = {"name": "mirror", "scopes": SCOPES}
        answer = self.http.post("/_trunkline/tokens", json=body, headers={"x-trunkline-secret": SECRET})
        return str(answer.raise_for_status().json()["token"])


class Readers:
    """Those who read the journal of one server: `wanted` of them, begun and ended together."""

    def __init__(self, side: Side, wanted: tuple[str, ...], folder: Path, stack: ExitStack) -> None:
        self._side = side
        self._wanted = wanted
        self._status = folder / "status.json"
        self._sent = 0
        stream = [f"{side.server.url}/_trunkline/changes", SECRET] if "stream" in wanted else []
        self._receiver = stack.enter_context(_process("-m", "benchmarks.receiver", *stream))
        assert self._receiver.stdout is not None
        self._told = self._receiver.stdout.readline().strip()
        if "webhooks" in wanted:
            self._subscribe()
        if "forward" in wanted:
            other = stack.enter_context(Side(folder / "other.db", log=False))
            stack.enter_context(_process(*self._forwarding(other, folder), token=side.token()))
            _until("forward", self._status.exists, bool)

    def _subscribe(self) -> None:
        http = self._side.http
        target = {"targetUrl": f"{self._told}/hook", "throttling": {"maxConcurrentRequests": 10}}
        http.put("/webhooks/v3/1/settings", json=target).raise_for_status()
        wanted = {"eventType": "object.creation", "objectTypeId": "0-48", "active": True}
        http.post("/webhooks/v3/1/subscriptions", json=wanted).raise_for_status()

    def _forwarding(self, other: Side, folder: Path) -> list[str]:
        where = ["--local", self._side.server.url, "--to", other.server.url, "--state", str(folder / "mirror.json")]
        how = ["--key", f"calls:{KEY}", "--rate", "190", "--follow", "0.5", "--status", str(self._status)]
        return ["-m", "trunkline", "forward", *where, *how]

    def turn(self, batches: int, rate: float | None = None) -> Turn:
        """One stretch of load, and the time until all have caught up."""
        self._tally(new=True)
        with self._searching() as taken:
            outcome = self._side.load(batches, rate)
        ended, count = time.time(), batches * BATCH
        before = self._tally()
        made = Turn(count / outcome.seconds, self._side.cost, searches=taken)
        if "webhooks" in self._wanted:
            tally = _until("webhooks", self._tally, lambda found: found.events >= count)
            made.half, made.longest = tally.half, tally.longest
            made.told = tally.events / (tally.last - ended + outcome.seconds)
            late = made.caught_up["webhooks"] = max(0.0, tally.last - ended)
            made.after = (tally.events - before.events) / late if late else 0.0
        if "stream" in self._wanted:
            tally = _until("stream", self._tally, lambda found: found.rows >= batches)
            made.caught_up["stream"] = max(0.0, tally.rows_last - ended)
        if "forward" in self._wanted:
            self._sent += count
            _until("forward", self._forwarded, lambda sent: sent >= self._sent)
            made.caught_up["forward"] = time.time() - ended
        made.caught_up["searches"] = self._side.server.settle()
        return made

    def _forwarded(self) -> int:
        return int(json.loads(self._status.read_bytes() or b"{}").get("sent", 0))

    def _tally(self, *, new: bool = False) -> Tally:
        return msgspec.json.decode(
            httpx.get(f"{self._told}/{'new' if new else ''}", trust_env=False).content, type=Tally
        )

    @contextmanager
    def _searching(self) -> Iterator[list[float]]:
        """Asks for a search each second meanwhile; the seconds that each took."""
        taken, over = list[float](), threading.Event()

        def search() -> None:
            while "searches" in self._wanted and not over.wait(1):
                began = time.perf_counter()
                self._side.http.post("/crm/v3/objects/calls/search", json={"limit": 10})
                taken.append(time.perf_counter() - began)

        thread = threading.Thread(target=search)
        thread.start()
        try:
            yield taken
        finally:
            over.set()
            thread.join()


@contextmanager
def _process(*arguments: str, token: str = "") -> "Iterator[subprocess.Popen[str]]":
    """A process of ours for as long as the block runs."""
    variables = os.environ | {"TRUNKLINE_TOKEN": token, "HUBSPOT_TOKEN": TOKEN, "TRUNKLINE_SECRET": SECRET}
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _until(what: str, look: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """What is there once it is enough."""
    until = time.monotonic() + PATIENCE
    while not enough(found := look()):
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not there after {PATIENCE} s, but {found}")
        time.sleep(0.02)
    return found


class Results(Struct):
    """What the turns came to."""

    alone: list[float] = field(default_factory=list)
    alone_cost: list[float] = field(default_factory=list)
    full: list[Turn] = field(default_factory=list)
    paced: list[Turn] = field(default_factory=list)


def measure(folder: Path, wanted: tuple[str, ...], rounds: int, batches: int, pace: float) -> Results:
    """Both servers in turns, after one turn of each that does not count."""
    results = Results()
    with ExitStack() as stack:
        alone = stack.enter_context(Side(folder / "alone.db", log=False))
        read = stack.enter_context(Side(folder / "read.db", log="log" in wanted))
        readers = Readers(read, wanted, folder, stack)
        for number in range(rounds + 1):
            outcome = alone.load(batches if number else 100)
            alone.server.settle()
            full = readers.turn(batches if number else 100)
            if number:
                results.alone.append(batches * BATCH / outcome.seconds)
                results.alone_cost.append(alone.cost)
                results.full.append(full)
                results.paced.append(readers.turn(int(pace * 5 / BATCH), pace))
            print(f"… round {number} of {rounds}", file=sys.stderr, flush=True)
    return results


def in_words(results: Results, pace: float) -> str:
    """The tables for the docs."""
    ratios = [turn.rate / alone for turn, alone in zip(results.full, results.alone, strict=True)]
    lines = [
        "| The main job | records/s | to alone | the server's processor time for a batch, ms |",
        "| --- | --- | --- | --- |",
        f"| no reader | {_span(results.alone)} | 1 | {_span(results.alone_cost, 1)} |",
        f"| with readers | {_span([turn.rate for turn in results.full])} | {_span(ratios, 2)} "
        f"| {_span([turn.cost for turn in results.full], 1)} |",
        "",
        f"| Readers | at full speed | at {pace:,.0f} records/s |",
        "| --- | --- | --- |",
    ]
    for name, figure in FIGURES.items():
        if any(figure(turn) for turn in results.full):
            told = (_span([figure(turn) for turn in some], 1) for some in (results.full, results.paced))
            lines.append(f"| {name} | {' | '.join(told)} |")
    return "\n".join(lines)


FIGURES: dict[str, Callable[[Turn], float]] = {
    "webhooks: from write to delivery, p50, s": lambda turn: turn.half,
    "webhooks: from write to delivery, longest, s": lambda turn: turn.longest,
    "webhooks: events delivered in a second, in all": lambda turn: turn.told,
    "webhooks: events delivered in a second, once the writing had ended": lambda turn: turn.after,
    "webhooks: caught up after, s": lambda turn: turn.caught_up.get("webhooks", 0.0),
    "live stream: caught up after, s": lambda turn: turn.caught_up.get("stream", 0.0),
    "searches: caught up after, s": lambda turn: turn.caught_up["searches"],
    "searches: the longest meanwhile, s": lambda turn: max(turn.searches, default=0.0),
    "mirror at 190 requests in 10 s: caught up after, s": lambda turn: turn.caught_up.get("forward", 0.0),
}


def _span(figures: list[float], places: int = 0) -> str:
    least, most = min(figures), max(figures)
    return f"{median(figures):,.{places}f} ({least:,.{places}f} to {most:,.{places}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="turns of both servers (3)")
    parser.add_argument("--batches", type=int, default=500, help="batches of 100 calls in one turn (500)")
    parser.add_argument("--pace", type=float, default=5000, help="records per second of the second kind of turn (5000)")
    parser.add_argument("--with", action="append", choices=READERS, dest="wanted", help="this reader only; repeat it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = tuple(given.wanted or READERS)
        results = measure(Path(folder), wanted, given.rounds, given.batches, given.pace)
    print(in_words(results, given.pace))


if __name__ == "__main__":
    main()
