"""What was measured, in words: tables for people, and the page of the docs that shows them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from msgspec import Struct, field

from benchmarks.calls import BATCH, MODES, Mode
from benchmarks.measure import Ceiling, Options, Side, Size, Stretch
from benchmarks.reads import Line, table

PAGE = Path("docs/explanation/performance.md")
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
MEBI = 2**20

RATIO, KEPT, FULL_LOAD, HALF_LOAD, BEYOND_CACHE, PER_CALL = 0.6, 0.7, 100.0, 30.0, 150.0, 900.0
"""The goals: shares, milliseconds, milliseconds, MiB, bytes."""

NAMES = {"new": "new records", "updates": "updates, 3 of 9 properties change", "mix": "half new, half updates"}


class Results(Struct):
    """All that one run measured; what it did not is empty or None. `memory` is in bytes, `starts` in seconds."""

    facts: dict[str, str]
    options: Options
    cache_mb: int
    stretches: list[Stretch] = field(default_factory=list)
    groups: list[Stretch] = field(default_factory=list)
    half: list[Stretch] = field(default_factory=list)
    ceiling: Ceiling | None = None
    starts: dict[Size, list[float]] = field(default_factory=dict)
    memory: int | None = None
    disk_served: float | None = None
    disk_filled: float | None = None
    reads: list[Line] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)

    def of(self, side: Side, size: Size, mode: Mode) -> list[Stretch]:
        """The stretches of one kind, in the order of the rounds."""
        return [s for s in self.stretches if (s.side, s.size, s.mode) == (side, size, mode)]

    def rates(self, side: Side, size: Size, mode: Mode) -> list[float]:
        """Records per second of each round."""
        return [stretch.rate for stretch in self.of(side, size, mode)]

    def rate(self, side: Side, size: Size, mode: Mode) -> float:
        """The median of the rounds, in records per second."""
        return median(self.rates(side, size, mode))

    def ratios(self, size: Size, mode: Mode) -> list[float]:
        """Server to bare loop, of each round."""
        return _shares(self.rates("server", size, mode), self.rates("bare", size, mode))

    def kept(self, mode: Mode) -> list[float]:
        """The server on the filled store to the server on the empty one, of each round."""
        return _shares(self.rates("server", "filled", mode), self.rates("server", "empty", mode))

    def sizes(self) -> list[Size]:
        """The sizes on which both sides were measured."""
        known: tuple[Size, ...] = ("empty", "filled")
        return [size for size in known if self.of("bare", size, "new")]


def in_words(results: Results) -> str:
    """Everything that was measured, as Markdown."""
    sections = (_setting, _goals, _throughput, _grouping, _latency, _reads, _footprint)
    return "\n\n".join(text for section in sections if (text := section(results)))


def write(results: Results) -> None:
    """Puts the tables into the page of the docs, between its markers."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{in_words(results)}\n\n{END}{after}")


def _setting(results: Results) -> str:
    options = results.options
    durability = {
        "full": "synchronous=FULL on both sides: an acknowledged write survives power loss",
        "normal": "synchronous=NORMAL on both sides: power loss may take the last moments",
    }[options.durability]
    rows = [
        *results.facts.items(),
        ("Durability", durability),
        (
            "Load",
            f"{options.connections} kept connections, batches of {BATCH}, nine properties and the key in each input",
        ),
        ("Rounds", f"{options.rounds} of {options.batches * BATCH:,} records for each line; median, and least to most"),
    ]
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}.\n\n" + _table(["", ""], rows)


def _goals(results: Results) -> str:
    rows = [_goal(*goal) for goal in _measured_goals(results)]
    return _table(["Goal", "Wanted", "Measured", ""], rows) if rows else ""


Compared = Callable[[float, float], bool]


def _goal(name: str, wanted: str, measured: str, met: bool) -> tuple[str, ...]:
    return name, wanted, measured, "met" if met else "**missed**"


def _measured_goals(results: Results) -> Iterator[tuple[str, str, str, bool]]:
    """Each goal with the worst of its modes."""
    records = f"{results.options.records:,}"
    for size, name in (("empty", "from empty"), ("filled", f"from {records} calls")):
        if size in results.sizes():
            least = min(median(results.ratios(size, mode)) for mode in MODES)
            yield f"Server to bare loop, {name}, worst mode", f"≥ {RATIO}", f"{least:.2f}", least >= RATIO
    if len(results.sizes()) == 2:
        least = min(median(results.kept(mode)) for mode in MODES)
        yield f"From {records} calls to from empty, worst mode", f"≥ {KEPT}", f"{least:.2f}", least >= KEPT
    if results.of("server", "filled", "new"):
        most = max(median(s.latency(0.99) for s in results.of("server", "filled", mode)) for mode in MODES)
        yield "p99 of a batch at full load, worst mode", f"≤ {FULL_LOAD:.0f} ms", f"{most:.0f} ms", most <= FULL_LOAD
    if results.half:
        most = max(median(s.latency(0.99) for s in results.half if s.mode == mode) for mode in MODES)
        yield "p99 of a batch at half load, worst mode", f"≤ {HALF_LOAD:.0f} ms", f"{most:.0f} ms", most <= HALF_LOAD
    if results.memory is not None:
        beyond = results.memory / MEBI - results.cache_mb
        yield (
            f"Memory at {records} calls beyond the page cache",
            f"≤ {BEYOND_CACHE:.0f} MiB",
            f"{beyond:.0f} MiB",
            (beyond <= BEYOND_CACHE),
        )
    if results.disk_served is not None and results.disk_filled is not None:
        most = max(results.disk_served, results.disk_filled)
        yield "Disk for each call", f"≤ {PER_CALL:.0f} bytes", f"{most:.0f} bytes", most <= PER_CALL


def _throughput(results: Results) -> str:
    rows = []
    for size in results.sizes():
        start = "empty" if size == "empty" else f"{results.options.records:,}"
        for mode in MODES:
            served = results.of("server", size, mode)
            row = [
                f"{start}: {NAMES[mode]}",
                _spread(results.rates("server", size, mode), ",.0f"),
                _spread(results.rates("bare", size, mode), ",.0f"),
                _spread(results.ratios(size, mode), ".2f"),
                f"{median(s.group for s in served):.1f}",
                f"{median(s.settled for s in served):.1f}",
                f"{median(s.served for s in served):.2f}",
                f"{median(s.generated for s in served):.2f}",
            ]
            rows.append(row)
    if not rows:
        return ""
    head = ["Store: load", "Server, records/s", "Bare loop, records/s", "Ratio", "Batches to a commit"]
    text = _table([*head, "Searchable after, s", "Server, cores", "Generator, cores"], rows)
    if results.ceiling is not None:
        limit = results.ceiling
        text += (
            f"\n\nAgainst a server that does nothing the load generator reaches {limit.rate:,.0f} records/s "
            f"with {limit.generated:.2f} cores."
        )
    if len(results.sizes()) == 2:
        kept = [(NAMES[mode], _spread(results.kept(mode), ".2f")) for mode in MODES]
        text += "\n\n" + _table(["Load", f"Server from {results.options.records:,} calls to server from empty"], kept)
    return text


def _grouping(results: Results) -> str:
    groups = dict.fromkeys(stretch.group for stretch in results.groups)
    rows = [(f"{group:.0f}", _spread([s.rate for s in results.groups if s.group == group], ",.0f")) for group in groups]
    return _table(["Batches to a commit", "Bare loop, updates, records/s"], rows) if rows else ""


def _latency(results: Results) -> str:
    rows = []
    for name, stretches in (("full", results.stretches), ("half", results.half)):
        for mode in MODES:
            found = [s for s in stretches if (s.side, s.size, s.mode) == ("server", "filled", mode)]
            if found:
                rows.append(_latency_row(f"{name}: {NAMES[mode]}", found))
    head = ["Load", "Records/s", "p50 of a batch, ms", "p99, ms", "longest, ms"]
    return _table(head, rows) if rows else ""


def _latency_row(name: str, stretches: Sequence[Stretch]) -> list[str]:
    shares = (0.5, 0.99, 1.0)
    spreads = [_spread([s.latency(share) for s in stretches], ".1f") for share in shares]
    return [name, f"{median(s.rate for s in stretches):,.0f}", *spreads]


def _reads(results: Results) -> str:
    if not results.reads:
        return ""
    first = max(results.first.values())
    made = f"The first search of the store, whose index had to be made from nothing, took {first:.0f} s."
    return f"{table(results.reads)}\n\n{made}"


def _footprint(results: Results) -> str:
    records = f"{results.options.records:,}"
    rows = []
    for size, name in (("empty", "a store without calls"), ("filled", f"{records} calls")):
        if size in results.starts:
            rows.append((f"Start to ready line, {name}", f"{_spread(results.starts[size], '.2f')} s"))
    if results.memory is not None:
        memory = f"{results.memory / MEBI:.0f} MiB, of which {results.cache_mb} MiB are the page cache as set"
        rows.append((f"Resident memory of the server at {records} calls after the load", memory))
    if results.disk_filled is not None:
        rows.append((f"Disk for each of {records} calls as created", f"{results.disk_filled:.0f} bytes"))
    if results.disk_served is not None:
        created = f"{results.options.batches * BATCH:,}"
        rows.append((f"Disk for each of {created} calls sent to a fresh server", f"{results.disk_served:.0f} bytes"))
    return _table(["", ""], rows) if rows else ""


def _shares(parts: Iterable[float], wholes: Iterable[float]) -> list[float]:
    return [part / whole for part, whole in zip(parts, wholes, strict=True)]


def _spread(values: Sequence[float], form: str) -> str:
    """The median, and the least and the most if there are several."""
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
