"""Engagements as ways to look at records."""

from typing import Any

import pytest

from trunkline.crm import engagement
from trunkline.crm.catalog import Catalog, Definitions, ObjectType, shipped_types
from trunkline.crm.engagement import Kind, Parts, table
from trunkline.crm.record import Record
from trunkline.errors import InvalidValues, UnknownObjectType

NOW = 1_745_571_600_000
AT = "2025-04-24T20:01:33Z"
CATALOG = Catalog(7, Definitions())
CALLS = CATALOG.type("calls")
CALL = engagement.kind_named("CALL")


def record(**properties: str) -> Record:
    return Record(id=5, properties=properties, created=NOW, updated=NOW, app=1)


def type_of(kind: Kind) -> ObjectType:
    return CATALOG.type(kind.type_id)


@pytest.mark.parametrize("kind", table().kinds, ids=lambda kind: kind.name)
def test_every_member_is_a_property(kind: Kind) -> None:
    type_ = type_of(kind)
    for member in (*kind.metadata, table().attachments):
        assert member.property in type_.properties, member.name
    assert all(name in type_.checkers for name in kind.values)


def test_every_member_of_the_engagement_itself_is_a_property_somewhere() -> None:
    names = {one.name for data in shipped_types() if data.type_id in engagement.type_ids() for one in data.properties}
    assert {member.property for member in table().engagement} <= names


@pytest.mark.parametrize("kind", table().kinds, ids=lambda kind: kind.name)
def test_a_new_engagement_has_all_that_its_type_requires(kind: Kind) -> None:
    ids = {member: [1, None, "2", 1] for member in table().associations}
    made = engagement.new_input(kind, Parts(associations=ids), type_of(kind), CATALOG, NOW)
    assert made.properties == {"hs_timestamp": NOW, **kind.values}
    assert set(type_of(kind).required) <= made.properties.keys()
    assert made.associations is not None
    assert [link.to.id for link in made.associations] == ["1", "2"] * len(table().associations)


@pytest.mark.parametrize("kind", table().kinds, ids=lambda kind: kind.name)
def test_a_record_is_of_the_kind_that_it_was_made_as(kind: Kind) -> None:
    assert engagement.kind_of(record(**kind.values), type_of(kind)) is kind


def test_a_record_of_no_kind_is_of_its_types_first() -> None:
    first = {kind.type_id: kind for kind in reversed(table().kinds)}
    for type_id, kind in first.items():
        assert engagement.kind_of(record(hs_email_direction="DRAFT"), CATALOG.type(type_id)) is kind


def test_a_kind_that_is_not_there() -> None:
    with pytest.raises(UnknownObjectType):
        engagement.kind_named("FAX")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"hs_call_title": "Hi"}, {"title": "Hi"}),
        ({"hs_call_title": ""}, {}),
        ({"hs_call_duration": "38000"}, {"durationMilliseconds": 38000}),
        ({"hs_call_duration": "-1"}, {"durationMilliseconds": -1}),
        ({"hs_call_duration": "1.5"}, {"durationMilliseconds": 1.5}),
        ({"hs_call_callee_object_id": "51"}, {"calleeObjectId": 51}),
        ({"hs_call_callee_object_id": "5.1"}, {}),
        ({"hs_unknown_visitor_conversation": "true"}, {"unknownVisitorConversation": True}),
        ({"hs_unknown_visitor_conversation": "false"}, {"unknownVisitorConversation": False}),
        ({"hs_call_app_id": "3"}, {}),
    ],
)
def test_metadata_is_told_in_the_kind_of_json_that_it_is(kept: dict[str, str], told: dict[str, Any]) -> None:
    assert engagement.told(record(**kept), CALLS).metadata == told


def test_the_engagement_itself_is_told() -> None:
    told = engagement.told(
        record(
            hs_timestamp=AT,
            hubspot_owner_id="9",
            hs_call_body="Hello",
            hs_attachment_ids="3;x;4",
            hs_queue_membership_ids="1;2",
        ),
        CALLS,
    )
    assert told.kind == "CALL"
    assert told.attachments == [3, 4]
    shown = {name: told.engagement[name] for name in ("ownerId", "timestamp", "bodyPreview", "queueMembershipIds")}
    assert shown == {"ownerId": 9, "timestamp": 1745524893000, "bodyPreview": "Hello", "queueMembershipIds": [1, 2]}


@pytest.mark.parametrize(
    ("sent", "properties"),
    [
        (Parts(), {}),
        (Parts(metadata={"title": "A", "nonsense": [1], "body": None}), {"hs_call_title": "A"}),
        (Parts(metadata={"title": ""}), {"hs_call_title": ""}),
        (Parts(metadata={"durationMilliseconds": 5}), {"hs_call_duration": 5}),
        (Parts(engagement={"ownerId": 3, "timestamp": NOW}), {"hubspot_owner_id": 3, "hs_timestamp": NOW}),
        (Parts(engagement={"createdBy": 3, "bodyPreview": "x", "type": "NOTE"}), {}),
        (Parts(attachments=[1, "2"]), {"hs_attachment_ids": "1;2"}),
        (Parts(attachments=[]), {"hs_attachment_ids": ""}),
    ],
)
def test_what_a_change_sets(sent: Parts, properties: dict[str, Any]) -> None:
    assert engagement.changes(record(), sent, CALLS, 7) == properties


@pytest.mark.parametrize("value", [[], ["a"], {}, {"a": 1}])
def test_a_text_is_no_list_and_no_object(value: Any) -> None:
    with pytest.raises(InvalidValues) as refused:
        engagement.changes(record(), Parts(metadata={"title": value}), CALLS, 7)
    assert [(one.name, one.path) for one in refused.value.values] == [("hs_call_title", "metadata.title")]


def test_the_people_of_an_email_are_parts_of_one_property() -> None:
    kind = engagement.kind_named("EMAIL")
    emails = type_of(kind)
    people = {"from": {"email": "a@example.com"}, "to": [{"email": "b@example.com"}]}
    made = engagement.new_input(kind, Parts(metadata=people), emails, CATALOG, NOW).properties["hs_email_headers"]
    first = record(hs_email_headers=str(made))
    assert engagement.told(first, emails).metadata == people
    changed = engagement.changes(first, Parts(metadata={"cc": [], "to": []}), emails, 7)["hs_email_headers"]
    told = engagement.told(record(hs_email_headers=str(changed)), emails).metadata
    assert told == {"from": {"email": "a@example.com"}, "to": [], "cc": []}


@pytest.mark.parametrize("kept", ["no JSON", "[]", "7", "null", '{"from": null}'])
def test_headers_that_are_no_object_tell_nothing_and_can_be_replaced(kept: str) -> None:
    emails = type_of(engagement.kind_named("EMAIL"))
    held = record(hs_email_headers=kept)
    assert engagement.told(held, emails).metadata == {}
    changed = engagement.changes(held, Parts(metadata={"to": [1]}), emails, 7)["hs_email_headers"]
    assert engagement.told(record(hs_email_headers=str(changed)), emails).metadata == {"to": [1]}


def test_reminders_are_a_list_of_moments() -> None:
    kind = engagement.kind_named("TASK")
    made = engagement.changes(record(), Parts(metadata={"reminders": [NOW, NOW + 1]}), CALLS, 7)
    assert made == {}
    made = engagement.changes(record(), Parts(metadata={"reminders": [NOW, NOW + 1]}), type_of(kind), 7)
    assert engagement.told(record(hs_task_reminders=str(made["hs_task_reminders"])), type_of(kind)).metadata == {
        "reminders": [NOW, NOW + 1]
    }
