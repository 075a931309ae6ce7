"""Searches and other reads of a filled store, each beside the same done by bare SQL with indexes made for it.

    .venv/bin/python benchmarks/reads.py [--records 1000000] [--requests 200] [--folder build/bench]

The bare side looks the same records up in tables of its own with just the index that the question needs, counts them,
reads and decodes them from the same store, and encodes the same answer. One request at a time on both sides.
"""

import argparse
import http.client
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
from msgspec import Struct

from benchmarks.calls import _NAMES, _SUBJECTS, call
from benchmarks.server import TOKEN, Server, number
from benchmarks.stores import Stores
from trunkline.crm.values import moment
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS

RATIO, BEYOND = 3.0, 2.0
"""The goal for the 95th of 100 requests: so many times the bare figure, and so many milliseconds more."""

GOAL = f"{RATIO:.0f} times bare + {BEYOND:.0f} ms"
PAGE = 100
SHOWN = ("hs_call_title", "hs_call_status", "hs_timestamp", "hs_call_from_number", "hs_call_duration")
DAY = 86_400_000
FIRST_DAY = 1_735_689_600_000
CONTACT = FIRST_ID
TIED = 500
"""Calls of the contact whose timeline is asked for."""

_decode = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode

BARE = """
CREATE TABLE bare.call (key INTEGER PRIMARY KEY, number TEXT, at INTEGER);
INSERT INTO bare.call SELECT key, properties ->> 'hs_call_from_number',
    unixepoch(properties ->> 'hs_timestamp') * 1000 FROM main.record WHERE key > {first} AND key < {last};
CREATE INDEX bare.call_number ON call (number);
CREATE INDEX bare.call_at ON call (at);
CREATE VIRTUAL TABLE bare.words USING fts5 (title, body, content='', tokenize='unicode61');
INSERT INTO bare.words (rowid, title, body) SELECT key, properties ->> 'hs_call_title', properties ->> 'hs_call_body'
    FROM main.record WHERE key > {first} AND key < {last};
ANALYZE bare;
"""


class Question(Struct, frozen=True):
    """One kind of request: how it is sent, and which keys answer it, with their number, by bare SQL.

    `count` and `page` are statements of the bare side, `values` what they are asked with.
    """

    name: str
    method: str
    path: str
    body: object
    count: str | None
    page: str
    values: tuple[object, ...]


class Bare:
    """The bare side, over a store that a server serves or has served."""

    def __init__(self, store: Path, beside: Path) -> None:
        self.connection = connect(str(store))
        slot = number(self.connection, "SELECT slot FROM collection WHERE type = '0-48'")
        self.contacts = number(self.connection, "SELECT slot FROM collection WHERE type = '0-1'")
        self.portal = number(self.connection, "SELECT portal FROM collection WHERE type = '0-48'")
        self.first, self.last = slot << SLOT_BITS, slot << SLOT_BITS | LAST_ID
        self.records = number(self.connection, "SELECT count(*) FROM record")
        self.connection.execute("ATTACH ? AS bare", (str(beside),))

    def prepare(self) -> None:
        """Makes the tables of the bare side, and a contact with calls."""
        self.connection.execute("PRAGMA bare.synchronous = off")
        contact = self.contacts << SLOT_BITS | CONTACT
        with self.connection:
            self.connection.execute(BARE.format(first=self.first, last=self.last))
            insert = "INSERT INTO record (key, properties, created, updated, app) VALUES (?, '{}', 0, 0, 1)"
            self.connection.execute(insert, (contact,))
            calls = [
                key for (key,) in self.connection.execute("SELECT key FROM bare.call ORDER BY at LIMIT ?", (TIED,))
            ]
            rows = [row for key in calls for row in ((key, contact, 194), (contact, key, 193))]
            tie = "INSERT INTO association (source, target, category, kind, at, app) VALUES (?, ?, 0, ?, 0, 1)"
            self.connection.executemany(tie, rows)

    def answer(self, question: Question) -> bytes:
        """The bytes of an answer."""
        execute = self.connection.execute
        total = None if question.count is None else execute(question.count, question.values).fetchall()[0][0]
        keys = [row[:1] for row in execute(question.page, question.values)]
        select = "SELECT key, properties, created, updated FROM record WHERE key = ?"
        results = [self._shown(*row) for row in self.connection.executemany(select, keys)]
        return _encode({"results": results} if total is None else {"total": total, "results": results})

    def _shown(self, key: int, text: str, created: int, updated: int) -> dict[str, object]:
        kept = _decode(text)
        id_ = str(key & LAST_ID)
        shown = {name: kept.get(name) for name in SHOWN}
        shown |= {"hs_createdate": moment(created), "hs_lastmodifieddate": moment(updated), "hs_object_id": id_}
        return {
            "id": id_,
            "properties": shown,
            "createdAt": moment(created),
            "updatedAt": moment(updated),
            "archived": False,
            "url": f"https://app.hubspot.com/contacts/{self.portal}/record/0-48/{id_}",
        }


def questions(bare: Bare, records: int, requests: int) -> dict[str, list[Question]]:
    """Every kind of request, so many of each, asking for something else each time."""
    chance = random.Random(7)
    numbers = [chance.randrange(records) for _ in range(requests)]
    makers: tuple[Callable[[Bare, int], Question], ...] = (_equal, _between, _words, _timeline, _list, _read)
    made = [[maker(bare, number) for number in numbers] for maker in makers]
    return {kind[0].name: kind for kind in made}


def _search(name: str, body: dict[str, object], where: str, order: str, values: tuple[object, ...]) -> Question:
    body = {"properties": SHOWN, "limit": PAGE, **body}
    count = f"SELECT count(*) FROM {where}"
    page = f"SELECT {'rowid' if 'words' in where else 'key'} FROM {where} ORDER BY {order} LIMIT {PAGE}"
    return Question(name, "POST", "/crm/v3/objects/calls/search", body, count, page, values)


def _filters(*filters: dict[str, str]) -> dict[str, object]:
    return {"filterGroups": [{"filters": filters}]}


def _equal(bare: Bare, chosen: int) -> Question:
    value = call(chosen, 0)["hs_call_from_number"]
    asked = _filters({"propertyName": "hs_call_from_number", "operator": "EQ", "value": value})
    return _search("search: one property equals", asked, "bare.call WHERE number = ?", "key", (value,))


def _between(bare: Bare, chosen: int) -> Question:
    low = FIRST_DAY + chosen % 300 * DAY
    high = low + DAY
    name = "hs_timestamp"
    filter_ = {"propertyName": name, "operator": "BETWEEN", "value": str(low), "highValue": str(high)}
    asked = _filters(filter_) | {"sorts": [f"-{name}"]}
    where = "bare.call WHERE at BETWEEN ? AND ?"
    return _search("search: a day, newest first", asked, where, "at DESC, key DESC", (low, high))


def _words(bare: Bare, chosen: int) -> Question:
    name, subject = _NAMES[chosen % len(_NAMES)].split()[-1], _SUBJECTS[chosen % len(_SUBJECTS)].split()[-1]
    match = f'"{name}"* "{subject}"*'
    asked: dict[str, object] = {"query": f"{name} {subject}"}
    return _search("search: two words", asked, "bare.words WHERE words MATCH ?", "rowid", (match,))


def _timeline(bare: Bare, chosen: int) -> Question:
    contact = bare.contacts << SLOT_BITS | CONTACT
    asked = _filters({"propertyName": "associations.contact", "operator": "EQ", "value": str(CONTACT)})
    where = (
        "main.association JOIN bare.call ON key = target "
        f"WHERE source = ? AND target BETWEEN {bare.first} AND {bare.last}"
    )
    order = "call.at DESC, key DESC"
    return _search(
        "search: a contact's calls, newest first", asked | {"sorts": ["-hs_timestamp"]}, where, order, (contact,)
    )


def _list(bare: Bare, chosen: int) -> Question:
    after = FIRST_ID + chosen
    path = f"/crm/v3/objects/calls?limit={PAGE}&after={after}&properties={','.join(SHOWN)}"
    page = f"SELECT key FROM record WHERE key BETWEEN ? AND {bare.last} AND archived IS NULL ORDER BY key LIMIT {PAGE}"
    return Question("list: a page of 100", "GET", path, None, None, page, (bare.first | after,))


def _read(bare: Bare, chosen: int) -> Question:
    chance = random.Random(chosen)
    ids = [FIRST_ID + chance.randrange(bare.records) for _ in range(PAGE)]
    body = {"inputs": [{"id": str(id_)} for id_ in dict.fromkeys(ids)], "properties": SHOWN}
    page = "SELECT value FROM json_each(?)"
    keys = msgspec.json.encode([bare.first | id_ for id_ in dict.fromkeys(ids)]).decode()
    return Question("batch read of 100", "POST", "/crm/v3/objects/calls/batch/read", body, None, page, (keys,))


class Client:
    """One kept connection to a server."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port)

    def ask(self, question: Question) -> bytes:
        """The bytes of the server's answer."""
        body = None if question.body is None else msgspec.json.encode(question.body)
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        self._connection.request(question.method, question.path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(content.decode())
        return content


class Line(Struct, frozen=True):
    """What was measured of one kind of request, in milliseconds: the server's and the bare side's, sorted."""

    name: str
    served: list[float]
    bare: list[float]

    def row(self) -> list[str]:
        """The line of a table."""
        least, most = at(self.bare, 0.95), at(self.served, 0.95)
        goal = RATIO * least + BEYOND
        halves = f"{at(self.served, 0.5):.2f}", f"{at(self.bare, 0.5):.2f}"
        return [
            self.name,
            *halves,
            f"{most:.2f}",
            f"{least:.2f}",
            f"{goal:.2f}",
            "met" if most <= goal else "**missed**",
        ]


def at(values: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted values lies."""
    return values[min(len(values) - 1, int(share * len(values)))]


def timed(work: Callable[[Question], bytes], asked: Iterable[Question]) -> list[float]:
    """Milliseconds of each, sorted."""
    taken = []
    for question in asked:
        started = time.perf_counter()
        work(question)
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def require_same(question: Question, served: bytes, bare: bytes) -> None:
    """Raises unless both sides answer the same records and the same total."""
    ours, theirs = msgspec.json.decode(served), msgspec.json.decode(bare)
    if ours["results"] != theirs["results"] or ours.get("total") != theirs.get("total"):
        raise RuntimeError(f"{question.name}: the answers differ\n{served[:600]!r}\n{bare[:600]!r}")


def measure(stores: Stores, records: int, requests: int) -> tuple[list[Line], dict[str, float]]:
    """All kinds of requests on both sides, and the seconds of the first search of each kind."""
    path = stores.copy(stores.filled(records), "reads.db")
    with Server(path, "full"):
        pass  # brings the file to the newest schema
    bare = Bare(path, path.with_suffix(".bare"))
    bare.prepare()
    asked = questions(bare, records, requests)
    first: dict[str, float] = {}
    lines = []
    with Server(path, "full") as server:
        for name, kind in asked.items():
            started = time.perf_counter()
            served = _patiently(Client(server.url), kind[0])
            first[name] = time.perf_counter() - started
            require_same(kind[0], served, bare.answer(kind[0]))
        for name, kind in asked.items():
            theirs = timed(bare.answer, kind)
            client = Client(server.url)
            lines.append(Line(name, timed(client.ask, kind), theirs))
    return lines, first


def _patiently(client: Client, question: Question) -> bytes:
    """Asks again while the index is being made."""
    for _ in range(60):
        try:
            return client.ask(question)
        except RuntimeError as cause:
            print(cause, file=sys.stderr)
    raise RuntimeError("the index was not made")


def table(lines: Sequence[Line]) -> str:
    """All lines, as Markdown."""
    head = ["Request, one at a time", "p50, ms", "bare SQL, p50", "p95, ms", "bare SQL, p95", f"goal: {GOAL}", ""]
    rows = [head, ["---"] * len(head), *(line.row() for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, help="calls in the store (1,000,000)")
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind (200)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where the stores go (build/bench)")
    options = parser.parse_args()
    stores = Stores(options.folder, None)
    try:
        lines, first = measure(stores, options.records, options.requests)
    finally:
        stores.clear()
    print(table(lines))
    for name, seconds in first.items():
        print(f"first {name}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
