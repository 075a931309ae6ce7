"""`kill -9` while 10,000 rows are imported, and while they are exported: both go on at the next start.

Each row is applied once and counted once, and the file of the export has each record once.
"""

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import httpx
from server import SECONDS, UNIQUE, Server, start

ROWS = 10_000
EVERY = 50
"""Every so many rows there is one of a call that exists, and one that is bad."""
CHUNKS = 15
"""Chunks that are carried out before the server is killed again."""

COLUMNS = {"Key": "ext_ref", "Title": "hs_call_title", "At": "hs_timestamp"}


def progress(data: Path, kind: str) -> int:
    """How many chunks are done; read beside the server, without touching its file."""
    connection = apsw.Connection(str(data), flags=apsw.SQLITE_OPEN_READONLY)
    rows: list[Any] = connection.execute("SELECT chunk FROM job WHERE kind = ?", (kind,)).fetchall()
    connection.close()
    return int(rows[0][0])


def row(number: int) -> str:
    return f"k{number},new {number},{'soon' if number % EVERY == 1 else '2025-04-24'}"


def begin(server: Server) -> None:
    """Starts an import; some of its calls are there already."""
    mappings = [{"columnObjectTypeId": "0-48", "columnName": name, "propertyName": p} for name, p in COLUMNS.items()]
    mappings[0]["columnType"] = "HUBSPOT_ALTERNATE_ID"
    page = {"hasHeader": True, "columnMappings": mappings}
    asked = {"name": "calls", "files": [{"fileName": "calls.csv", "fileFormat": "CSV", "fileImportPage": page}]}
    content = "Key,Title,At\n" + "\n".join(row(n) for n in range(ROWS))
    with server.client() as client:
        client.post("/crm/v3/properties/calls", json=UNIQUE).raise_for_status()
        old = {"hs_timestamp": "2025-04-24T20:01:33Z", "hs_call_title": "old"}
        for first in range(0, ROWS, EVERY * 100):
            some = [
                {"idProperty": "ext_ref", "id": f"k{n}", "properties": old}
                for n in range(first, first + EVERY * 100, EVERY)
            ]
            assert client.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": some}).status_code == 200
        files = {"files": ("calls.csv", content, "text/csv")}
        answer = client.post("/crm/v3/imports", data={"importRequest": json.dumps(asked)}, files=files)
        assert answer.status_code == 200, answer.text


def in_time() -> Iterator[None]:
    """Turns of a loop that fails when it takes too long."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        yield
    raise AssertionError("the job is not done in time")


def killed(data: Path, server: Server, kind: str, least: int) -> tuple[Server, int]:
    """Kills a server once it did so many chunks, and starts another one; tells how many were done."""
    for _ in in_time():
        if progress(data, kind) >= least:
            break
    server.kill()
    return start(data), progress(data, kind)


def test_an_import_survives_kill_9_and_applies_every_row_once(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"
    server = start(data)
    begin(server)
    stops = [0]
    while stops[-1] < ROWS // 100 - 2 * CHUNKS:
        server, stop = killed(data, server, "import", stops[-1] + CHUNKS if stops[1:] else 0)
        stops.append(stop)
    assert len([stop for stop in stops if 0 < stop < ROWS // 100]) >= 2, stops
    with server.client() as client:
        for _ in in_time():
            told = client.get("/crm/v3/imports/1").json()
            if told["state"] == "DONE":
                break
        errors: list[Any] = []
        path = "/crm/v3/imports/1/errors?limit=100"
        while path:
            body = client.get(path).json()
            errors += body["results"]
            path = body["paging"]["next"]["link"] if "paging" in body else ""
    good = [n for n in range(ROWS) if n % EVERY != 1]
    bad = ROWS // EVERY
    expected = {"TOTAL_ROWS": ROWS, "ERRORS": bad, "CREATED_OBJECTS": len(good) - bad, "UPDATED_OBJECTS": bad}
    counted = told["metadata"]["counters"]
    assert {name: counted[name] for name in expected} == expected
    assert counted["UNIQUE_OBJECTS_WRITTEN"] == len(good)
    assert [e["sourceData"]["rowData"][0] for e in errors] == [f"k{n}" for n in range(ROWS) if n % EVERY == 1]
    assert [e["sourceData"]["lineNumber"] for e in errors] == [n + 2 for n in range(ROWS) if n % EVERY == 1]
    server = check_export(data, server, good)
    assert server.stop() == 0
    check_journal(data, good)


def check_export(data: Path, server: Server, good: list[int]) -> Server:
    """An export that is interrupted has each record once, too."""
    asked = {"exportType": "VIEW", "format": "CSV", "objectType": "calls", "objectProperties": ["ext_ref"]}
    with server.client() as client:
        link = client.post("/crm/v3/exports/export/async", json=asked).json()["links"]["status"]
    path = link.removeprefix(server.url)
    server, _ = killed(data, server, "export", 1)
    with server.client() as client:
        for _ in in_time():
            told = client.get(path).json()
            if told["status"] == "COMPLETE":
                break
    text = httpx.get(told["result"], trust_env=False).text
    lines = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert sorted(line[1] for line in lines) == sorted(f"k{n}" for n in good)
    return server


def check_journal(data: Path, good: list[int]) -> None:
    """Each record was made once, or changed once."""
    connection = apsw.Connection(str(data))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    changes: list[Any] = connection.execute("SELECT kind, record, detail FROM change").fetchall()
    keys: list[Any] = connection.execute("SELECT properties ->> 'ext_ref' FROM record").fetchall()
    connection.close()
    assert sorted(key for (key,) in keys) == sorted(f"k{n}" for n in good)
    created = Counter(id_ for kind, _, detail in changes if kind == "create" for id_ in json.loads(detail))
    updated = Counter(record for kind, record, _ in changes if kind == "update")
    assert set(created.values()) == set(updated.values()) == {1}
    assert (len(created), len(updated)) == (len(good), ROWS // EVERY)
