"""What holds of a store whatever was asked of it: its several views of the same records agree."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import httpx
from fuzz.ground import OTHERS

TYPES = ("calls", *OTHERS)
SHOWN = ("ext_ref", "email", "hs_call_title", "hs_call_status", "hs_lastmodifieddate", "name", "dealname", "p_1")

UNDER_WAY = ("STARTED", "DEFERRED", "PROCESSING")


def settle(client: httpx.Client, jobs: Iterable[str]) -> None:
    """Asks until nothing is carried out any more of the batches that were put off, and of imports."""
    for path in [f"/crm/v3/objects/{type_}/batch/requests/{job}" for job in jobs for type_ in TYPES]:
        while client.get(path).json().get("status") in ("PENDING", "PROCESSING"):
            pass
    while any(one["state"] in UNDER_WAY for one in _imports(client)):
        pass


def _imports(client: httpx.Client) -> Iterator[dict[str, Any]]:
    query = {"limit": "100"}
    while True:
        page = client.get("/crm/v3/imports", params=query).raise_for_status().json()
        yield from page["results"]
        if "paging" not in page:
            return
        query["after"] = page["paging"]["next"]["after"]


def complaints(client: httpx.Client) -> Iterator[str]:
    """Where lists, searches, single reads, keys and histories tell different things."""
    schemas = client.get("/crm/v3/schemas").raise_for_status().json()["results"]
    for type_ in (*TYPES, *(schema["objectTypeId"] for schema in schemas)):
        records = list(_listed(client, type_))
        yield from _searched(client, type_, records)
        yield from _by_key(client, type_, records)
        for record in records:
            yield from _past(type_, record)


def _listed(client: httpx.Client, type_: str) -> Iterator[dict[str, Any]]:
    """All live records of a type, page by page."""
    query = {"limit": "50", "properties": ",".join(SHOWN), "propertiesWithHistory": ",".join(SHOWN)}
    while True:
        page = client.get(f"/crm/v3/objects/{type_}", params=query).raise_for_status().json()
        yield from page["results"]
        if "paging" not in page:
            return
        query["after"] = page["paging"]["next"]["after"]


def _searched(client: httpx.Client, type_: str, records: list[dict[str, Any]]) -> Iterator[str]:
    """A search for everything finds what the list shows, in the same order."""
    body = {"limit": 200, "properties": list(SHOWN)}
    found = client.post(f"/crm/v3/objects/{type_}/search", json=body).raise_for_status().json()
    if (found["total"], [one["id"] for one in found["results"]]) != (len(records), [r["id"] for r in records][:200]):
        yield f"{type_}: {found['total']} found, {len(records)} listed"
    for one, record in zip(found["results"], records, strict=False):
        shown = {name: one["properties"].get(name) for name in record["properties"]}
        if shown != record["properties"]:
            yield f"{type_}: found {shown}, listed {record['properties']}"


def _by_key(client: httpx.Client, type_: str, records: list[dict[str, Any]]) -> Iterator[str]:
    """A record is found by its unique value, and nobody else is."""
    name = "ext_ref" if type_ == "calls" else "email"
    held: dict[str, str] = {}
    for record in records:
        if key := record["properties"].get(name):
            if key in held:
                yield f"{type_}: {held[key]} and {record['id']} both hold {key}"
            held[key] = record["id"]
    body = {"idProperty": name, "inputs": [{"id": key} for key in list(held)[:100]]}
    read = client.post(f"/crm/v3/objects/{type_}/batch/read", json=body).json() if held else {"results": []}
    if {one["id"] for one in read.get("results", ())} != set(list(held.values())[:100]):
        yield f"{type_}: {held} are read by key as {read}"


def _past(type_: str, record: dict[str, Any]) -> Iterator[str]:
    """The newest version of a property is its value, and versions go back in time."""
    for name, versions in record["propertiesWithHistory"].items():
        if versions and versions[0]["value"] != (record["properties"].get(name) or ""):
            yield f"{type_}/{record['id']}: {name} is {record['properties'].get(name)!r}, by its history {versions[0]}"
        times = [datetime.fromisoformat(version["timestamp"]) for version in versions]
        if times != sorted(times, reverse=True):
            yield f"{type_}/{record['id']}: the versions of {name} are of {times}"
