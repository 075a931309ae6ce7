"""What is particular to calls in their data file, and its agreement with the observed property list."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

OBSERVED = Path(__file__).resolve().parents[3].joinpath("shared", "evidence", "properties", "calls.json")

FLAGS = ["calculated", "externalOptions", "hasUniqueValue", "hidden", "readOnly"]
DERIVATIONS = {
    "hs_all_accessible_team_ids": "teams",
    "hs_all_owner_ids": "owner",
    "hs_all_team_ids": "teams",
    "hs_body_preview": "body_text:hs_call_body",
    "hs_body_preview_html": "body_html:hs_call_body",
    "hs_body_preview_is_truncated": "body_truncated:hs_call_body",
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
    "hubspot_team_id": "team",
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
# A contact's properties tell the status of a call as that of its first engagement, and have this one too.
SEEN_ELSEWHERE = {"hs_call_status": [("HOLD", "On hold")]}

CALLS: dict[str, Any] = json.loads(
    files("trunkline").joinpath("data", "types", "calls.json").read_text(encoding="utf-8")
)
PROPERTIES: list[dict[str, Any]] = CALLS["properties"]
BY_NAME = {each["name"]: each for each in PROPERTIES}

every_property = pytest.mark.parametrize("prop", PROPERTIES, ids=lambda each: str(each["name"]))


def test_the_names_and_the_scopes() -> None:
    assert [CALLS[key] for key in ("typeId", "name", "singular", "plural")] == ["0-48", "CALL", "call", "calls"]
    assert CALLS["scopes"]["read"] == ["crm.objects.contacts.read"]
    assert CALLS["scopes"]["write"] == ["crm.objects.contacts.write"]
    assert len(PROPERTIES) == 107


@every_property
def test_every_property_is_described(prop: dict[str, Any]) -> None:
    assert prop["description"]


@every_property
def test_options_are_numbered_and_visible(prop: dict[str, Any]) -> None:
    for place, option in enumerate(prop["options"]):
        assert option["label"]
        assert (option["displayOrder"], option["hidden"], option["description"]) == (place, False, "")


def test_groups_are_as_seen() -> None:
    assert {name: BY_NAME[name]["groupName"] for name in GROUPS_SEEN} == GROUPS_SEEN


def test_derived_properties_and_special_checks_are_these() -> None:
    assert {each["name"]: each["derivation"] for each in PROPERTIES if "derivation" in each} == DERIVATIONS
    checked = {each["name"]: each["check"] for each in PROPERTIES if "check" in each}
    assert checked == {"hubspot_owner_id": "owner", "hs_call_app_id": "integer"}


def test_the_required_the_unique_and_the_referring_properties() -> None:
    assert CALLS["requiredProperties"] == ["hs_timestamp"]
    assert [each["name"] for each in PROPERTIES if each["hasUniqueValue"]] == ["hs_unique_creation_key"]
    assert {each["name"]: each["referencedObjectType"] for each in PROPERTIES if "referencedObjectType" in each} == {
        "hubspot_owner_id": "OWNER"
    }


def test_the_shown_and_the_searched_properties() -> None:
    assert CALLS["defaultProperties"] == ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"]
    assert CALLS["searchableProperties"] == ["hs_call_title", "hs_body_preview"]
    assert not BY_NAME["hs_timestamp"]["readOnly"]


def test_recordings_and_transcripts_can_be_written() -> None:
    names = ("recording_url", "video_recording_url", "recording_duration", "has_transcript", "transcription_id")
    assert [name for name in names if BY_NAME[f"hs_call_{name}"]["readOnly"]] == []


@pytest.mark.skipif(not OBSERVED.exists(), reason="the observed property list is not on this machine")
def test_every_observed_property_is_in_the_data() -> None:
    observed = json.loads(OBSERVED.read_text(encoding="utf-8"))
    assert sorted(each["name"] for each in observed) == sorted(BY_NAME)
    for each in observed:
        expected = summary(each)
        expected["options"] += SEEN_ELSEWHERE.get(each["name"], [])
        assert summary(BY_NAME[each["name"]]) == expected


def summary(prop: dict[str, Any]) -> dict[str, Any]:
    """What both lists say of a property; an unknown flag (null) counts as false."""
    return {
        **{key: prop[key] for key in ("name", "label", "type", "fieldType")},
        **{flag: bool(prop[flag]) for flag in FLAGS},
        "referencedObjectType": prop.get("referencedObjectType"),
        "options": [(option["value"], option["label"]) for option in prop["options"]],
    }
