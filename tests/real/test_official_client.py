"""HubSpot's own client for Python, unmodified, over a socket: the main job of a real integration."""

import pytest
from hubspot import HubSpot
from hubspot.crm.objects.calls import BatchInputSimplePublicObjectBatchInputUpsert as Batch
from hubspot.crm.objects.calls import SimplePublicObjectBatchInputUpsert as Input
from hubspot.crm.objects.calls.exceptions import ApiException, ForbiddenException, UnauthorizedException
from hubspot.crm.properties import PropertyCreate, PropertyUpdate
from hubspot.crm.properties.exceptions import ApiException as PropertyError
from server import Server

AT = "2025-04-24T20:01:33Z"


@pytest.fixture
def key(hubspot: HubSpot) -> str:
    """A unique property, made through the client."""
    made = hubspot.crm.properties.core_api.create(
        "calls",
        PropertyCreate(
            name="call_key",
            label="Call key",
            type="string",
            field_type="text",
            group_name="call",
            has_unique_value=True,
        ),
    )
    assert (made.name, made.has_unique_value, made.archived) == ("call_key", True, False)
    return str(made.name)


def one(key: str, id_: str, trace: str | None = None, **properties: str) -> Input:
    return Input(id=id_, id_property=key, object_write_trace_id=trace, properties=properties)


def test_create_replay_update(hubspot: HubSpot, key: str) -> None:
    upsert = hubspot.crm.objects.calls.batch_api.upsert
    batch = Batch(inputs=[one(key, "A", hs_timestamp=AT, hs_call_title="first"), one(key, "B", hs_timestamp=AT)])
    made = upsert(batch)
    assert made is not None and made.status == "COMPLETE"
    assert [result.new for result in made.results] == [True, True]
    assert made.results[0].properties["call_key"] == "A"
    again = upsert(batch)
    assert [(r.id, r.new, r.updated_at) for r in again.results] == [(r.id, False, r.updated_at) for r in made.results]
    changed = upsert(Batch(inputs=[one(key, "A", hs_call_title="second")]))
    assert changed.results[0].id == made.results[0].id
    assert changed.results[0].updated_at > made.results[0].updated_at
    assert "call_key" not in changed.results[0].properties


def test_partial_failure_is_a_207_of_its_own_class(hubspot: HubSpot, key: str) -> None:
    answer, status, _ = hubspot.crm.objects.calls.batch_api.upsert_with_http_info(
        Batch(inputs=[one(key, "A", "good", hs_timestamp=AT), one(key, "B", "bad", hs_timestamp=AT, nope="x")])
    )
    assert status == 207
    assert type(answer).__name__ == "BatchResponseSimplePublicUpsertObjectWithErrors"
    assert [result.object_write_trace_id for result in answer.results] == ["good"]
    assert answer.num_errors == 1
    assert answer.errors[0].category == "VALIDATION_ERROR"
    assert answer.errors[0].context == {"objectWriteTraceId": ["bad"]}


def test_whole_failure_raises_with_the_body(hubspot: HubSpot, key: str) -> None:
    with pytest.raises(ApiException) as caught:
        hubspot.crm.objects.calls.batch_api.upsert(Batch(inputs=[one(key, "A", hs_timestamp="soon")]))
    assert caught.value.status == 400
    assert "INVALID_LONG" in caught.value.body


def test_read_with_history(hubspot: HubSpot, key: str) -> None:
    for title in ("one", "two", "three"):
        hubspot.crm.objects.calls.batch_api.upsert(Batch(inputs=[one(key, "A", hs_timestamp=AT, hs_call_title=title)]))
    call = hubspot.crm.objects.calls.basic_api.get_by_id(
        "A", id_property=key, properties=["hs_call_title", "nope"], properties_with_history=["hs_call_title"]
    )
    assert call.properties["hs_call_title"] == "three"
    assert "nope" not in call.properties
    history = call.properties_with_history["hs_call_title"]
    assert [entry.value for entry in history] == ["three", "two", "one"]
    assert history[0].timestamp >= history[1].timestamp >= history[2].timestamp
    assert {entry.source_type for entry in history} == {"INTEGRATION"}


def test_archive_and_read_it_archived(hubspot: HubSpot, key: str) -> None:
    api = hubspot.crm.objects.calls
    made = api.batch_api.upsert(Batch(inputs=[one(key, "A", hs_timestamp=AT)])).results[0]
    api.basic_api.archive(made.id)
    with pytest.raises(ApiException) as caught:
        api.basic_api.get_by_id(made.id)
    assert caught.value.status == 404
    assert api.basic_api.get_by_id(made.id, archived=True).archived_at is not None
    again = api.batch_api.upsert(Batch(inputs=[one(key, "A", hs_timestamp=AT)])).results[0]
    assert again.new and again.id != made.id


def test_property_definitions(hubspot: HubSpot, key: str) -> None:
    api = hubspot.crm.properties.core_api
    names = {definition.name for definition in api.get_all("calls").results}
    assert {"hs_timestamp", "hs_call_status", key} <= names
    assert api.get_by_name("calls", "hs_call_status").hubspot_defined
    assert api.update("calls", key, PropertyUpdate(label="Other")).label == "Other"
    with pytest.raises(PropertyError) as caught:
        api.create("calls", PropertyCreate(name=key, label="x", type="string", field_type="text", group_name="call"))
    assert caught.value.status == 409
    api.archive("calls", key)
    with pytest.raises(PropertyError) as caught:
        api.get_by_name("calls", key)
    assert caught.value.status == 404
    assert api.get_by_name("calls", key, archived=True).archived


def test_credentials(trunkline: Server, key: str) -> None:
    batch = Batch(inputs=[one(key, "A", hs_timestamp=AT)])
    with pytest.raises(UnauthorizedException):
        HubSpot(access_token="unknown", host=trunkline.url).crm.objects.calls.batch_api.upsert(batch)
    reader = trunkline.make_token(["crm.objects.contacts.read"])
    with pytest.raises(ForbiddenException) as caught:
        HubSpot(access_token=reader, host=trunkline.url).crm.objects.calls.batch_api.upsert(batch)
    assert "crm.objects.contacts.write" in caught.value.body
    writer = trunkline.make_token(["crm.objects.contacts.write"])
    assert HubSpot(access_token=writer, host=trunkline.url).crm.objects.calls.batch_api.upsert(batch).results[0].new
