"""What a server holds before it is fuzzed, so that requests meet something."""

from typing import Any

from server import UNIQUE, Server

AT = "2025-04-24T20:01:33Z"
KEYS = [f"A{n}" for n in range(1, 13)]
"""The unique values of the calls that are there, in the order of their ids."""

PROPERTIES: list[dict[str, Any]] = [
    UNIQUE,
    UNIQUE | {"name": "number_key", "type": "number", "fieldType": "number"},
    UNIQUE | {"name": "p_1", "hasUniqueValue": False},
    UNIQUE | {"name": "p_2", "type": "datetime", "fieldType": "date", "hasUniqueValue": False},
]

OTHERS: dict[str, list[dict[str, str]]] = {
    "contacts": [{"email": f"{name}@example.com"} for name in "abcdef"],
    "companies": [{"name": name, "domain": f"{name}.example.com"} for name in "abcdef"],
    "deals": [{"dealname": n, "dealstage": "appointmentscheduled", "pipeline": "default"} for n in "abcdef"],
}
"""Records of some other types."""

BOAT = {
    "name": "boat",
    "labels": {"singular": "Boat", "plural": "Boats"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "properties": [{"name": "title", "label": "Title"}, {"name": "key", "label": "Key", "hasUniqueValue": True}],
    "associatedObjects": ["contacts"],
}
"""A custom object; it has a record, so that it stays."""


def furnish(server: Server) -> None:
    """Properties of its own, a dozen calls with a history, one of them archived, and records of other types."""
    with server.client() as client:
        for definition in PROPERTIES:
            client.post("/crm/v3/properties/calls", json=definition).raise_for_status()
        for title in ("first", "second"):
            server.upsert(*(_input(key, title) for key in KEYS)).raise_for_status()
        client.post("/crm-object-schemas/v3/schemas", json=BOAT).raise_for_status()
        client.post("/crm/v3/objects/boat", json={"properties": {"title": "first", "key": "A1"}}).raise_for_status()
        for type_, records in OTHERS.items():
            body = {"inputs": [{"properties": properties} for properties in records]}
            client.post(f"/crm/v3/objects/{type_}/batch/create", json=body).raise_for_status()
        client.delete(f"/crm/v3/objects/calls/{client.get(_last()).json()['id']}").raise_for_status()


def _input(key: str, title: str) -> dict[str, object]:
    values = {"hs_timestamp": AT, "hs_call_title": title, "hs_call_status": "COMPLETED", "hs_call_duration": "1500"}
    return {"idProperty": "ext_ref", "id": key, "properties": values}


def _last() -> str:
    return f"/crm/v3/objects/calls/{KEYS[-1]}?idProperty=ext_ref"
