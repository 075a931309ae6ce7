"""The catalog of calls as data: its shape, and its agreement with the observed property list where that is at hand."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

OBSERVED = Path(__file__).resolve().parents[3].joinpath("shared", "evidence", "properties", "calls.json")

TYPE_KEYS = [
    "typeId",
    "name",
    "singular",
    "plural",
    "labels",
    "scopes",
    "requiredProperties",
    "defaultProperties",
    "searchableProperties",
    "createdProperty",
    "modifiedProperty",
    "groups",
    "properties",
]
PROPERTY_KEYS = [
    "name",
    "label",
    "type",
    "fieldType",
    "description",
    "groupName",
    "options",
    "displayOrder",
    "calculated",
    "externalOptions",
    "hasUniqueValue",
    "hidden",
    "readOnly",
    "formField",
]
EXTRA_KEYS = ["referencedObjectType", "derivation", "check"]
FLAGS = ["calculated", "externalOptions", "hasUniqueValue", "hidden", "readOnly", "formField"]
TYPES = {
    "string",
    "number",
    "bool",
    "enumeration",
    "date",
    "datetime",
    "phone_number",
    "object_coordinates",
    "json",
}
DERIVATIONS = {
    "hs_all_owner_ids": "owner",
    "hs_body_preview": "body_text",
    "hs_body_preview_html": "body_html",
    "hs_body_preview_is_truncated": "body_truncated",
    "hs_connected_count": "connected_count",
    "hs_createdate": "created",
    "hs_engagements_last_contacted": "last_contacted",
    "hs_lastmodifieddate": "modified",
    "hs_obj_coords": "coordinates",
    "hs_object_id": "id",
    "hs_object_source": "source",
    "hs_object_source_id": "source_id",
    "hs_object_source_label": "source_label",
    "hs_user_ids_of_all_owners": "owner_user",
    "hs_voicemail_count": "voicemail_count",
    "hubspot_owner_assigneddate": "owner_assigned",
}
# Read from a public list that a client generated out of the properties API (behaviour 11.12).
GROUPS_SEEN = {
    "hs_activity_type": "engagement",
    "hs_call_body": "call",
    "hs_call_direction": "call",
    "hs_object_id": "callinformation",
    "hs_timestamp": "engagement",
    "hubspot_owner_id": "engagement",
}

CALLS: dict[str, Any] = json.loads(files("trunkline").joinpath("data", "calls.json").read_text(encoding="utf-8"))
PROPERTIES: list[dict[str, Any]] = CALLS["properties"]
BY_NAME = {each["name"]: each for each in PROPERTIES}

every_property = pytest.mark.parametrize("prop", PROPERTIES, ids=lambda each: str(each["name"]))


def test_the_type_has_its_keys_in_order_and_its_names() -> None:
    assert list(CALLS) == TYPE_KEYS
    assert [CALLS[key] for key in ("typeId", "name", "singular", "plural")] == ["0-48", "CALL", "call", "calls"]
    assert CALLS["scopes"]["read"] == ["crm.objects.contacts.read"]
    assert CALLS["scopes"]["write"] == ["crm.objects.contacts.write"]


def test_properties_are_unique_and_sorted_by_name() -> None:
    names = [each["name"] for each in PROPERTIES]
    assert names == sorted(set(names))
    assert len(names) == 107


@every_property
def test_a_property_has_every_key_in_order(prop: dict[str, Any]) -> None:
    assert list(prop) == PROPERTY_KEYS + [key for key in EXTRA_KEYS if key in prop]
    assert all(isinstance(prop[flag], bool) for flag in FLAGS)
    assert type(prop["displayOrder"]) is int


@every_property
def test_a_property_is_of_a_known_type_and_an_existing_group(prop: dict[str, Any]) -> None:
    assert prop["type"] in TYPES
    assert prop["groupName"] in {group["name"] for group in CALLS["groups"]}


@every_property
def test_a_description_says_more_than_the_label(prop: dict[str, Any]) -> None:
    description = prop["description"]
    assert description.endswith(".")
    assert description.strip() == description
    assert description.removesuffix(".").casefold() != prop["label"].casefold()


def test_no_description_is_used_twice() -> None:
    assert len({each["description"] for each in PROPERTIES}) == len(PROPERTIES)


@every_property
def test_options_are_unique_numbered_and_visible(prop: dict[str, Any]) -> None:
    values = [option["value"] for option in prop["options"]]
    assert len(set(values)) == len(values)
    for place, option in enumerate(prop["options"]):
        assert list(option) == ["value", "label", "displayOrder", "hidden", "description"]
        assert option["label"]
        assert (option["displayOrder"], option["hidden"], option["description"]) == (place, False, "")


@every_property
def test_only_choices_have_options_and_a_bool_has_two(prop: dict[str, Any]) -> None:
    values = [option["value"] for option in prop["options"]]
    if prop["type"] == "bool":
        assert values == ["true", "false"]
    elif prop["type"] != "enumeration":
        assert values == []


def test_groups_are_used_numbered_and_as_seen() -> None:
    groups = CALLS["groups"]
    assert [group["displayOrder"] for group in groups] == list(range(len(groups)))
    assert {group["name"] for group in groups} == {each["groupName"] for each in PROPERTIES}
    assert {name: BY_NAME[name]["groupName"] for name in GROUPS_SEEN} == GROUPS_SEEN


def test_derived_properties_are_these_and_closed_to_writers() -> None:
    derived = {each["name"]: each["derivation"] for each in PROPERTIES if "derivation" in each}
    assert derived == DERIVATIONS
    assert [name for name in derived if not BY_NAME[name]["readOnly"]] == []


def test_special_checks_are_these_and_open_to_writers() -> None:
    checked = {each["name"]: each["check"] for each in PROPERTIES if "check" in each}
    assert checked == {"hubspot_owner_id": "owner", "hs_call_app_id": "integer"}
    assert [name for name in checked if BY_NAME[name]["readOnly"]] == []


def test_the_required_the_unique_and_the_referring_properties() -> None:
    assert CALLS["requiredProperties"] == ["hs_timestamp"]
    assert [each["name"] for each in PROPERTIES if each["hasUniqueValue"]] == ["hs_unique_creation_key"]
    assert {each["name"]: each["referencedObjectType"] for each in PROPERTIES if "referencedObjectType" in each} == {
        "hubspot_owner_id": "OWNER"
    }


def test_the_named_properties_exist_and_fit_their_part() -> None:
    assert CALLS["defaultProperties"] == ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"]
    assert CALLS["searchableProperties"] == ["hs_call_title", "hs_body_preview"]
    named = [*CALLS["requiredProperties"], *CALLS["defaultProperties"], *CALLS["searchableProperties"]]
    assert [name for name in named if name not in BY_NAME] == []
    assert BY_NAME[CALLS["createdProperty"]]["derivation"] == "created"
    assert BY_NAME[CALLS["modifiedProperty"]]["derivation"] == "modified"
    assert not BY_NAME["hs_timestamp"]["readOnly"]


@pytest.mark.skipif(not OBSERVED.exists(), reason="the observed property list is not on this machine")
def test_every_observed_property_is_in_the_data() -> None:
    observed = json.loads(OBSERVED.read_text(encoding="utf-8"))
    assert sorted(each["name"] for each in observed) == sorted(BY_NAME)
    for each in observed:
        assert summary(BY_NAME[each["name"]]) == summary(each)


def summary(prop: dict[str, Any]) -> dict[str, object]:
    """What both lists say of a property; an unknown flag (null) counts as false."""
    return {
        **{key: prop[key] for key in ("name", "label", "type", "fieldType")},
        **{flag: bool(prop[flag]) for flag in FLAGS if flag != "formField"},
        "referencedObjectType": prop.get("referencedObjectType"),
        "options": [(option["value"], option["label"]) for option in prop["options"]],
    }
