"""Reads of associations in a filled store, each beside bare SQL that fetches and encodes the same.

    .venv/bin/python benchmarks/ties.py [--records 1000000] [--requests 200] [--rounds 3] [--folder build/bench]

Every call is tied to one of a fifth as many contacts, and one more contact has 10,000 calls. Both sides look at the
same file; one request at a time on each, both sides by turns in each round, and the medians of the rounds are told.
Last comes what inline associations cost a batch create of 100 calls; an upsert takes none.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import cast

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
from msgspec import Struct

from benchmarks.calls import call
from benchmarks.reads import BEYOND, GOAL, RATIO, Client, Question, at, timed
from benchmarks.server import Server, number
from benchmarks.stores import Stores
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS

SHARE = 5
"""Calls of a contact."""

MANY = 10_000
"""Calls of the one contact that has more."""

PAGE = 500
TOGETHER = 100
"""Records of a batch."""

CALL_TO_CONTACT, CONTACT_TO_CALL = 194, 193
TIED = (
    "SELECT a.source, a.target, a.kind FROM association AS a JOIN record AS r ON r.key = a.target "
    "WHERE a.source = ? AND a.target BETWEEN ? AND ? AND r.archived IS NULL ORDER BY a.target LIMIT ?"
)
TIE = "INSERT INTO association (source, target, category, kind, at, app) VALUES (?, ?, 0, ?, 0, 1)"
_encode = msgspec.json.encode


class Ties:
    """The bare side. Every call of the store is tied to a contact before anything is asked."""

    def __init__(self, store: Path) -> None:
        self.connection = connect(str(store))
        self.calls, self.contacts = (
            number(self.connection, "SELECT slot FROM collection WHERE type = '0-48'") << SLOT_BITS,
            number(self.connection, "SELECT slot FROM collection WHERE type = '0-1'") << SLOT_BITS,
        )

    def prepare(self, records: int) -> None:
        """Makes the contacts, and ties the calls to them in both directions."""
        contacts = records // SHARE
        chance = random.Random(5)
        with self.connection:
            insert = "INSERT INTO record (key, properties, created, updated, app) VALUES (?, '{}', 0, 0, 1)"
            keys = range(self.contacts | FIRST_ID, (self.contacts | FIRST_ID) + contacts + 1)
            self.connection.executemany(insert, ((key,) for key in keys))
            pairs = [((self.calls | FIRST_ID) + one, keys[one * 7919 % contacts]) for one in range(records)]
            pairs += [((self.calls | FIRST_ID) + one, keys[-1]) for one in chance.sample(range(records), MANY)]
            rows = [(a, b, CALL_TO_CONTACT) for a, b in pairs] + [(b, a, CONTACT_TO_CALL) for a, b in pairs]
            self.connection.executemany(TIE, sorted(rows))

    def page(self, question: Question) -> bytes:
        """The bytes of one page of a contact's calls."""
        ((_, results),) = self._fetched(question)
        return _encode({"results": results})

    def batch(self, question: Question) -> bytes:
        """The bytes of a batch read."""
        results = [{"from": {"id": id_}, "to": to} for id_, to in self._fetched(question)]
        return _encode({"status": "COMPLETE", "results": results})

    def _fetched(self, question: Question) -> list[tuple[str, list[dict[str, object]]]]:
        starts = cast(tuple[tuple[int, int], ...], question.values)
        asked = [(self.contacts | id_, self.calls | after, self.calls | LAST_ID, PAGE) for id_, after in starts]
        rows = self.connection.executemany(TIED, asked)
        return [
            (str(source & LAST_ID), [_shown(target, kind) for _, target, kind in some])
            for source, some in groupby(rows, itemgetter(0))
        ]


def _shown(target: int, kind: int) -> dict[str, object]:
    types = [{"category": "HUBSPOT_DEFINED", "typeId": kind, "label": None}]
    return {"toObjectId": str(target & LAST_ID), "associationTypes": types}


Kind = tuple[Callable[[Ties, Question], bytes], list[Question]]


def questions(records: int, requests: int) -> list[Kind]:
    """Every kind of request, so many of each, and how the bare side answers it."""
    chance, contacts = random.Random(7), records // SHARE
    ids = [FIRST_ID + chance.randrange(contacts) for _ in range(requests)]
    one = [_page("a contact's calls", id_) for id_ in ids]
    first = [_page(f"the first {PAGE} of {MANY:,} calls", FIRST_ID + contacts) for _ in ids]
    later = [_page(f"{PAGE} in the midst of {MANY:,}", FIRST_ID + contacts, FIRST_ID + records // 2) for _ in ids]
    some = [sorted(FIRST_ID + chosen for chosen in chance.sample(range(contacts), TOGETHER)) for _ in ids]
    return [(Ties.page, one), (Ties.page, first), (Ties.page, later), (Ties.batch, [_batch(ids) for ids in some])]


def _page(name: str, id_: int, after: int = 0) -> Question:
    path = f"/crm/v4/objects/contacts/{id_}/associations/calls?after={after}"
    return Question(name, "GET", path, None, None, "", ((id_, after),))


def _batch(ids: Sequence[int]) -> Question:
    body = {"inputs": [{"id": str(id_)} for id_ in ids]}
    path = "/crm/v4/associations/contacts/calls/batch/read"
    return Question(f"batch read of {TOGETHER}", "POST", path, body, None, "", tuple((id_, 0) for id_ in ids))


def require_same(question: Question, served: bytes, bare: bytes) -> None:
    """Raises unless both sides show the same ties."""
    if msgspec.json.decode(served)["results"] != msgspec.json.decode(bare)["results"]:
        raise RuntimeError(f"{question.name}: the answers differ\n{served[:600]!r}\n{bare[:600]!r}")


class Figures(Struct, frozen=True):
    """Milliseconds of one kind of request: the halves and the 95th of 100, medians of the rounds."""

    name: str
    served: tuple[float, float]
    bare: tuple[float, float]

    def row(self) -> str:
        """The line of a table."""
        goal = RATIO * self.bare[1] + BEYOND
        verdict = "met" if self.served[1] <= goal else "**missed**"
        cells = *(f"{pair[i]:.2f}" for i in (0, 1) for pair in (self.served, self.bare)), f"{goal:.2f}", verdict
        return f"| {' | '.join((self.name, *cells))} |"


def _medians(rounds: Sequence[list[float]]) -> tuple[float, float]:
    return statistics.median(at(one, 0.5) for one in rounds), statistics.median(at(one, 0.95) for one in rounds)


def measure(path: Path, records: int, requests: int, rounds: int) -> list[Figures]:
    """All kinds of reads on both sides."""
    with Server(path, "full"):
        pass  # brings the file to the newest schema
    bare = Ties(path)
    bare.prepare(records)
    lines = []
    with Server(path, "full") as server:
        client = Client(server.url)
        for answer, kind in questions(records, requests):
            require_same(kind[0], client.ask(kind[0]), answer(bare, kind[0]))
            served, theirs = [], []
            for _ in range(rounds):
                theirs.append(timed(partial(answer, bare), kind))
                served.append(timed(client.ask, kind))
            lines.append(Figures(kind[0].name, _medians(served), _medians(theirs)))
    return lines


def writes(path: Path, records: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of batches of calls that are created, with an association each and without."""
    taken: dict[str, list[float]] = {}
    with Server(path, "full") as server:
        client = Client(server.url)
        for count in range(rounds * 20):
            for tied in (False, True):
                question = _written(2 * records + (count * 2 + tied) * TOGETHER, records // SHARE, tied=tied)
                taken.setdefault(question.name, []).extend(timed(client.ask, [question]))
    return {name: (at(sorted(some), 0.5), at(sorted(some), 0.95)) for name, some in taken.items()}


def _written(first: int, contacts: int, *, tied: bool) -> Question:
    inputs = []
    for one in range(first, first + TOGETHER):
        made: dict[str, object] = {"properties": call(one, 0)}
        if tied:
            spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": CALL_TO_CONTACT}
            made["associations"] = [{"to": {"id": str(FIRST_ID + one * 31 % contacts)}, "types": [spec]}]
        inputs.append(made)
    name = f"batch create of {TOGETHER}{', each with an association' if tied else ''}"
    return Question(name, "POST", "/crm/v3/objects/calls/batch/create", {"inputs": inputs}, None, "", ())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, help="calls in the store (1,000,000)")
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind in a round (200)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where the stores go (build/bench)")
    options = parser.parse_args()
    stores = Stores(options.folder, None)
    try:
        path = stores.copy(stores.filled(options.records), "ties.db")
        lines = measure(path, options.records, options.requests, options.rounds)
        wrote = writes(path, options.records, options.rounds)
    finally:
        stores.clear()
    print(f"| Request, one at a time | p50, ms | bare SQL, p50 | p95, ms | bare SQL, p95 | goal: {GOAL} | |")
    print(f"|{' --- |' * 7}")
    for line in lines:
        print(line.row())
    for name, (half, most) in wrote.items():
        print(f"{name}: p50 {half:.2f} ms, p95 {most:.2f} ms")


if __name__ == "__main__":
    main()
