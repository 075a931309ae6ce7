"""How custom objects are defined, changed and deleted (behaviour 13)."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trunkline.crm import custom
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.custom import LinkDraft, Made, SchemaDraft, SchemaPatch
from trunkline.crm.definition import Draft
from trunkline.crm.link import USER_DEFINED
from trunkline.crm.schema import FIRST_NUMBER, next_number
from trunkline.errors import (
    InvalidDefinition,
    InvalidSchema,
    LabelExists,
    SchemaExists,
    SchemaLinkNotFound,
    TooManySchemas,
    UnknownObjectType,
)

PORTAL, NOW, USER = 77, 5_000, 9
EMPTY = Catalog(PORTAL, Definitions())


def prop(name: str, **members: Any) -> Draft:
    usual = {"type": "string", "field_type": "text", "group_name": ""}
    return Draft(**{"name": name, "label": name, **usual, **members})


def draft(name: str = "car", **members: Any) -> SchemaDraft:
    usual = {"properties": [prop("model"), prop("vin", has_unique_value=True)], "required": ["model"], "associated": []}
    labels = {"singular": "Car", "plural": "Cars"}
    return SchemaDraft(**{"name": name, "primary": "model", **labels, **usual, **members})


def with_all(*made: Made, catalog: Catalog = EMPTY) -> Catalog:
    """The catalog of a portal that has what drafts made."""
    properties = {one.schema.type_id: one.properties for one in made}
    links = [link for one in made for link in one.links]
    return Catalog(PORTAL, Definitions(2, custom=properties, links=links, schemas=[one.schema for one in made]))


def created(made: SchemaDraft, catalog: Catalog = EMPTY) -> Made:
    return custom.created(made, catalog, USER, NOW)


CAR = created(draft())
CARS = with_all(CAR)


@pytest.mark.parametrize("spelling", ["2-1000001", "p77_car", "p_car", "car", "CAR", "P77_Car"])
def test_a_custom_object_has_all_its_spellings(spelling: str) -> None:
    type_ = CARS.type(spelling)
    assert (type_.id, type_.name, type_.data.singular) == ("2-1000001", "p77_car", "car")
    assert {"model", "vin", "hs_object_id", "hubspot_owner_id"} <= type_.properties.keys()
    assert type_.required == type_.data.searchable_properties == ("model",)
    assert {name for name in type_.unique if not name.startswith("hs_")} == {"vin"}
    assert list(type_.groups) == ["car_information"]


@pytest.mark.parametrize("spelling", ["2-1000002", "p78_car", "p_p_car", "cars"])
def test_and_no_other(spelling: str) -> None:
    with pytest.raises(UnknownObjectType):
        CARS.type(spelling)


def test_a_name_never_takes_the_place_of_another_types_own() -> None:
    catalog = with_all(*(replace(CAR, schema=replace(CAR.schema, number=n, name=name)) for n, name in NAMED.items()))
    assert {spelling: catalog.type(spelling).id for spelling in MEANT} == MEANT


NAMED = {1: "contacts", 2: "x", 3: "p77_x", 4: "p_x"}
MEANT = {"contacts": "0-1", "p77_contacts": "2-1", "p77_x": "2-2", "p77_p77_x": "2-3", "p77_p_x": "2-4", "2-2": "2-2"}


def test_numbers_are_never_given_twice() -> None:
    gone = replace(CAR.schema, archived=1, gone=1)
    assert next_number([]) == FIRST_NUMBER
    assert next_number([gone]) == FIRST_NUMBER + 1
    again = Catalog(PORTAL, Definitions(schemas=[gone]))
    assert (again.schemas, created(draft(), again).schema.type_id) == ((), "2-1000002")


@given(st.text(string.ascii_letters + string.digits + "_-. ", max_size=12))
def test_a_name_is_a_letter_and_then_letters_digits_and_underscores(name: str) -> None:
    good = name[:1].isalpha() and name.replace("_", "a").isalnum()
    if good:
        assert created(draft(name)).schema.name == name
    else:
        with pytest.raises(InvalidSchema):
            created(draft(name))


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"name": "x" * 101}, InvalidSchema),
        ({"singular": " "}, InvalidSchema),
        ({"plural": "x" * 256}, InvalidSchema),
        ({"required": ["nope"]}, InvalidSchema),
        ({"required": ["hs_object_id"]}, InvalidSchema),
        ({"searchable": ["nope"]}, InvalidSchema),
        ({"secondary": ["nope"]}, InvalidSchema),
        ({"primary": "nope"}, InvalidSchema),
        ({"properties": [prop("model", group_name="nope")]}, InvalidDefinition),
        ({"properties": [prop("1st")]}, InvalidDefinition),
        ({"properties": [prop("hs_x")]}, InvalidDefinition),
        ({"associated": ["nope"]}, UnknownObjectType),
        ({"name": "CAR"}, SchemaExists),
    ],
)
def test_drafts_that_cannot_be(members: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        created(draft(**{"name": "boat", **members}), CARS)


def test_there_are_ten_at_most() -> None:
    made: list[Made] = []
    for number in range(custom.MOST):
        made.append(created(draft(f"car_{number}"), with_all(*made)))
    with pytest.raises(TooManySchemas):
        created(draft("one_more"), with_all(*made))
    fewer = [replace(made[0], schema=replace(made[0].schema, archived=1)), *made[1:]]
    assert created(draft("one_more"), with_all(*fewer)).schema.number == FIRST_NUMBER + custom.MOST


def test_its_associations_are_numbered_with_the_portals_own() -> None:
    made = created(draft("boat", associated=["contacts", "CONTACT", "p_car"], itself=True), CARS)
    first = CARS.links.next_own
    shown = [(link.id, link.source, link.target, link.name, link.inverse) for link in made.links]
    boat, car = made.schema.type_id, CAR.schema.type_id
    assert shown[:4] == [
        (first, boat, "0-1", "boat_to_contact", first + 1),
        (first + 1, "0-1", boat, "boat_to_contact", first),
        (first + 2, boat, car, "boat_to_car", first + 3),
        (first + 3, car, boat, "boat_to_car", first + 2),
    ]
    last = made.links[-1]
    assert (last.source, last.target, last.inverse, last.name) == (boat, boat, last.id, "boat_to_boat")
    assert {link.target for link in made.links} >= set(custom.ACTIVITIES)
    assert {(link.category, link.default, link.label) for link in made.links} == {(USER_DEFINED, True, None)}


def test_a_change_keeps_what_it_does_not_name() -> None:
    type_ = CARS.type("car")
    after = custom.changed(SchemaPatch(plural="Motor cars", secondary=("vin", "vin")), CAR.schema, type_, 3, 9_000)
    assert (after.singular, after.plural, after.secondary) == ("Car", "Motor cars", ("vin",))
    assert (after.updated, after.updated_by, after.created, after.created_by) == (9_000, 3, NOW, USER)
    assert custom.changed(SchemaPatch(singular="Car"), CAR.schema, type_, 3, 9_000) is CAR.schema
    told = replace(CAR.schema, description="x")
    assert custom.changed(SchemaPatch(forget=True), told, type_, 3, 9_000).description is None


def test_a_change_may_keep_what_was_archived_meanwhile_but_not_name_it_anew() -> None:
    gone = [replace(one, archived=1) if one.name == "model" else one for one in CAR.properties]
    catalog = with_all(replace(CAR, properties=gone))
    type_ = catalog.type("car")
    assert type_.required == type_.data.searchable_properties == ()
    assert custom.changed(SchemaPatch(plural="x"), CAR.schema, type_, 3, 9_000).primary == "model"
    with pytest.raises(InvalidSchema):
        custom.changed(SchemaPatch(secondary=("model",)), CAR.schema, type_, 3, 9_000)


@pytest.mark.parametrize("for_good", [False, True])
def test_what_is_deleted_is_no_object_type_any_more(for_good: bool) -> None:
    after, links = custom.removed(CAR.schema, CARS.links, 9_000, for_good=for_good)
    catalog = with_all(replace(CAR, schema=after, links=links))
    with pytest.raises(UnknownObjectType):
        catalog.type("car")
    assert catalog.links.of(CAR.schema.type_id) == []
    assert [schema.name for schema in catalog.schemas] == ([] if for_good else ["car"])
    assert catalog.links.next_own == CARS.links.next_own


def test_an_archived_schema_is_found_only_where_it_may_be() -> None:
    after, _ = custom.removed(CAR.schema, CARS.links, 9_000, for_good=False)
    catalog = with_all(replace(CAR, schema=after))
    assert custom.found("p_car", catalog, archived=True) == after
    for alias, archived in (("p_car", False), ("boat", True)):
        with pytest.raises(UnknownObjectType):
            custom.found(alias, catalog, archived=archived)
    with pytest.raises(InvalidSchema):
        custom.found("contacts", catalog)


def tied(source: str, target: str, name: str | None = None, of: str = "car", catalog: Catalog = CARS) -> Any:
    return custom.tied(LinkDraft(source, target, name), catalog.type(of), catalog)


def test_a_further_association_is_told_apart_by_its_name() -> None:
    plain = tied("2-1000001", "companies")
    assert [(link.name, link.label, link.default) for link in plain] == [("car_to_company", None, True)] * 2
    catalog = with_all(replace(CAR, links=[*CAR.links, *plain]))
    again = tied("car", "0-2", "lender", catalog=catalog)
    assert [(link.name, link.label, link.default) for link in again] == [("lender", "lender", False)] * 2
    with pytest.raises(LabelExists):
        tied("car", "0-2", catalog=catalog)


@pytest.mark.parametrize(("ends", "of"), [(("0-1", "0-2"), "contacts"), (("car", "0-2"), "contacts")])
def test_an_association_is_of_the_object_that_is_asked(ends: tuple[str, str], of: str) -> None:
    with pytest.raises(InvalidSchema):
        tied(*ends, of=of)


def test_an_association_ends_in_both_directions() -> None:
    first = CAR.links[0]
    for identifier in (str(first.id), first.name):
        gone = custom.untied(identifier, CARS.type("car"), CARS.links, 9)
        assert [(link.id, link.archived) for link in gone] == [(first.id, 9), (first.id + 1, 9)]
    with pytest.raises(SchemaLinkNotFound):
        custom.untied("279", CARS.type("contacts"), CARS.links, 9)


def test_portals_do_not_know_each_others() -> None:
    other = Catalog(78, Definitions(schemas=[CAR.schema]))
    assert other.type("p78_car").name == "p78_car"
    with pytest.raises(UnknownObjectType):
        other.type("p77_car")
