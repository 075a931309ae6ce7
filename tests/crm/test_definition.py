"""The rules of property definitions (behaviour 11)."""

from typing import Any

import msgspec
import pytest

from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.definition import (
    Draft,
    OptionDraft,
    Patch,
    archived,
    archived_all,
    changed,
    created,
    created_all,
    read_all,
)
from trunkline.crm.property import Group, Property
from trunkline.crm.requirement import LONGEST_CHAIN, LONGEST_OPTION, MOST_OPTIONS, MOST_OWN, MOST_UNIQUE
from trunkline.errors import (
    CurrencyWithoutSymbol,
    InvalidBooleanOptions,
    InvalidDefinition,
    PropertyExists,
    PropertyInUse,
    PropertyNotFound,
)

NOW = 1_000
RED = [OptionDraft("red", "Red")]
TRUTHS = [OptionDraft("true", "Yes"), OptionDraft("false", "No")]


def type_with(*own: Property, groups: tuple[Group, ...] = ()) -> ObjectType:
    return Catalog(1, Definitions(1, {"0-48": own}, {"0-48": groups})).type("calls")


def draft(**members: Any) -> Draft:
    usual = {"name": "ref", "label": "Ref", "type": "string", "field_type": "text", "group_name": "call"}
    return Draft(**usual | members)


def own(*others: Property, **members: Any) -> Property:
    return created(draft(**members), type_with(*others), 1)


def number(name: str) -> Property:
    return own(name=name, type="number", field_type="number")


def calculated(formula: str, *others: Property, **members: Any) -> Property:
    usual = {"name": "sum", "type": "number", "field_type": "number", "hints": {"calculationFormula": formula}}
    return own(*others, **usual | members)


def refused(*others: Property, **members: Any) -> str:
    with pytest.raises(InvalidDefinition) as caught:
        created(draft(**members), type_with(*others), NOW)
    return str(caught.value.details[0].code)


def unchangeable(before: Property, **members: Any) -> str:
    with pytest.raises(InvalidDefinition) as caught:
        changed(before.name, Patch(**members), type_with(before), NOW)
    return str(caught.value.details[0].code)


def test_a_new_definition() -> None:
    made = created(draft(has_unique_value=True, description="d"), type_with(), NOW)
    assert (made.name, made.has_unique_value, made.hubspot_defined) == ("ref", True, False)
    assert made.created == made.updated == NOW
    assert made.sensitivity == "non_sensitive"


@pytest.mark.parametrize("name", ["", "1a", "A", "a b", "a-b", "é", "a" * 101, "_a", "a\n", "a."])
def test_names_that_cannot_be(name: str) -> None:
    assert refused(name=name) == "INVALID_PROPERTY_NAME"


@pytest.mark.parametrize("name", ["hs_colour", "hs_", "a1_x", "a12345_colour"])
def test_names_that_are_kept_for_others(name: str) -> None:
    assert refused(name=name) == "RESERVED_PROPERTY_NAME"


@pytest.mark.parametrize("name", ["a", "a" * 100, "hs", "hsx", "a1", "a1x", "ab1_", "age__c"])
def test_names_that_can_be(name: str) -> None:
    assert created(draft(name=name), type_with(), NOW).name == name


FITTING = {
    "string": ["text", "textarea", "html", "phonenumber", "file"],
    "number": ["number"],
    "bool": ["booleancheckbox"],
    "enumeration": ["select", "radio", "checkbox", "booleancheckbox"],
    "date": ["date"],
    "datetime": ["date"],
    "phone_number": ["phonenumber"],
}
FIELD_TYPES = sorted({field_type for field_types in FITTING.values() for field_type in field_types})


@pytest.mark.parametrize("field_type", FIELD_TYPES)
@pytest.mark.parametrize("kind", FITTING)
def test_types_and_field_types(kind: str, field_type: str) -> None:
    options = {"bool": TRUTHS, "enumeration": RED}.get(kind, [])
    members: dict[str, Any] = {"type": kind, "field_type": field_type, "options": options}
    if field_type in FITTING[kind]:
        assert own(**members).field_type == field_type
    else:
        assert refused(**members) == "INVALID_FIELD_TYPE"


@pytest.mark.parametrize("kind", ["json", "object_coordinates", "nope"])
def test_types_that_cannot_be_made(kind: str) -> None:
    assert refused(type=kind) == "INVALID_FIELD_TYPE"


def test_a_name_in_use() -> None:
    with pytest.raises(PropertyExists):
        created(draft(name="hs_call_title"), type_with(), NOW)
    with pytest.raises(PropertyExists):
        created(draft(), type_with(own()), NOW)


@pytest.mark.parametrize("label", ["", "  "])
def test_a_label_says_something(label: str) -> None:
    assert refused(label=label) == "INVALID_LABEL"
    assert unchangeable(own(), label=label) == "INVALID_LABEL"


def test_a_group_that_is_not_there() -> None:
    gone = Group("gone", "Gone", 9, archived=5)
    mine = Group("mine", "Mine", 9)
    assert refused(group_name="nope") == "GROUP_DOES_NOT_EXIST"
    assert unchangeable(own(), group_name="nope") == "GROUP_DOES_NOT_EXIST"
    with pytest.raises(InvalidDefinition, match="group does not exist"):
        created(draft(group_name="gone"), type_with(groups=(gone,)), NOW)
    assert created(draft(group_name="mine"), type_with(groups=(mine,)), NOW).group_name == "mine"


def test_a_definition_from_before_keeps_its_unknown_group() -> None:
    before = msgspec.structs.replace(own(), group_name="forgotten")
    after = changed("ref", Patch(label="New", group_name="forgotten"), type_with(before), NOW)
    assert (after.label, after.group_name) == ("New", "forgotten")


def test_ten_unique_properties_and_no_more() -> None:
    ten = [own(name=f"u{number}", has_unique_value=True) for number in range(MOST_UNIQUE)]
    with pytest.raises(InvalidDefinition, match="maximum number of unique properties"):
        created(draft(has_unique_value=True), type_with(*ten), NOW)
    assert not created(draft(), type_with(*ten), NOW).has_unique_value
    assert created(draft(has_unique_value=True), type_with(*ten[1:]), NOW).has_unique_value


def test_a_thousand_own_properties_and_no_more() -> None:
    one = own()
    thousand = [msgspec.structs.replace(one, name=f"p{number}") for number in range(MOST_OWN)]
    assert refused(*thousand) == "PROPERTY_LIMIT"
    assert created(draft(), type_with(*thousand[1:]), NOW).name == "ref"
    gone = msgspec.structs.replace(thousand[0], archived=5)
    assert created(draft(), type_with(gone, *thousand[1:]), NOW).name == "ref"


@pytest.mark.parametrize(
    "kind", [("bool", "booleancheckbox", TRUTHS), ("enumeration", "select", RED)], ids=["bool", "enumeration"]
)
def test_types_that_cannot_be_unique(kind: tuple[str, str, list[OptionDraft]]) -> None:
    members = {"type": kind[0], "field_type": kind[1], "options": kind[2]}
    assert refused(**members, has_unique_value=True) == "UNIQUE_NOT_SUPPORTED"


@pytest.mark.parametrize("last", [None, -1])
def test_options_without_an_order_come_last(last: int | None) -> None:
    options = [OptionDraft("art", "Art", last), OptionDraft("travel", "Travel", 1), OptionDraft("swim", "Swim", 2)]
    made = own(type="enumeration", field_type="select", options=options)
    assert [(o.value, o.display_order) for o in made.options] == [("art", 3), ("travel", 1), ("swim", 2)]


def test_options_keep_what_was_said_of_them() -> None:
    options = [OptionDraft("a", "A", 4, True, "first"), OptionDraft("b", "B")]
    made = own(type="enumeration", field_type="radio", options=options).options
    assert [(o.display_order, o.hidden, o.description) for o in made] == [(4, True, "first"), (5, False, "")]


@pytest.mark.parametrize("values", [[], ["true"], ["yes", "no"], ["true", "false", "maybe"], ["true", "true"]])
def test_options_of_a_bool(values: list[str]) -> None:
    options = [OptionDraft(value, value.title()) for value in values]
    with pytest.raises(InvalidBooleanOptions):
        created(draft(type="bool", field_type="booleancheckbox", options=options), type_with(), NOW)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "MISSING_OPTIONS"),
        ([OptionDraft("a", "A"), OptionDraft("a", "B")], "DUPLICATE_OPTION_VALUES"),
        ([OptionDraft("a", "A"), OptionDraft("b", "A")], "DUPLICATE_OPTION_LABELS"),
        ([OptionDraft("", "A")], "EMPTY_OPTION"),
        ([OptionDraft("a", " ")], "EMPTY_OPTION"),
        ([OptionDraft("a", "A", None, False, "x" * (LONGEST_OPTION - 1))], "OPTION_TOO_LONG"),
        ([OptionDraft(str(n), str(n)) for n in range(MOST_OPTIONS + 1)], "TOO_MANY_OPTIONS"),
    ],
    ids=["none", "twice", "one label", "no value", "no label", "too long", "too many"],
)
def test_options_that_cannot_be(options: list[OptionDraft], code: str) -> None:
    assert refused(type="enumeration", field_type="select", options=options) == code


def test_options_at_their_limits() -> None:
    many = [OptionDraft(str(n), str(n)) for n in range(MOST_OPTIONS - 1)]
    long = OptionDraft("a", "A", None, False, "x" * (LONGEST_OPTION - 2))
    assert len(own(type="enumeration", field_type="select", options=[*many, long]).options) == MOST_OPTIONS


def test_external_options() -> None:
    members: dict[str, Any] = {"type": "enumeration", "field_type": "select", "external_options": True}
    made = own(**members, referenced_object_type="OWNER")
    assert (made.options, made.check) == ((), "owner")
    assert own(**members | {"field_type": "checkbox"}, referenced_object_type="OWNER").check is None
    assert refused(**members) == "EXTERNAL_OPTIONS_WITHOUT_TYPE"
    assert refused(**members, referenced_object_type="OWNER", options=RED) == "EXTERNAL_OPTIONS_WITH_OPTIONS"


def test_a_currency_has_a_symbol() -> None:
    members: dict[str, Any] = {"type": "number", "field_type": "number"}
    with pytest.raises(CurrencyWithoutSymbol):
        own(**members, hints={"currencyPropertyName": "code"})
    before = own(**members, hints={"currencyPropertyName": "code", "showCurrencySymbol": True})
    with pytest.raises(CurrencyWithoutSymbol):
        changed("ref", Patch(hints={"showCurrencySymbol": False}), type_with(before), NOW)
    symbol = own(**members, hints={"showCurrencySymbol": True})
    assert changed("ref", Patch(hints={"showCurrencySymbol": False}), type_with(symbol), NOW).hints == {
        "showCurrencySymbol": False
    }


def test_an_archived_name_comes_back_as_what_was_sent() -> None:
    before = msgspec.structs.replace(own(form_field=True, description="d"), archived=500)
    back = created(draft(label="New", type="number", field_type="number"), type_with(before), NOW)
    assert (back.archived, back.created, back.updated, back.label) == (None, 1, NOW, "New")
    assert (back.type, back.form_field, back.description) == ("number", False, "")


@pytest.mark.parametrize(
    ("before", "after", "comes_back"),
    [
        ({"has_unique_value": True}, {"has_unique_value": True}, True),
        ({"has_unique_value": True}, {}, False),
        ({}, {"has_unique_value": True}, False),
        ({"has_unique_value": True}, {"has_unique_value": True, "type": "number", "field_type": "number"}, False),
    ],
)
def test_an_archived_key_comes_back_as_the_same_key(
    before: dict[str, Any], after: dict[str, Any], comes_back: bool
) -> None:
    gone = archived("ref", type_with(own(**before)), 500)
    assert gone.archived == 500
    if comes_back:
        assert created(draft(**after), type_with(gone), NOW).archived is None
    else:
        with pytest.raises(InvalidDefinition, match="another uniqueness"):
            created(draft(**after), type_with(gone), NOW)


def test_a_change_changes_what_it_names() -> None:
    before = own(description="d", hints={"textDisplayHint": "email"})
    after = changed("ref", Patch(label="New"), type_with(before), NOW)
    assert after == msgspec.structs.replace(before, label="New", updated=NOW)
    assert changed("ref", Patch(field_type="textarea"), type_with(before), NOW).field_type == "textarea"
    more = changed("ref", Patch(hints={"numberDisplayHint": "currency"}), type_with(before), NOW)
    assert more.hints == {"textDisplayHint": "email", "numberDisplayHint": "currency"}


@pytest.mark.parametrize("patch", [Patch(), Patch(label="Ref"), Patch(group_name="call", display_order=-1)])
def test_a_change_that_changes_nothing(patch: Patch) -> None:
    type_ = type_with(own())
    assert changed("ref", patch, type_, NOW) is type_.properties["ref"]


def test_a_change_replaces_the_options() -> None:
    before = own(type="enumeration", field_type="select", options=[OptionDraft("a", "A")])
    after = changed("ref", Patch(options=[OptionDraft("b", "B")]), type_with(before), NOW)
    assert [o.value for o in after.options] == ["b"]
    assert changed("ref", Patch(label="x"), type_with(before), NOW).options == before.options
    assert unchangeable(before, options=[]) == "MISSING_OPTIONS"


def test_a_key_keeps_its_type() -> None:
    assert unchangeable(own(has_unique_value=True), type="number", field_type="number") == "CANNOT_CHANGE_TYPE"
    assert changed("ref", Patch(type="phone_number", field_type="phonenumber"), type_with(own()), NOW).updated == NOW


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(PropertyNotFound):
        changed("nope", Patch(), type_with(), NOW)
    with pytest.raises(PropertyNotFound):
        archived("nope", type_with(), NOW)
    with pytest.raises(PropertyNotFound):
        archived("ref", type_with(msgspec.structs.replace(own(), archived=5)), NOW)


@pytest.mark.parametrize("members", [{"label": "x"}, {"hidden": True}, {"group_name": "engagement"}, {"options": RED}])
def test_hubspots_own_definitions_stay(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        changed("hs_call_title", Patch(**members), type_with(), NOW)


def test_hubspots_own_definitions_are_not_archived() -> None:
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        archived("hs_call_title", type_with(), NOW)
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        archived_all(["hs_call_title"], type_with(), NOW)


def test_the_options_of_hubspots_own_enumerations_may_change() -> None:
    label = type_with().properties["hs_call_status"].label
    after = changed("hs_call_status", Patch(options=[OptionDraft("LOST", "Lost")], label=label), type_with(), NOW)
    assert after.hubspot_defined
    kept = type_with(after).properties["hs_call_status"]
    assert [option.value for option in kept.options] == ["LOST"]
    for patch in (Patch(label="x", options=RED), Patch(options=[])):
        with pytest.raises(InvalidDefinition):
            changed("hs_call_status", patch, type_with(), NOW)
    with pytest.raises(InvalidDefinition, match="defined by HubSpot"):
        changed("hubspot_owner_id", Patch(options=RED), type_with(), NOW)


def test_of_a_changed_definition_of_hubspots_only_the_options_are_kept() -> None:
    old = msgspec.structs.replace(type_with().properties["hs_call_status"], label="Old", options=())
    assert type_with(old).properties["hs_call_status"].label == "Call status"


def test_a_formula_makes_a_calculated_property() -> None:
    made = calculated("hs_call_duration+1", field_type="number")
    assert (made.field_type, made.calculated, made.read_only) == ("calculation_equation", True, True)
    assert made.formula == made.hints["calculationFormula"] == "hs_call_duration + 1"
    after = changed("sum", Patch(hints={"calculationFormula": "2hs_call_duration"}), type_with(made), NOW)
    assert after.formula == "2 * hs_call_duration"
    assert changed("sum", Patch(label="Ref"), type_with(made), NOW) == type_with(made).properties["sum"]
    type_ = type_with(made)
    same = Patch(hints={"calculationFormula": "(hs_call_duration+1)"})
    assert changed("sum", same, type_, NOW) is type_.properties["sum"]
    plain = changed("ref", Patch(hints={"calculationFormula": "1"}), type_with(number("ref")), NOW)
    assert (plain.calculated, plain.field_type) == (True, "calculation_equation")


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("number", "1"),
        ("string", "'a'"),
        ("bool", "true"),
        ("enumeration", "string(hs_call_status)"),
        ("string", "''"),
        ("number", "if true then 1 else ''"),
    ],
)
def test_what_a_formula_may_come_to(kind: str, formula: str) -> None:
    options = {"bool": TRUTHS, "enumeration": RED}.get(kind, [])
    assert calculated(formula, type=kind, options=options).type == kind


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"hints": {"calculationFormula": "1 +"}}, "INVALID_FORMULA"),
        ({"hints": {"calculationFormula": "'a'"}}, "INVALID_FORMULA"),
        ({"hints": {"calculationFormula": "1"}, "type": "date", "field_type": "date"}, "INVALID_FIELD_TYPE"),
        ({"hints": {"calculationFormula": "1"}, "has_unique_value": True}, "UNIQUE_NOT_SUPPORTED"),
        ({"hints": {"calculationFormula": "ref"}}, "CIRCULAR_FORMULA"),
        ({"field_type": "calculation_equation"}, "INVALID_FORMULA"),
    ],
)
def test_formulas_that_cannot_be(members: dict[str, Any], code: str) -> None:
    assert refused(**{"type": "number", "field_type": "number"} | members) == code


def test_a_formula_reads_live_properties() -> None:
    for gone in ((), (msgspec.structs.replace(number("a"), archived=5),)):
        with pytest.raises(PropertyNotFound):
            calculated("a", *gone)
    assert calculated("a", number("a")).formula == "a"


def test_no_property_is_calculated_from_itself() -> None:
    a = number("a")
    b = calculated("a", a, name="b")
    type_ = type_with(a, b)
    with pytest.raises(InvalidDefinition, match="from itself"):
        changed("a", Patch(hints={"calculationFormula": "b + 1"}), type_, NOW)
    with pytest.raises(InvalidDefinition, match="from itself"):
        changed("b", Patch(hints={"calculationFormula": "b"}), type_, NOW)


def test_chains_of_calculated_properties_are_short() -> None:
    known = [calculated("1", name="c0")]
    for length in range(1, LONGEST_CHAIN):
        known.append(calculated(f"c{length - 1}", *known, name=f"c{length}"))
    with pytest.raises(InvalidDefinition, match="more than 5 others"):
        calculated(f"c{LONGEST_CHAIN - 1}", *known, name="more")
    type_ = type_with(*known, calculated("1", name="end"))
    with pytest.raises(InvalidDefinition, match="more than 5 others"):
        changed("c0", Patch(hints={"calculationFormula": "end"}), type_, NOW)


def test_a_calculated_property_stays_one() -> None:
    before = calculated("1")
    assert unchangeable(before, field_type="number") == "INVALID_FORMULA"
    assert unchangeable(before, type="string") == "INVALID_FORMULA"


def test_a_property_in_use_is_not_archived() -> None:
    a = number("a")
    uses = calculated("a", a, name="uses")
    type_ = type_with(a, uses)
    with pytest.raises(PropertyInUse) as caught:
        archived("a", type_, NOW)
    assert caught.value.context == {"usageCount": ["1"]}
    assert [d.context for d in caught.value.details] == [
        {"parentType": ["CALCULATED_PROPERTY"], "parentName": ["0-48/uses"]}
    ]
    with pytest.raises(PropertyInUse):
        archived_all(["a"], type_, NOW)
    assert [d.name for d in archived_all(["a", "uses"], type_, NOW)] == ["a", "uses"]
    assert archived("a", type_with(a, archived("uses", type_, NOW)), NOW).archived == NOW


def test_a_batch_is_made_one_after_the_other() -> None:
    sum_ = {"name": "sum", "type": "number", "hints": {"calculationFormula": "late"}, "field_type": "number"}
    drafts = [
        draft(**sum_),
        draft(name="late", type="number", field_type="number"),
        draft(),
        draft(),
        draft(**sum_),
        draft(name="A"),
    ]
    made = created_all(drafts, type_with(), NOW)
    assert [definition.name for definition in made.definitions] == ["late", "ref", "sum"]
    kinds = {position: type(refusal) for position, refusal in made.refused.items()}
    assert kinds == {0: PropertyNotFound, 3: PropertyExists, 5: InvalidDefinition}


def test_a_batch_counts_what_it_makes() -> None:
    drafts = [draft(name=f"u{number}", has_unique_value=True) for number in range(MOST_UNIQUE + 2)]
    made = created_all(drafts, type_with(), NOW)
    assert len(made.definitions) == MOST_UNIQUE
    assert list(made.refused) == [MOST_UNIQUE, MOST_UNIQUE + 1]


def test_archiving_a_batch_passes_over_what_is_not_there() -> None:
    gone = msgspec.structs.replace(own(name="gone"), archived=5)
    type_ = type_with(own(), gone)
    assert [d.name for d in archived_all(["gone", "ref", "nope", "ref"], type_, NOW)] == ["ref"]
    assert archived_all(["gone", "nope"], type_, NOW) == []


def test_reading_a_batch_tells_what_is_not_there() -> None:
    known = {"a": own(name="a"), "b": own(name="b")}
    made = read_all(["b", "nope", "a", "b"], known)
    assert [definition.name for definition in made.definitions] == ["b", "a"]
    assert [str(refusal) for refusal in made.refused.values()] == ["A property named 'nope' does not exist."]
