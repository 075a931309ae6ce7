"""`kill -9` at any moment: what was acknowledged is there, nothing twice, no batch by half."""

import http.client
import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apsw
import msgspec
from server import Server, start

ROUNDS = 16
CLIENTS = 4
BATCH = 20
AT = "2025-04-24T20:01:33Z"


class Dialer(threading.Thread):
    """A client that upserts without pause and notes what was acknowledged, until the server is gone.

    Each of its batches writes the same title to all its calls, so a batch by half would show.
    """

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(name=name)
        self._server = server
        self.acknowledged: dict[str, str] = {}
        self.sent: list[tuple[list[str], str]] = []
        self.ids: dict[str, str] = {}

    def run(self) -> None:
        connection = http.client.HTTPConnection(urlsplit(self._server.url).netloc, timeout=30)
        try:
            for keys, title, body in self._batches():
                self.sent.append((keys, title))
                connection.request("POST", "/crm/v3/objects/calls/batch/upsert", body, self._headers())
                answer = connection.getresponse()
                content = answer.read()
                assert answer.status == 200, content
                self.acknowledged |= dict.fromkeys(keys, title)
                self._note(msgspec.json.decode(content)["results"])
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._server.token}", "content-type": "application/json"}

    def _batches(self) -> Iterator[tuple[list[str], str, bytes]]:
        chance, groups = random.Random(self.name), 0
        while True:
            group = chance.randrange(groups) if groups and chance.random() < 0.5 else groups
            groups = max(groups, group + 1)
            title = f"{self.name}-{len(self.sent)}"
            keys = [f"{self.name}/{group}/{number}" for number in range(BATCH)]
            properties = {"hs_timestamp": AT, "hs_call_title": title}
            inputs = [{"idProperty": "ext_ref", "id": key, "properties": properties} for key in keys]
            yield keys, title, msgspec.json.encode({"inputs": inputs})

    def _note(self, results: list[dict[str, str]]) -> None:
        for result in results:
            key = result["properties"].get("ext_ref")  # type: ignore[attr-defined]
            if key:
                assert self.ids.setdefault(key, result["id"]) == result["id"]


def test_acknowledged_writes_survive_kill_9(tmp_path: Path) -> None:
    data, chance = tmp_path / "calls.db", random.Random(20_251_124)
    acknowledged: dict[str, str] = {}
    possible: dict[str, set[str]] = defaultdict(set)
    for turn in range(ROUNDS):
        server = start(data)
        if not turn:
            server.define()
        dialers = [Dialer(server, f"{turn}-{number}") for number in range(CLIENTS)]
        for dialer in dialers:
            dialer.start()
        threading.Event().wait(chance.uniform(0.05, 0.8))
        server.kill()
        for dialer in dialers:
            dialer.join()
            acknowledged |= dialer.acknowledged
            _note_possible(dialer, possible)
        _check(data, acknowledged, possible)
    assert len(acknowledged) > ROUNDS * BATCH


def _note_possible(dialer: Dialer, possible: dict[str, set[str]]) -> None:
    """What each key may hold: the title acknowledged last, or the one that was on its way when the server died."""
    for keys, title in dialer.sent:
        for key in keys:
            if dialer.acknowledged.get(key) != title and (keys, title) == dialer.sent[-1]:
                possible[key].add(title)
            else:
                possible[key] = {title}


def _check(data: Path, acknowledged: dict[str, str], possible: dict[str, set[str]]) -> None:
    connection = apsw.Connection(str(data))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    rows: list[Any] = connection.execute(
        "SELECT properties ->> 'ext_ref', properties ->> 'hs_call_title' FROM record"
    ).fetchall()
    claims = connection.execute("SELECT value FROM unique_value WHERE property = 'ext_ref'").fetchall()
    positions = connection.execute("SELECT count(*), count(DISTINCT position) FROM change").fetchall()[0]
    connection.close()
    stored: dict[str, str] = dict(rows)
    assert len(stored) == len(rows), "a key has two records"
    assert {key for (key,) in claims} == set(stored)
    assert positions[0] == positions[1]
    assert not set(acknowledged) - set(stored), "an acknowledged call is gone"
    assert all(title in possible[key] for key, title in stored.items())
    batches: dict[str, set[str]] = defaultdict(set)
    for key, title in stored.items():
        batches[key.rpartition("/")[0]].add(title)
    assert all(len(titles) == 1 for titles in batches.values()), "a batch is there by half"


def test_a_batch_that_was_answered_is_there_when_the_server_dies_at_once(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"
    server = start(data)
    server.define()
    answer = server.upsert({"idProperty": "ext_ref", "id": "A", "properties": {"hs_timestamp": AT}})
    server.kill()
    again = start(data)
    with again.client() as client:
        kept = client.get("/crm/v3/objects/calls/A", params={"idProperty": "ext_ref"})
    again.stop()
    assert kept.json()["id"] == answer.json()["results"][0]["id"]
