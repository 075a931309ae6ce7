"""Trunkline beside what else one could install to take batches of calls: the same hundred calls, the same load.

    make bench-peers        (or .venv/bin/python benchmarks/peers.py [--seconds 8] [--rounds 2] [--only NAME ...])

Installs the peers from PyPI and npm into build/peers, at the newest versions that there are, starts each as its own
documentation says, with an empty store, and sends batches over 8 kept connections: new calls, then changes of these.
Those that store are asked how many calls they have after each stretch, and what they do when a batch comes again.
What stands between HTTP and disk is a bare loop's, the yardstick of the other measurements.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests"))

import httpx
from msgspec import Struct, field

from benchmarks.bare import Bare, prepare
from benchmarks.calls import BATCH, Round
from benchmarks.forms import FORMS
from benchmarks.load import Job
from benchmarks.machine import facts
from benchmarks.measure import Generator
from benchmarks.rivals import PEERS, Peer, Running
from benchmarks.stores import Stores

CONNECTIONS = 8
FIRST = 10
"""Batches by which the pace of a peer is judged."""

MOST = 4000
"""Batches of one stretch at most."""


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
