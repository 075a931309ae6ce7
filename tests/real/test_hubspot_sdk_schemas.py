"""HubSpot's new client for Python on custom objects (2026-03): every method on schemas, its answers validated."""

import inspect
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hubspot_sdk import HubSpot
from hubspot_sdk.resources.crm.object_schemas.batch import BatchResource
from hubspot_sdk.resources.crm.object_schemas.object_schemas import ObjectSchemasResource
from server import start

METHODS = {"create", "create_association", "delete", "delete_association", "get", "list", "update"}
BOAT: dict[str, Any] = {
    "allows_sensitive_properties": False,
    "associated_objects": ["0-1"],
    "labels": {"singular": "Boat", "plural": "Boats"},
    "properties": [{"name": "title", "label": "Title", "type": "string", "field_type": "text"}],
    "required_properties": ["title"],
    "searchable_properties": ["title"],
    "secondary_display_properties": [],
    "primary_display_property": "title",
}
EVERYTHING: dict[str, Any] = {
    "include_association_definitions": True,
    "include_audit_metadata": True,
    "include_property_definitions": True,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    server = start(tmp_path_factory.mktemp("sdk") / "custom.db")
    strict: Any = {"max_retries": 0, "_strict_response_validation": True}
    with HubSpot(access_token=server.token, base_url=server.url, **strict) as made:
        yield made
    server.stop()


def test_no_method_on_schemas_is_left_out() -> None:
    of_one, of_many = (
        {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
        for kind in (ObjectSchemasResource, BatchResource)
    )
    assert (of_one, of_many) == (METHODS, {"get"})


def test_schemas_and_their_records(client: HubSpot) -> None:
    schemas = client.crm.object_schemas
    made = schemas.create(name=f"boat_{uuid4().hex[:8]}", **BOAT)
    id_ = made.object_type_id
    assert schemas.get(id_, **EVERYTHING) == made
    assert schemas.list(archived=False, **EVERYTHING).results == [made]
    assert schemas.batch.get(inputs=[made.fully_qualified_name], **EVERYTHING).results == [made]
    changed = schemas.update(id_, clear_description=False, labels={"singular": "Ship", "plural": "Ships"})
    assert changed.labels.plural == "Ships"
    tie = schemas.create_association(id_, from_object_type_id=id_, to_object_type_id="0-3", name="boat_to_deal")
    assert schemas.delete_association(tie.id, object_type=id_) is None
    record = client.crm.objects.custom.create(id_, properties={"title": "A"}, associations=[])
    assert client.crm.objects.custom.get(record.id, object_type=made.name).id == record.id
    client.crm.objects.custom.delete(record.id, object_type=id_)
    assert schemas.delete(id_) is None
    assert [one.archived for one in schemas.list(archived=True).results] == [True]
    assert schemas.delete(id_, archived=True) is None
    assert schemas.list(archived=True).results == []
