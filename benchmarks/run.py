"""Measures Trunkline against its goals, side by side in one run, and writes the tables that the docs show.

    make bench        or        .venv/bin/python benchmarks/run.py [--quick] [--only SECTION] …

Only a whole run with the usual sizes rewrites docs/explanation/performance.md; all others just print.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import get_args

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec

from benchmarks import machine, reads
from benchmarks.calls import MODES, Mode
from benchmarks.measure import Options, Pair, Stretch, ceiling, disk, starts
from benchmarks.report import Results, in_words, write
from benchmarks.stores import Stores
from trunkline.settings import Durability, Settings

SECTIONS = ("throughput", "size", "latency", "reads", "startup")
USUAL = Options(records=1_000_000, rounds=3, batches=2_000, starts=10)
QUICK = Options(records=20_000, rounds=1, batches=100, starts=3)
REQUESTS = 200
"""Requests of each kind of read."""
GROUPS = (1.0, 4.0, 8.0)


class Bench:
    """One run: what was asked for, and what came of it so far.

    `throughput` compares both sides on a store that starts empty, `size` on that and on the filled one.
    """

    def __init__(self, options: Options, sections: tuple[str, ...], stores: Stores) -> None:
        self._options = options
        self._sections = sections
        self._stores = stores
        self.results = Results(machine.facts(stores.folder), options, Settings().cache_mb)

    def run(self) -> None:
        """Measures all sections that were asked for."""
        self._say("preparing the stores")
        filled = Pair(self._stores, "filled", self._options, {})
        try:
            if self._wants("throughput", "size"):
                self._compare(filled)
            if self._wants("size"):
                self._regroup(filled)
            if self._wants("latency"):
                self._halve(filled)
            if self._wants("startup"):
                self._remember(filled)
        finally:
            filled.close()
        if self._wants("reads"):
            self._say("searches and other reads")
            self.results.reads, self.results.first = reads.measure(self._stores, self._options.records, REQUESTS)
        if self._wants("startup"):
            self._finish()

    def _wants(self, *sections: str) -> bool:
        return not set(sections).isdisjoint(self._sections)

    def _compare(self, filled: Pair) -> None:
        """Server and bare loop in turns, and the two sizes in turns, too."""
        self._say("ceiling of the load generator")
        self.results.ceiling = ceiling(self._options)
        groups: dict[Mode, float] = {}
        for number in range(self._options.rounds):
            self._say(f"round {number + 1} of {self._options.rounds}")
            empty = Pair(self._stores, "empty", self._options, groups)
            pairs = [empty, filled] if self._wants("size") else [empty]
            try:
                for mode in MODES:
                    for pair in pairs:
                        self._add(*pair.compare(mode, server_first=number % 2 == 0))
            finally:
                empty.close()

    def _regroup(self, filled: Pair) -> None:
        """What the size of a group is worth to the bare loop."""
        for number in range(min(3, self._options.rounds)):
            self._say(f"group sizes, round {number + 1}")
            self.results.groups += [filled.regroup("updates", group) for group in GROUPS]

    def _halve(self, filled: Pair) -> None:
        """Half of the load that the server can take on the filled store."""
        if not self._wants("size"):
            for _ in range(self._options.rounds):
                self._add(*(filled.serve(mode) for mode in MODES))
        for number in range(min(3, self._options.rounds)):
            self._say(f"half load, round {number + 1}")
            for mode in MODES:
                self.results.half.append(filled.serve(mode, self.results.rate("server", "filled", mode) / 2))

    def _remember(self, filled: Pair) -> None:
        """The server's memory, after some load at least."""
        if not self._wants("size", "latency"):
            filled.serve("mix")
        self.results.memory = filled.server.memory()

    def _finish(self) -> None:
        self._say("starts, disk")
        self.results.starts = {
            "empty": starts(self._stores, "empty", self._options),
            "filled": starts(self._stores, "filled", self._options),
        }
        self.results.disk_served = disk(self._stores, self._options)
        self.results.disk_filled = self._stores.filled(self._options.records).stat().st_size / self._options.records

    def _add(self, *stretches: Stretch) -> None:
        for stretch in stretches:
            self._say(f"  {stretch.size:<7} {stretch.mode:<8} {stretch.side:<7} {stretch.rate:>8,.0f} records/s")
        self.results.stretches += stretches

    def _say(self, text: str) -> None:
        print(f"… {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small, under a minute, to try it out")
    parser.add_argument("--records", type=int, help="calls in the filled store (1,000,000)")
    parser.add_argument("--rounds", type=int, help="turns of server and bare loop (3)")
    parser.add_argument("--batches", type=int, help="batches of one stretch of load (2000)")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="measure this only; may be repeated")
    parser.add_argument("--durability", choices=get_args(Durability), help="of server and bare loop (full)")
    parser.add_argument("--server", type=shlex.split, metavar="COMMAND", dest="command", help="starts another server")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where the stores go (build/bench)")
    given = vars(parser.parse_args())
    folder, sections = given.pop("folder"), tuple(given.pop("only") or SECTIONS)
    usual = QUICK if given.pop("quick") else USUAL
    chosen = {name: value for name, value in given.items() if value is not None}
    options = msgspec.convert(msgspec.structs.asdict(usual) | chosen, Options)
    results = _measured(options, sections, Stores(folder, options.command))
    print(in_words(results))
    if options == USUAL and sections == SECTIONS:
        write(results)


def _measured(options: Options, sections: tuple[str, ...], stores: Stores) -> Results:
    try:
        bench = Bench(options, sections, stores)
        bench.run()
        return bench.results
    finally:
        stores.clear()


if __name__ == "__main__":
    main()
