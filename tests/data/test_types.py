"""The data files of all object types: their shape, and that everything which they name exists."""

import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from trunkline.crm.catalog import Catalog, Definitions, ObjectType, shipped_types

FOLDER = files("trunkline").joinpath("data", "types")
TYPES: dict[str, dict[str, Any]] = {
    entry.name.removesuffix(".json"): json.loads(entry.read_text(encoding="utf-8")) for entry in FOLDER.iterdir()
}
MEANINGS: dict[str, str] = json.loads(files("trunkline").joinpath("data", "scopes.json").read_text(encoding="utf-8"))
CATALOG = Catalog(1, Definitions(1, {}))

TYPE_KEYS = [
    "typeId",
    "name",
    "singular",
    "plural",
    "labels",
    "scopes",
    "requiredProperties",
    "defaultProperties",
    "indexedProperties",
    "searchableProperties",
    "conflictProperty",
    "uniqueLists",
    "activatable",
    "columns",
    "createdProperty",
    "modifiedProperty",
    "durations",
    "products",
    "spellings",
    "groups",
    "properties",
    "staging",
    "pipelines",
]
OPTIONAL_KEYS = {
    "activatable",
    "columns",
    "conflictProperty",
    "durations",
    "products",
    "spellings",
    "staging",
    "pipelines",
    "uniqueLists",
}
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
EXTRA_KEYS = ["referencedObjectType", "hints", "derivation", "check"]
FLAGS = ["calculated", "externalOptions", "hasUniqueValue", "hidden", "readOnly", "formField"]
EVIDENCE = Path(__file__).resolve().parents[3].joinpath("shared", "evidence", "properties")

every_type = pytest.mark.parametrize("data", TYPES.values(), ids=TYPES)


def type_of(data: dict[str, Any]) -> ObjectType:
    return CATALOG.type(data["plural"])


def test_these_types_come_with_trunkline() -> None:
    assert {data["typeId"]: plural for plural, data in TYPES.items()} == {
        "0-1": "contacts",
        "0-2": "companies",
        "0-3": "deals",
        "0-5": "tickets",
        "0-7": "products",
        "0-8": "line_items",
        "0-14": "quotes",
        "0-18": "communications",
        "0-19": "feedback_submissions",
        "0-28": "forms",
        "0-72": "deal_splits",
        "0-27": "tasks",
        "0-46": "notes",
        "0-47": "meetings",
        "0-48": "calls",
        "0-49": "emails",
        "0-53": "invoices",
        "0-69": "subscriptions",
        "0-74": "goal_targets",
        "0-84": "discounts",
        "0-85": "fees",
        "0-86": "taxes",
        "0-101": "commerce_payments",
        "0-115": "users",
        "0-116": "postal_mail",
        "0-123": "orders",
        "0-136": "leads",
        "0-142": "carts",
        "0-162": "services",
        "0-410": "courses",
        "0-420": "listings",
        "0-421": "appointments",
        "0-970": "projects",
    }
    assert sorted(data.plural for data in shipped_types()) == sorted(TYPES)


def test_every_spelling_leads_to_its_own_type() -> None:
    aliases = [alias for type_ in CATALOG.types for alias in set(type_.data.aliases())]
    assert [alias for alias, times in Counter(aliases).items() if times > 1] == []
    for plural, data in TYPES.items():
        spellings = (plural.upper(), data["typeId"], data["name"], *data.get("spellings", ()))
        assert {type_.data.plural for type_ in map(CATALOG.type, spellings)} == {plural}


@every_type
def test_a_type_has_its_keys_in_order(data: dict[str, Any]) -> None:
    assert list(data) == [key for key in TYPE_KEYS if key in data]
    assert set(TYPE_KEYS) - set(data) <= OPTIONAL_KEYS
    assert data["name"].lower() == data["singular"]


@every_type
def test_a_type_says_the_scopes_of_each_verb(data: dict[str, Any]) -> None:
    assert list(data["scopes"]) == ["read", "write", "schemaRead", "schemaWrite"]
    for scopes in data["scopes"].values():
        assert scopes
        assert sorted(set(scopes) - MEANINGS.keys()) == []
        assert len(set(scopes)) == len(scopes)


@every_type
def test_properties_are_unique_and_sorted_by_name(data: dict[str, Any]) -> None:
    names = [each["name"] for each in data["properties"]]
    assert names == sorted(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


@every_type
def test_a_property_has_every_key_in_order(data: dict[str, Any]) -> None:
    for each in data["properties"]:
        assert list(each) == PROPERTY_KEYS + [key for key in EXTRA_KEYS if key in each], each["name"]
        assert all(isinstance(each[flag], bool) for flag in FLAGS), each["name"]
        assert type(each["displayOrder"]) is int
        assert each["label"] == each["label"].strip() != ""


@every_type
def test_a_description_is_a_sentence_of_its_own_or_nothing(data: dict[str, Any]) -> None:
    told = [each for each in data["properties"] if each["description"]]
    for each in told:
        description = each["description"]
        assert description.endswith(".")
        assert description == description.strip()
        assert description.removesuffix(".").casefold() != each["label"].casefold()
    assert len({each["description"] for each in told}) == len(told)


@every_type
def test_options_are_unique_and_stand_where_there_is_a_choice(data: dict[str, Any]) -> None:
    for each in data["properties"]:
        values = [option["value"] for option in each["options"]]
        assert len(set(values)) == len(values), each["name"]
        assert all(
            list(option) == ["value", "label", "displayOrder", "hidden", "description"] for option in each["options"]
        )
        if each["type"] == "bool":
            assert values == ["true", "false"], each["name"]
        elif each["type"] != "enumeration":
            assert values == [], each["name"]


@every_type
def test_groups_are_numbered_and_just_those_that_are_used(data: dict[str, Any]) -> None:
    assert [group["displayOrder"] for group in data["groups"]] == list(range(len(data["groups"])))
    names = [group["name"] for group in data["groups"]]
    assert sorted(names) == sorted({each["groupName"] for each in data["properties"]})
    assert len(set(names)) == len(names)


@every_type
def test_the_named_properties_exist_and_fit_their_part(data: dict[str, Any]) -> None:
    known = type_of(data).properties
    named = [name for key in TYPE_KEYS if key.endswith("Properties") for name in data[key]]
    assert [name for name in named if name not in known] == []
    assert [name for name in data["requiredProperties"] if known[name].read_only] == []
    assert known[data["createdProperty"]].derivation == "created"
    assert known[data["modifiedProperty"]].derivation == "modified"
    assert known["hs_object_id"].derivation == "id"
    assert {data["createdProperty"], data["modifiedProperty"], "hs_object_id"} <= set(data["defaultProperties"])
    if "conflictProperty" in data:
        assert known[data["conflictProperty"]].has_unique_value


@every_type
def test_every_property_can_be_checked_or_derived(data: dict[str, Any]) -> None:
    """That each derivation and each check is known is shown by the type having been loaded."""
    type_ = type_of(data)
    for name, definition in type_.properties.items():
        assert (name in type_.checkers) != definition.read_only
        assert definition.read_only or not definition.derivation
        assert not (definition.read_only and definition.check)


@pytest.mark.parametrize("plural", ["contacts", "companies"])
def test_the_data_agrees_with_an_account(plural: str) -> None:
    path = EVIDENCE / f"real_dump_{plural}.json"
    if not path.exists():
        pytest.skip("the properties of a real account are not on this machine")
    ours = {each["name"]: each for each in TYPES[plural]["properties"]}
    account = json.loads(path.read_text(encoding="utf-8"))["results"]
    seen = {each["name"]: each for each in account if each.get("hubspotDefined")}
    assert {name for name in seen.keys() - ours.keys() if not re.fullmatch(r"hs_email_optout_\d+", name)} == set()
    assert ours.keys() - seen.keys() == ({"hs_lifecyclestage_lead_date"} if plural == "contacts" else set())
    for name in ours.keys() & seen.keys():
        assert facts(ours[name]) == facts(seen[name])


def facts(each: dict[str, Any]) -> dict[str, object]:
    """What our data and an answer of HubSpot both say of a property; options only where there is a choice."""
    read_only = each["modificationMetadata"]["readOnlyValue"] if "modificationMetadata" in each else each["readOnly"]
    choice = each["type"] in ("bool", "enumeration")
    return {
        **{key: each[key] for key in ("name", "type", "fieldType", "groupName", "displayOrder")},
        **{flag: each[flag] for flag in FLAGS if flag != "readOnly"},
        "label": each["label"].strip(),
        "read_only": read_only,
        "refers": each.get("referencedObjectType"),
        "options": [(o["value"], o["label"], o["displayOrder"], o["hidden"]) for o in each["options"] if choice],
    }
