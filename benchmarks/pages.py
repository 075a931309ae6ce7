"""The pages for people over a filled store: what the server takes for each, and what it weighs.

    .venv/bin/python benchmarks/pages.py [--records 1000000] [--requests 100] [--folder build/bench]

One request at a time, each asking for something else where a page can. The goal is 100 ms for the 95th of 100.
"""

import argparse
import http.client
import random
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.calls import _NAMES, _SUBJECTS, call
from benchmarks.reads import DAY, FIRST_DAY, at
from benchmarks.server import Server
from benchmarks.stores import Stores
from trunkline.store.sqlite.schema import FIRST_ID
from trunkline.web.table import PAGES

GOAL = 100.0
"""Milliseconds."""

HOME = "/portal/1000001"
CALLS = f"{HOME}/records/calls"


def places(chance: random.Random, records: int) -> dict[str, str]:
    """The address of each page, of tables several, with something chosen in it."""
    chosen = chance.randrange(records)
    day = time.strftime("%Y-%m-%d", time.gmtime((FIRST_DAY + chosen % 300 * DAY) / 1000))
    words = f"{_NAMES[chosen % len(_NAMES)].split()[-1]} {_SUBJECTS[chosen % len(_SUBJECTS)].split()[-1]}"
    number = str(call(chosen, 0)["hs_call_from_number"])
    made = {page.path: HOME + page.path for page in PAGES if page.method == "GET" and "{" not in page.path}
    return made | {
        "overview, 90 days": f"{HOME}?span=90",
        "overview, all": f"{HOME}?span=all",
        "calls, newest first": CALLS,
        "calls of an hour of the week": f"{CALLS}?{urlencode({'hour': f'Mon-{chosen % 24:02}'})}",
        "calls of a day": f"{CALLS}?{urlencode({'since': day, 'until': day})}",
        "calls with two words": f"{CALLS}?{urlencode({'q': words})}",
        "calls from a number": f"{CALLS}?{_filter('hs_call_from_number', number)}",
        "calls, the longest first": f"{CALLS}?{urlencode({'sort': '-hs_call_duration'})}",
        "calls, page 100": f"{CALLS}?{urlencode({'after': 5000})}",
        "a call": f"{CALLS}/{FIRST_ID + chosen}",
    }


def _filter(name: str, value: str) -> str:
    return urlencode({"p": name, "o": "EQ", "v": value})


class Reader:
    """Somebody who opens one page after the other."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection("127.0.0.1", address.port)

    def open(self, place: str) -> tuple[float, int, int]:
        """Milliseconds until the page was there, its status and its bytes."""
        started = time.perf_counter()
        self._connection.request("GET", place)
        answer = self._connection.getresponse()
        size = len(answer.read())
        return (time.perf_counter() - started) * 1000, answer.status, size


def measure(url: str, records: int, requests: int) -> Iterator[tuple[str, list[float], int]]:
    """The name of each page, the milliseconds that it took each time, sorted, and its bytes."""
    chance, reader = random.Random(7), Reader(url)
    asked = [places(chance, records) for _ in range(requests)]
    for name in asked[0]:
        _warm(reader, asked[0][name])
        taken = [reader.open(each[name]) for each in asked]
        if bad := {status for _, status, _ in taken} - {200, 303}:
            raise RuntimeError(f"{name}: {bad}")
        yield name or "overview", sorted(time for time, _, _ in taken), max(size for _, _, size in taken)


def _warm(reader: Reader, place: str) -> None:
    """Waits while an index is made, which happens once."""
    for _ in range(60):
        if reader.open(place)[1] < 400:
            return
        time.sleep(1)


def table(lines: Mapping[str, tuple[list[float], int]]) -> str:
    """All lines, as Markdown."""
    rows = [["Page", "p50, ms", "p95, ms", "kB", f"goal: {GOAL:.0f} ms"], ["---"] * 5]
    for name, (taken, size) in lines.items():
        met = "met" if at(taken, 0.95) < GOAL else "**missed**"
        rows.append([name, f"{at(taken, 0.5):.1f}", f"{at(taken, 0.95):.1f}", f"{size / 1000:.0f}", met])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, help="calls in the store (1,000,000)")
    parser.add_argument("--requests", type=int, default=100, help="requests for each page (100)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where the stores go (build/bench)")
    options = parser.parse_args()
    stores = Stores(options.folder, None)
    try:
        path = stores.copy(stores.filled(options.records), "pages.db")
        with Server(path, "full") as server:
            found = {
                name: (taken, size) for name, taken, size in measure(server.url, options.records, options.requests)
            }
    finally:
        stores.clear()
    print(table(found))


if __name__ == "__main__":
    main()
