"""The rules of property definitions (behaviour 11)."""

import msgspec
import pytest

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.definition import MOST_UNIQUE, Draft, OptionDraft, Patch, archived, changed, created
from trunkline.crm.property import Property
from trunkline.errors import InvalidDefinition, PropertyExists, PropertyNotFound

NOW = 1_000


def type_with(*own: Property) -> ObjectType:
    return Catalog(1, 1, {"0-48": own}).type("calls")


def draft(**members: object) -> Draft:
    usual = {"name": "ref", "label": "Ref", "type": "string", "field_type": "text", "group_name": "call"}
    return Draft(**usual | members)  # type: ignore[arg-type]


def own(**members: object) -> Property:
    return created(draft(**members), type_with(), 1)


def refused(**members: object) -> str:
    with pytest.raises(InvalidDefinition) as caught:
        created(draft(**members), type_with(), NOW)
    return str(caught.value.details[0].code)


def test_a_new_definition() -> None:
    made = created(draft(has_unique_value=True, description="d"), type_with(), NOW)
    assert (made.name, made.has_unique_value, made.hubspot_defined) == ("ref", True, False)
    assert made.created == made.updated == NOW


@pytest.mark.parametrize("name", ["", "1a", "A", "a b", "a-b", "é", "a" * 101, "_a", "a\n"])
def test_names_that_cannot_be(name: str) -> None:
    assert refused(name=name) == "INVALID_PROPERTY_NAME"


@pytest.mark.parametrize(
    ("kind", "field_type"), [("string", "number"), ("number", "text"), ("json", "text"), ("nope", "text")]
)
def test_types_and_field_types_that_do_not_fit(kind: str, field_type: str) -> None:
    assert refused(type=kind, field_type=field_type) == "INVALID_FIELD_TYPE"


def test_a_name_in_use() -> None:
    with pytest.raises(PropertyExists):
        created(draft(name="hs_call_title"), type_with(), NOW)
    with pytest.raises(PropertyExists):
        created(draft(), type_with(own()), NOW)


def test_ten_unique_properties_and_no_more() -> None:
    ten = [own(name=f"u{number}", has_unique_value=True) for number in range(MOST_UNIQUE)]
    with pytest.raises(InvalidDefinition, match="maximum number of unique properties"):
        created(draft(has_unique_value=True), type_with(*ten), NOW)
    assert not created(draft(), type_with(*ten), NOW).has_unique_value
    assert created(draft(has_unique_value=True), type_with(*ten[1:]), NOW).has_unique_value


@pytest.mark.parametrize("kind", [("bool", "booleancheckbox"), ("enumeration", "select")])
def test_types_that_cannot_be_unique(kind: tuple[str, str]) -> None:
    assert refused(type=kind[0], field_type=kind[1], has_unique_value=True) == "UNIQUE_NOT_SUPPORTED"


def test_options_without_an_order_come_last() -> None:
    options = [OptionDraft("art", "Art"), OptionDraft("travel", "Travel", 1), OptionDraft("swim", "Swim", 2)]
    made = own(type="enumeration", field_type="select", options=options)
    assert [(o.value, o.display_order) for o in made.options] == [("art", 3), ("travel", 1), ("swim", 2)]


def test_options_of_a_bool() -> None:
    assert [o.value for o in own(type="bool", field_type="booleancheckbox").options] == ["true", "false"]
    yes = [OptionDraft("yes", "Yes"), OptionDraft("no", "No")]
    assert refused(type="bool", field_type="booleancheckbox", options=yes) == "INVALID_BOOLEAN_OPTION"


def test_options_of_one_value() -> None:
    twice = [OptionDraft("a", "A"), OptionDraft("a", "B")]
    assert refused(type="enumeration", field_type="select", options=twice) == "DUPLICATE_OPTION_VALUES"


def test_an_archived_name_comes_back_as_what_it_was() -> None:
    gone = archived("ref", type_with(own(has_unique_value=True)), 500)
    assert gone.archived == 500
    back = created(draft(has_unique_value=True, label="New"), type_with(gone), NOW)
    assert (back.archived, back.created, back.updated, back.label) == (None, 1, NOW, "New")
    for other in (draft(), draft(has_unique_value=True, type="number", field_type="number")):
        with pytest.raises(InvalidDefinition, match="another type or uniqueness"):
            created(other, type_with(gone), NOW)


def test_a_change_changes_what_it_names() -> None:
    before = own(description="d", hints={"textDisplayHint": "email"})
    after = changed("ref", Patch(label="New"), type_with(before), NOW)
    assert after == msgspec.structs.replace(before, label="New", updated=NOW)
    assert changed("ref", Patch(field_type="textarea"), type_with(before), NOW).field_type == "textarea"


def test_a_change_replaces_the_options() -> None:
    before = own(type="enumeration", field_type="select", options=[OptionDraft("a", "A")])
    after = changed("ref", Patch(options=[OptionDraft("b", "B")]), type_with(before), NOW)
    assert [o.value for o in after.options] == ["b"]
    assert changed("ref", Patch(label="x"), type_with(before), NOW).options == before.options


def test_what_cannot_be_changed() -> None:
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        changed("hs_call_title", Patch(label="x"), type_with(), NOW)
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        archived("hs_call_title", type_with(), NOW)
    with pytest.raises(InvalidDefinition, match="is unique; its type"):
        changed("ref", Patch(type="number", field_type="number"), type_with(own(has_unique_value=True)), NOW)
    with pytest.raises(PropertyNotFound):
        changed("nope", Patch(), type_with(), NOW)
