"""Imports and exports as a client asks for them."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from idle import Idle

from trunkline.http.worker import Course

Json = dict[str, Any]
IMPORTS = "/crm/v3/imports"
EXPORT = "/crm/v3/exports/export/async"


def column(name: str, property_: str | None, type_: str = "0-1", **members: Any) -> Json:
    """One mapping of a column."""
    return {"columnObjectTypeId": type_, "columnName": name, "propertyName": property_} | members


EMAIL = column("Email", "email", columnType="HUBSPOT_ALTERNATE_ID")
FIRST = column("First", "firstname")


def file(name: str, *columns: Json, header: bool = True, **members: Any) -> Json:
    """One file of an import."""
    page = {"hasHeader": header, "columnMappings": list(columns)}
    return {"fileName": name, "fileFormat": "CSV", "fileImportPage": page} | members


async def post(http: httpx.AsyncClient, asked: Json, files: Mapping[str, str | bytes], **more: Any) -> httpx.Response:
    """Asks for an import."""
    parts = [("files", (name, content, "text/csv")) for name, content in files.items()]
    return await http.post(more.pop("path", IMPORTS), data={"importRequest": json.dumps(asked)}, files=parts, **more)


async def started(http: httpx.AsyncClient, content: str | bytes, *columns: Json, **members: Any) -> str:
    """The id of an import of one file."""
    answer = await post(http, {"name": "May", "files": [file("f.csv", *columns)]} | members, {"f.csv": content})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] in ("STARTED", "DEFERRED")
    return str(answer.json()["id"])


async def carried(server: Idle, id_: str, times: int = 1_000) -> None:
    """Carries out some chunks of an import or an export."""
    job = await server.store.jobs.get((await server.store.portals())[0], id_)
    assert job is not None
    course = Course(server.state, job)
    for _ in range(times):
        if not await course.step():
            break


async def done(server: Idle, content: str | bytes, *columns: Json, **members: Any) -> tuple[Json, list[Json]]:
    """What an import of one file tells once it is carried out, and its errors."""
    id_ = await started(server.http, content, *columns, **members)
    await carried(server, id_)
    return await told(server.http, id_), await faults(server.http, id_)


async def told(http: httpx.AsyncClient, id_: str) -> Json:
    """What an import tells."""
    answer = await http.get(f"{IMPORTS}/{id_}")
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


async def faults(http: httpx.AsyncClient, id_: str, limit: int = 100) -> list[Json]:
    """The errors of an import, from all pages."""
    found: list[Json] = []
    path: str | None = f"{IMPORTS}/{id_}/errors?limit={limit}"
    while path:
        body = (await http.get(path)).json()
        found += body["results"]
        path = body["paging"]["next"]["link"] if "paging" in body else None
    return found


def brief(errors: list[Json]) -> list[tuple[str, int, int | None, str | None]]:
    """Of each error the kind, the row, the column and the cell."""
    return [
        (e["errorType"], e["sourceData"]["lineNumber"], e.get("knownColumnNumber"), e.get("invalidValue"))
        for e in errors
    ]


async def records(http: httpx.AsyncClient, type_: str, *names: str, **query: str) -> list[list[str | None]]:
    """What some properties of all live records are."""
    asked = {"limit": "100", "properties": ",".join(names)} | query
    body = (await http.get(f"/crm/v3/objects/{type_}", params=asked)).json()
    return [[one["properties"][name] for name in names] for one in body["results"]]


async def exported(server: Idle, **members: Any) -> str:
    """The text of the file of an export."""
    answer = await server.http.post(EXPORT, json={"exportType": "VIEW", "format": "CSV"} | members)
    assert answer.status_code == 202, answer.text
    await carried(server, answer.json()["id"])
    status = (await server.http.get(answer.json()["links"]["status"])).json()
    assert status["status"] == "COMPLETE", status
    content = await server.http.get(status["result"], headers={"authorization": ""})
    assert content.status_code == 200
    return content.content.decode()
