"""HubSpot's own client for Python on calls: what it decodes, how it pages, and which errors it raises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import contacts, objects
from hubspot.crm.objects import calls
from hubspot.crm.objects.calls.exceptions import ApiException, NotFoundException
from hubspot.crm.objects.exceptions import ApiException as ObjectsError
from real.official import AT

MOMENT = datetime(2025, 4, 24, 20, 1, 33, tzinfo=UTC)


def create(hubspot: HubSpot, associations: list[Any] | None = None, **properties: str) -> Any:
    """A new call, as the client decodes it."""
    return hubspot.crm.objects.calls.basic_api.create(
        calls.SimplePublicObjectInputForCreate(
            properties={"hs_timestamp": AT, **properties}, associations=associations or []
        )
    )


def create_many(hubspot: HubSpot, count: int) -> list[str]:
    """The ids of new calls."""
    ids = []
    for first in range(0, count, 100):
        inputs = [
            calls.SimplePublicObjectBatchInputForCreate(
                properties={"hs_timestamp": AT, "hs_call_title": str(number)}, associations=[]
            )
            for number in range(first, min(first + 100, count))
        ]
        batch = calls.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
        ids += [made.id for made in hubspot.crm.objects.calls.batch_api.create(batch).results]
    return ids


def test_a_call_is_decoded(hubspot: HubSpot) -> None:
    made = create(hubspot, hs_call_title="Test call")
    assert isinstance(made.id, str) and made.id.isdigit()
    assert isinstance(made.created_at, datetime) and made.created_at.tzinfo is not None
    assert abs(datetime.now(UTC) - made.created_at) < timedelta(minutes=10)
    assert made.updated_at == made.created_at
    assert (made.archived, made.archived_at, made.properties_with_history) == (False, None, None)
    assert made.properties["hs_call_title"] == "Test call"
    assert made.properties["hs_object_id"] == made.id
    assert {type(value) for value in made.properties.values()} == {str}


def test_a_create_says_where_the_call_is(hubspot: HubSpot, trunkline: Any) -> None:
    body = calls.SimplePublicObjectInputForCreate(properties={"hs_timestamp": AT}, associations=[])
    made, status, headers = hubspot.crm.objects.calls.basic_api.create_with_http_info(body)
    assert status == 201
    assert headers["Location"] == f"{trunkline.url}/crm/v3/objects/calls/{made.id}"


def test_read_update_and_history(hubspot: HubSpot) -> None:
    api = hubspot.crm.objects.calls.basic_api
    made = create(hubspot, hs_call_title="one")
    for title in ("two", ""):
        changed = api.update(made.id, calls.SimplePublicObjectInput(properties={"hs_call_title": title}))
        assert changed.properties["hs_call_title"] == title
        assert changed.created_at == made.created_at <= changed.updated_at
    read = api.get_by_id(
        made.id, properties=["hs_call_title", "hs_call_body"], properties_with_history=["hs_call_title"]
    )
    assert (read.properties["hs_call_title"], read.properties["hs_call_body"]) == ("", None)
    entries = read.properties_with_history["hs_call_title"]
    assert [entry.value for entry in entries] == ["", "two", "one"]
    assert {(entry.source_type, type(entry.timestamp)) for entry in entries} == {("INTEGRATION", datetime)}
    assert read.associations is None


def test_associations_that_a_call_starts_with(hubspot: HubSpot) -> None:
    ann = hubspot.crm.contacts.basic_api.create(
        contacts.SimplePublicObjectInputForCreate(properties={"email": "ann@example.com"}, associations=[])
    )
    to_contact = calls.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=194)
    tie = calls.PublicAssociationsForObject(to=calls.PublicObjectId(id=ann.id), types=[to_contact])
    made = create(hubspot, [tie])
    read = hubspot.crm.objects.calls.basic_api.get_by_id(made.id, associations=["contacts", "deals"])
    assert {name: [(end.id, end.type) for end in page.results] for name, page in read.associations.items()} == {
        "contacts": [(ann.id, "call_to_contact")]
    }
    back = hubspot.crm.contacts.basic_api.get_by_id(ann.id, associations=["calls"])
    assert [end.id for end in back.associations["calls"].results] == [made.id]
    assert back.properties["email"] == "ann@example.com"
    nobody = calls.PublicAssociationsForObject(to=calls.PublicObjectId(id="7"), types=[to_contact])
    with pytest.raises(ApiException, match="One or more associations are invalid") as caught:
        create(hubspot, [nobody])
    assert caught.value.status == 400
    assert "CONTACT=7 is not valid" in caught.value.body


def test_archive_one_and_a_batch(hubspot: HubSpot) -> None:
    api = hubspot.crm.objects.calls
    one, two, three = create_many(hubspot, 3)
    assert api.basic_api.archive(one) is None
    ids = [calls.SimplePublicObjectId(id=id_) for id_ in (one, two)]
    assert api.batch_api.archive(calls.BatchInputSimplePublicObjectId(inputs=ids)) is None
    assert [call.id for call in api.basic_api.get_page().results] == [three]
    gone = api.basic_api.get_page(archived=True).results
    assert [(call.id, call.archived, type(call.archived_at)) for call in gone] == [
        (one, True, datetime),
        (two, True, datetime),
    ]
    with pytest.raises(NotFoundException):
        api.basic_api.get_by_id(one)
    assert api.basic_api.get_by_id(one, archived=True).archived


def test_a_batch_with_ids_that_nobody_has(hubspot: HubSpot) -> None:
    api = hubspot.crm.objects.calls.batch_api
    (one,) = create_many(hubspot, 1)
    reading = calls.BatchReadInputSimplePublicObjectId(
        inputs=[calls.SimplePublicObjectId(id=id_) for id_ in (one, "7", "abc")],
        properties=["hs_call_title"],
        properties_with_history=["hs_call_title"],
    )
    answer, status, _ = api.read_with_http_info(reading)
    assert (status, type(answer).__name__) == (207, "BatchResponseSimplePublicObjectWithErrors")
    assert [call.properties["hs_call_title"] for call in answer.results] == ["0"]
    assert [entry.value for entry in answer.results[0].properties_with_history["hs_call_title"]] == ["0"]
    assert answer.num_errors == 1
    assert (answer.errors[0].status, answer.errors[0].category) == ("error", "OBJECT_NOT_FOUND")
    assert answer.errors[0].context == {"ids": ["7", "abc"]}
    changing = calls.BatchInputSimplePublicObjectBatchInput(
        inputs=[calls.SimplePublicObjectBatchInput(id=id_, properties={"hs_call_title": "new"}) for id_ in (one, "7")]
    )
    answer = api.update(changing)
    assert ([call.id for call in answer.results], answer.errors[0].context) == ([one], {"ids": ["7"]})


def test_a_batch_of_creates_in_part(hubspot: HubSpot) -> None:
    inputs = [
        calls.SimplePublicObjectBatchInputForCreate(
            object_write_trace_id=trace, properties=sent | {"hs_timestamp": AT}, associations=[]
        )
        for trace, sent in (("a", {}), ("b", {"nope": "1"}))
    ]
    answer = hubspot.crm.objects.calls.batch_api.create(
        calls.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    )
    assert [call.object_write_trace_id for call in answer.results] == ["a"]
    assert [error.context for error in answer.errors] == [{"objectWriteTraceId": ["b"]}]
    assert isinstance(answer.started_at, datetime) and answer.started_at <= answer.completed_at


def test_pages(hubspot: HubSpot) -> None:
    ids = create_many(hubspot, 25)
    api, after, seen = hubspot.crm.objects.calls.basic_api, None, []
    while True:
        page = api.get_page(limit=10, after=after, properties=["hs_call_title"], archived=False)
        seen += [call.id for call in page.results]
        if page.paging is None:
            break
        assert page.paging.next.link
        after = page.paging.next.after
        assert after == str(int(seen[-1]) + 1)
    assert seen == ids


def test_get_all_of_more_than_two_hundred(hubspot: HubSpot) -> None:
    ids = create_many(hubspot, 217)
    everything = hubspot.crm.objects.get_all("calls", properties=["hs_call_title"])
    assert [call.id for call in everything] == ids
    assert [call.properties["hs_call_title"] for call in everything] == [str(number) for number in range(217)]
    assert {type(call).__name__ for call in everything} == {"SimplePublicObjectWithAssociations"}


def test_get_all_of_contacts_with_history(hubspot: HubSpot) -> None:
    inputs = [
        contacts.SimplePublicObjectBatchInputForCreate(properties={"email": f"c{number}@example.com"}, associations=[])
        for number in range(60)
    ]
    hubspot.crm.contacts.batch_api.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    everyone = hubspot.crm.contacts.get_all(properties_with_history=["email"])
    assert [one.properties_with_history["email"][0].value for one in everyone] == [
        f"c{number}@example.com" for number in range(60)
    ]
    assert len(hubspot.crm.contacts.get_all(limit=15)) == 15


def test_search(hubspot: HubSpot) -> None:
    ids = create_many(hubspot, 12)
    only = calls.Filter(property_name="hs_call_title", operator="IN", values=["3", "5", "7"])
    found = hubspot.crm.objects.calls.search_api.do_search(
        calls.PublicObjectSearchRequest(
            filter_groups=[calls.FilterGroup(filters=[only])],
            sorts=["-hs_object_id"],
            properties=["hs_call_title"],
            limit=2,
        )
    )
    assert found.total == 3
    assert [call.id for call in found.results] == [ids[7], ids[5]]
    assert found.paging.next.after == "2"
    rest = hubspot.crm.objects.calls.search_api.do_search(
        calls.PublicObjectSearchRequest(
            filter_groups=[calls.FilterGroup(filters=[only])], sorts=["-hs_object_id"], limit=2, after="2"
        )
    )
    assert ([call.id for call in rest.results], rest.paging) == ([ids[3]], None)
    with pytest.raises(ApiException) as caught:
        hubspot.crm.objects.calls.search_api.do_search(
            calls.PublicObjectSearchRequest(
                filter_groups=[
                    calls.FilterGroup(filters=[calls.Filter(property_name="nope", operator="EQ", value="1")])
                ]
            )
        )
    assert (caught.value.status, "There was a problem with the request." in caught.value.body) == (400, True)


@pytest.mark.parametrize("type_", ["calls", "call", "CALL", "0-48"])
def test_the_generic_class_takes_any_spelling_of_the_type(hubspot: HubSpot, type_: str) -> None:
    api = hubspot.crm.objects
    made = api.basic_api.create(
        type_, objects.SimplePublicObjectInputForCreate(properties={"hs_timestamp": AT}, associations=[])
    )
    assert [one.id for one in api.basic_api.get_page(type_).results] == [made.id]
    assert [one.id for one in api.get_all(type_)] == [made.id]
    api.basic_api.archive(type_, made.id)
    with pytest.raises(ObjectsError) as caught:
        api.basic_api.get_by_id(type_, made.id)
    assert (caught.value.status, caught.value.reason) == (404, "Not Found")


@pytest.mark.parametrize(
    ("id_", "status", "said"),
    [("7", 404, "resource not found"), ("abc", 404, "objectId are usually numeric"), ("0", 404, "usually positive")],
)
def test_a_call_that_is_not_there(hubspot: HubSpot, id_: str, status: int, said: str) -> None:
    with pytest.raises(NotFoundException) as caught:
        hubspot.crm.objects.calls.basic_api.get_by_id(id_)
    assert caught.value.status == status
    assert said in caught.value.body
    assert caught.value.headers["Content-Type"] == "application/json;charset=utf-8"


def test_errors_carry_status_and_body(hubspot: HubSpot) -> None:
    with pytest.raises(ApiException) as caught:
        create(hubspot, nope="1")
    assert (caught.value.status, "PROPERTY_DOESNT_EXIST" in caught.value.body) == (400, True)
    with pytest.raises(ApiException) as caught:
        hubspot.crm.objects.calls.basic_api.update("7", calls.SimplePublicObjectInput(properties={}))
    assert (caught.value.status, "No properties found to update" in caught.value.body) == (400, True)
    with pytest.raises(ApiException) as caught:
        hubspot.crm.objects.calls.basic_api.get_page(limit=101)
    assert caught.value.status == 400
    pending = hubspot.crm.objects.calls.basic_api.get_by_id("7", async_req=True)
    with pytest.raises(NotFoundException):
        pending.get()


def test_a_contact_that_is_there_is_a_conflict(hubspot: HubSpot) -> None:
    new = contacts.SimplePublicObjectInputForCreate(properties={"email": "ann@example.com"}, associations=[])
    made = hubspot.crm.contacts.basic_api.create(new)
    with pytest.raises(contacts.ApiException, match=f"Existing ID: {made.id}") as caught:
        hubspot.crm.contacts.basic_api.create(new)
    assert caught.value.status == 409


def test_merge(hubspot: HubSpot) -> None:
    ids = [
        hubspot.crm.contacts.basic_api.create(
            contacts.SimplePublicObjectInputForCreate(properties=sent, associations=[])
        ).id
        for sent in ({"email": "ann@example.com"}, {"email": "a@example.com", "firstname": "Ann"})
    ]
    merged = hubspot.crm.contacts.basic_api.merge(
        contacts.PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    )
    assert (merged.id, merged.properties["firstname"]) == (ids[0], "Ann")
    assert hubspot.crm.contacts.basic_api.get_by_id(ids[1]).id == ids[0]
