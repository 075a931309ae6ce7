"""Requests to the journal of webhooks: what is subscribed to, and what its entries tell."""

from collections.abc import Iterable
from typing import Any

import httpx

PORTAL = 1_000_001
JOURNAL = "/webhooks-journal/journal/2026-03"
LOCAL = "/webhooks-journal/journal-local/2026-03"
SUBSCRIPTIONS = "/webhooks-journal/subscriptions/2026-03"
SNAPSHOTS = "/webhooks-journal/snapshots/2026-03/crm"
CONTACTS = "/crm/v3/objects/contacts"
SCOPES = [
    *("developer.webhooks_journal.read", "crm.objects.contacts.read", "crm.objects.contacts.write"),
    *(f"developer.webhooks_journal.{name}" for name in ("subscriptions.read", "subscriptions.write")),
    *(f"developer.webhooks_journal.{name}" for name in ("snapshots.read", "snapshots.write")),
]
Json = dict[str, Any]


def wish(*actions: str, portal: int = PORTAL, kind: str = "OBJECT", type_: str = "0-1", **members: Any) -> Json:
    asked = {"subscriptionType": kind, "portalId": portal, "objectTypeId": type_, "actions": list(actions)}
    return asked | {"properties": [], "objectIds": []} | members


async def made(api: httpx.AsyncClient, path: str, body: Json, **options: Any) -> Json:
    answer = await api.post(path, json=body, **options)
    assert answer.status_code in (200, 201), answer.text
    told: Json = answer.json()
    return told


async def contact(api: httpx.AsyncClient, **properties: str) -> str:
    return str((await made(api, CONTACTS, {"properties": properties}))["id"])


async def change(api: httpx.AsyncClient, id_: str, **properties: str) -> None:
    (await api.patch(f"{CONTACTS}/{id_}", json={"properties": properties})).raise_for_status()


async def file_of(api: httpx.AsyncClient, entry: Json) -> Json:
    answer = await api.get(entry["url"], headers={"authorization": ""})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    assert told["offset"] == entry["currentOffset"]
    return told


async def everything(api: httpx.AsyncClient, count: int = 1, journal: str = JOURNAL, **options: Any) -> list[Json]:
    """All events from the earliest entry on, read in batches of a size."""
    told: list[Json] = []
    place = f"earliest/{count}"
    while True:
        answer = await api.get(f"{journal}/batch/{place}", **options)
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        if not results:
            return told
        for entry in results:
            told += (await file_of(api, entry))["journalEvents"]
        place = f"{results[-1]['currentOffset']}/next/{count}"


def short(events: Iterable[Json]) -> list[tuple[str, int, Json]]:
    return [(one["action"], one["objectId"], one.get("propertyChanges", {})) for one in events]
