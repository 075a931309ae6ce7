"""HubSpot's own client for Python on custom objects: every method on schemas, and records as of any object type."""

import inspect
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hubspot import HubSpot
from hubspot.crm import associations, objects, schemas
from hubspot.crm.associations import v4
from server import Server, start

PUBLIC = {
    f"{name}{ending}"
    for name in (
        *("archive", "archive_association", "create", "create_association"),
        *("get_all", "get_by_id", "update"),
    )
    for ending in ("", "_with_http_info")
}
"""The methods that the tests below call, by both of their names."""

Spec = v4.AssociationSpec


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start(tmp_path_factory.mktemp("official") / "custom.db")
    yield server
    server.stop()


@pytest.fixture
def hubspot(server: Server) -> HubSpot:
    return HubSpot(access_token=server.token, host=server.url, base_url=server.url)


def egg(name: str, **members: Any) -> Any:
    """A schema to create, with a name, a unique key and a price."""
    kinds = {"title": "string", "key": "string", "price": "number"}
    properties = [
        schemas.ObjectTypePropertyCreate(
            name=one,
            label=one,
            type=kind,
            field_type="text" if kind == "string" else kind,
            has_unique_value=one == "key",
        )
        for one, kind in kinds.items()
    ]
    usual = {
        "labels": schemas.ObjectTypeDefinitionLabels(singular="Boat", plural="Boats"),
        "required_properties": ["title"],
        "searchable_properties": ["title"],
        "primary_display_property": "title",
        "secondary_display_properties": ["price"],
        "associated_objects": ["contacts"],
    }
    return schemas.ObjectSchemaEgg(name=name, properties=properties, **{**usual, **members})


@pytest.fixture
def boat(hubspot: HubSpot) -> Iterator[Any]:
    """A custom object, which goes for good when the test is over: there may be few."""
    core = hubspot.crm.schemas.core_api
    made = core.create(egg(f"boat_{uuid4().hex[:8]}"))
    yield made
    for page in hubspot.crm.objects.get_all(made.object_type_id) if _is_there(hubspot, made) else []:
        hubspot.crm.objects.basic_api.archive(made.object_type_id, page.id)
    core.archive(made.object_type_id, archived=True)


def _is_there(hubspot: HubSpot, made: Any) -> bool:
    return made.id in {one.id for one in hubspot.crm.schemas.core_api.get_all().results}


def test_no_method_on_schemas_is_left_out() -> None:
    members = inspect.getmembers(schemas.CoreApi, inspect.isfunction)
    assert {name for name, _ in members if not name.startswith("_")} == PUBLIC


def test_schemas_are_made_read_changed_and_deleted(hubspot: HubSpot, boat: Any) -> None:
    core = hubspot.crm.schemas.core_api
    assert isinstance(boat, schemas.ObjectSchema)
    assert boat.fully_qualified_name == f"p1000001_{boat.name}"
    assert boat.object_type_id == f"2-{boat.id}"
    for spelling in (boat.object_type_id, boat.fully_qualified_name, boat.name):
        assert core.get_by_id(spelling).to_dict() == boat.to_dict()
    assert [one.to_dict() for one in core.get_all(archived=False).results] == [boat.to_dict()]
    patch = schemas.ObjectTypeDefinitionPatch(secondary_display_properties=["key"], clear_description=False)
    changed, status, _ = core.update_with_http_info(boat.object_type_id, patch)
    assert (status, changed.secondary_display_properties) == (200, ["key"])
    core.archive(boat.object_type_id)
    assert [one.archived for one in core.get_all(archived=True).results] == [True]
    with pytest.raises(schemas.ApiException) as refused:
        core.get_by_id(boat.object_type_id)
    assert refused.value.status == 400


def test_associations_of_a_schema_come_and_go(hubspot: HubSpot, boat: Any) -> None:
    core, id_ = hubspot.crm.schemas.core_api, boat.object_type_id
    asked = schemas.AssociationDefinitionEgg(from_object_type_id=id_, to_object_type_id="0-3", name="boat_to_deal")
    made = core.create_association(id_, asked)
    assert (made.from_object_type_id, made.to_object_type_id, made.name) == (id_, "0-3", "boat_to_deal")
    core.archive_association(id_, made.id)
    assert made.id not in {one.id for one in core.get_by_id(id_).associations}


def test_records_of_a_custom_object_go_through_every_operation(hubspot: HubSpot, boat: Any) -> None:
    api, id_ = hubspot.crm.objects, boat.object_type_id
    inputs = [
        objects.SimplePublicObjectBatchInputUpsert(id=key, id_property="key", properties={"title": f"Boat {key}"})
        for key in ("A", "B")
    ]
    upserted = api.batch_api.upsert(id_, objects.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
    assert [result.new for result in upserted.results] == [True, True]
    first, second = (result.id for result in upserted.results)
    create = objects.SimplePublicObjectInputForCreate(properties={"title": "zanzibar", "price": "5"}, associations=[])
    third = api.basic_api.create(boat.name, create)
    assert api.basic_api.get_by_id(id_, "B", id_property="key").id == second
    api.basic_api.update(id_, first, objects.SimplePublicObjectInput(properties={"price": "7"}))
    found = api.search_api.do_search(id_, objects.PublicObjectSearchRequest(query="zanzibar"))
    assert [result.id for result in found.results] == [third.id]
    dear = {"filters": [{"propertyName": "price", "operator": "GTE", "value": "6"}]}
    assert api.search_api.do_search(id_, {"filterGroups": [dear]}).results[0].id == first
    merge = {"primaryObjectId": first, "objectIdToMerge": second}
    merged = hubspot.api_request({"method": "POST", "path": f"/crm/v3/objects/{id_}/merge", "body": merge})
    assert (merged.status_code, merged.json()["properties"]["key"]) == (200, "A")
    page = api.basic_api.get_page(boat.fully_qualified_name, limit=10, properties=["title"])
    assert {result.id for result in page.results} == {first, third.id}
    with pytest.raises(schemas.ApiException) as refused:
        hubspot.crm.schemas.core_api.archive(id_)
    assert refused.value.status == 400


def test_records_of_a_custom_object_are_tied_to_contacts(hubspot: HubSpot, boat: Any) -> None:
    one = hubspot.crm.objects.basic_api.create(
        boat.object_type_id, objects.SimplePublicObjectInputForCreate(properties={"title": "A"}, associations=[])
    )
    contact = hubspot.crm.contacts.basic_api.create({"properties": {"email": f"{uuid4().hex}@example.com"}})
    ends = boat.object_type_id, one.id, "contacts", contact.id
    kinds = hubspot.crm.associations.v4.schema.definitions_api.get_all(boat.name, "contacts").results
    assert [(kind.category, kind.label) for kind in kinds] == [("USER_DEFINED", None)]
    spec = Spec(association_category="USER_DEFINED", association_type_id=kinds[0].type_id)
    hubspot.crm.associations.v4.basic_api.create(*ends, [spec])
    tied = hubspot.crm.associations.v4.basic_api.get_page("contacts", contact.id, boat.name)
    assert [result.to_object_id for result in tied.results] == [one.id]
    asked = associations.BatchInputPublicObjectId(inputs=[{"id": one.id}])
    read = hubspot.crm.associations.batch_api.read(boat.name, "contacts", asked)
    assert [(end.id, end.type) for end in read.results[0].to] == [(contact.id, f"{boat.name}_to_contact")]
