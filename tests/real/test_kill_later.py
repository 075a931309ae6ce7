"""`kill -9` while a batch of 10,000 is carried out: it goes on at the next start, and applies every input just once."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
from server import SECONDS, UNIQUE, Server, start

AT = "2025-04-24T20:01:33Z"
INPUTS = 10_000
EVERY = 50
"""Every so many inputs there is one of a call that exists, and one that is bad."""
CHUNKS = 15
"""Chunks that are carried out before the server is killed again."""


def properties(number: int) -> dict[str, str]:
    if number % EVERY == 1:
        return {"hs_timestamp": "soon"}
    return {"hs_timestamp": AT, "hs_call_title": f"new {number}"}


def carried_out(data: Path) -> int:
    """How many chunks are done; read beside the server, without touching its file."""
    connection = apsw.Connection(str(data), flags=apsw.SQLITE_OPEN_READONLY)
    rows: list[Any] = connection.execute("SELECT chunk FROM job").fetchall()
    connection.close()
    return int(rows[0][0])


def enlist(server: Server) -> str:
    """The path of a new job; some of its calls are there already."""
    inputs = [{"idProperty": "ext_ref", "id": f"k{n}", "properties": properties(n)} for n in range(INPUTS)]
    with server.client() as client:
        client.post("/crm/v3/properties/calls", json=UNIQUE).raise_for_status()
        for first in range(0, INPUTS, EVERY * 100):
            old = {"hs_timestamp": AT, "hs_call_title": "old"}
            some = [inputs[n] | {"properties": old} for n in range(first, first + EVERY * 100, EVERY)]
            assert client.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": some}).status_code == 200
        headers = {"prefer": "respond-async"}
        answer = client.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": inputs}, headers=headers)
        assert answer.status_code == 202
        return str(answer.json()["links"]["status"]).removeprefix(server.url)


def wait(server: Server, path: str) -> dict[str, Any]:
    """What the job tells when it is done."""
    with server.client() as client:
        for _ in in_time():
            body: dict[str, Any] = client.get(path).json()
            if body["status"] not in ("PENDING", "PROCESSING"):
                break
    return body


def in_time() -> Iterator[None]:
    """Turns of a loop that fails when it takes too long."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        yield
    raise AssertionError("the job is not done in time")


def test_a_job_survives_kill_9_and_applies_every_input_once(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"
    server = start(data)
    path = enlist(server)
    server.kill()
    stops = [carried_out(data)]
    while stops[-1] < INPUTS // 100 - 2 * CHUNKS:
        server = start(data)
        for _ in in_time():
            if carried_out(data) >= stops[-1] + CHUNKS:
                break
        server.kill()
        stops.append(carried_out(data))
        check_half(data, stops[-1])
    server = start(data)
    complete = wait(server, path)
    assert server.stop() == 0
    assert len([stop for stop in stops if 0 < stop < INPUTS // 100]) >= 2, stops
    check_whole(data, complete)


def check_half(data: Path, chunks: int) -> None:
    """Just the chunks that count as done are written."""
    connection = apsw.Connection(str(data))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    select = "SELECT count(*) FROM record WHERE properties ->> 'hs_call_title' LIKE 'new%'"
    ((written,),) = connection.execute(select).fetchall()
    connection.close()
    assert written == chunks * 100 - chunks * (100 // EVERY)


def check_whole(data: Path, complete: dict[str, Any]) -> None:
    assert complete["status"] == "COMPLETE"
    good = [n for n in range(INPUTS) if n % EVERY != 1]
    titles = [result["properties"]["hs_call_title"] for result in complete["results"]]
    assert titles == [f"new {n}" for n in good]
    assert [result["new"] for result in complete["results"]] == [n % EVERY != 0 for n in good]
    assert [error["context"]["index"] for error in complete["errors"]] == [[str(n)] for n in range(1, INPUTS, EVERY)]
    assert complete["numErrors"] == INPUTS // EVERY
    connection = apsw.Connection(str(data))
    changes: list[Any] = connection.execute("SELECT kind, record, detail FROM change").fetchall()
    keys: list[Any] = connection.execute("SELECT properties ->> 'ext_ref' FROM record").fetchall()
    connection.close()
    assert sorted(key for (key,) in keys) == sorted(f"k{n}" for n in good)
    created = Counter(id_ for kind, _, detail in changes if kind == "create" for id_ in json.loads(detail))
    updated = Counter(record for kind, record, _ in changes if kind == "update")
    assert set(created.values()) == set(updated.values()) == {1}
    assert (len(created), len(updated)) == (len(good), INPUTS // EVERY)
