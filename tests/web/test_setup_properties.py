"""The properties of a portal in a browser: found, made by the rules of the API, and archived."""

from typing import Any, get_args

import pytest
from visiting import JSON, Person, run, text

from trunkline.web.setup.properties import KINDS
from trunkline.wire.property import FieldType, Type

MARKUP = "<b>bold</b> 'quoted'"
CALLS = "/setup/properties/calls"
FIELDS = {"name": "dialer_id", "label": "Dialer id", "kind": "string/text", "group": "callinformation"}


async def defined(one: Person, name: str, type_: str = "calls") -> Any:
    """A property as the API tells it; None for one that is not there."""
    answer = await one.api.get(f"/crm/v3/properties/{type_}/{name}", headers=JSON)
    return answer.json() if answer.status_code == 200 else None


async def names(one: Person, path: str) -> list[str]:
    """The names of the properties that a page lists."""
    return [node.text() for node in (await one.see(path)).css("tbody td:first-child code")]


def test_what_is_listed_is_what_was_asked_for() -> None:
    async def work(one: Person) -> None:
        await one.send(CALLS, f"{CALLS}/new", {**FIELDS, "unique": "yes"})
        assert (await names(one, CALLS))[0] == "dialer_id" and len(await names(one, CALLS)) > 100
        assert await names(one, f"{CALLS}?q=DIALER+i") == ["dialer_id"]
        assert await names(one, f"{CALLS}?sort=own") == ["dialer_id"]
        assert await names(one, f"{CALLS}?sort=unique") == ["dialer_id", "hs_unique_creation_key"]
        assert await names(one, f"{CALLS}?sort=archived") == []
        assert "hs_call_title" in await names(one, f"{CALLS}?group=call")
        assert "dialer_id" not in await names(one, f"{CALLS}?group=call")
        assert await names(one, "/setup/properties") == await names(one, CALLS)

    run(work)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_offered_can_be_made(kind: str) -> None:
    type_, _, field = kind.partition("/")
    options = "a = First\nSecond" if type_ == "enumeration" else ""
    formula = (
        {"number": "1 + 1", "string": '"a"', "enumeration": '"a"', "bool": "1 > 2"}[type_] if "calc" in kind else ""
    )

    async def work(one: Person) -> None:
        sent = {**FIELDS, "kind": kind, "options": options, "formula": formula, "description": MARKUP}
        page = await one.send(CALLS, f"{CALLS}/new", sent)
        assert "The property dialer_id is there." in text(page, "[role=status]")
        made = await defined(one, "dialer_id")
        assert (made["type"], made["fieldType"], made["description"]) == (type_, field, MARKUP)
        if options:
            kept = [(option["value"], option["label"]) for option in made["options"]]
            assert kept == [("a", "First"), ("Second", "Second")]

    run(work)


def test_all_kinds_are_named() -> None:
    pairs = [kind.split("/") for kind in KINDS]
    assert {type_ for type_, _ in pairs} == set(get_args(Type))
    assert {field for _, field in pairs} == set(get_args(FieldType))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "hs_mine"},
        {"name": "Mine"},
        {"name": ""},
        {"name": "hs_call_title"},
        {"kind": "enumeration/select"},
        {"kind": "enumeration/select", "options": "a = b", "unique": "yes"},
        {"kind": "nothing"},
        {"kind": "number/calculation_equation", "formula": "1 +"},
        {"group": "nowhere"},
    ],
)
def test_what_cannot_be_made_is_told_with_what_was_typed(wrong: dict[str, str]) -> None:
    async def work(one: Person) -> None:
        before = await names(one, CALLS)
        page = await one.send(CALLS, f"{CALLS}/new", {**FIELDS, "label": MARKUP, **wrong}, status=400)
        assert text(page, "[role=alert]")
        (label,) = page.css("[name=label]")
        assert label.attributes["value"] == MARKUP
        assert await names(one, CALLS) == before

    run(work)


def test_labels_and_options_with_markup_are_words() -> None:
    async def work(one: Person) -> None:
        sent = {**FIELDS, "label": MARKUP, "kind": "enumeration/select", "options": MARKUP}
        page = await one.send(CALLS, f"{CALLS}/new", sent)
        assert page.css("tbody b") == []
        row = text(page, "tbody tr")
        assert row.count(MARKUP) == 3

    run(work)


def test_an_archived_property_comes_back_with_its_values() -> None:
    async def work(one: Person) -> None:
        await one.send(CALLS, f"{CALLS}/new", FIELDS)
        id_ = await one.make("calls", hs_timestamp="2026-01-01T12:00:00Z", dialer_id="A")
        await one.send(CALLS, f"{CALLS}/archive", {"name": "dialer_id"})
        assert await defined(one, "dialer_id") is None
        assert await names(one, f"{CALLS}?sort=archived") == ["dialer_id"]
        await one.send(CALLS, f"{CALLS}/new", FIELDS)
        answer = await one.api.get(f"/crm/v3/objects/calls/{id_}?properties=dialer_id", headers=JSON)
        assert answer.json()["properties"]["dialer_id"] == "A"

    run(work)


@pytest.mark.parametrize(("name", "status"), [("hs_call_title", 400), ("nothing", 400)])
def test_what_cannot_be_archived_is_told(name: str, status: int) -> None:
    async def work(one: Person) -> None:
        page = await one.send(CALLS, f"{CALLS}/archive", {"name": name}, status=status)
        assert name in text(page, "[role=alert]")

    run(work)


def test_a_property_is_made_in_this_portal_alone() -> None:
    async def work(one: Person) -> None:
        secret = {"x-trunkline-secret": "secret"}
        other = (await one.api.post("/_trunkline/portals", json={"name": "Other"}, headers=secret)).json()["id"]
        await one.send(CALLS, f"{CALLS}/new", FIELDS)
        answer = await one.browser.get(f"/portal/{other}{CALLS}?sort=own")
        assert answer.status_code == 200 and "dialer_id</code>" not in answer.text

    run(work)


def test_a_custom_object_has_properties_too_and_nothing_else_does() -> None:
    async def work(one: Person) -> None:
        code = {"name": "code", "label": MARKUP, "type": "string", "fieldType": "text"}
        schema = {
            "name": "line",
            "labels": {"singular": "Line", "plural": "Lines"},
            "properties": [code],
            "requiredProperties": ["code"],
            "associatedObjects": ["contacts"],
        }
        made = await one.api.post("/crm-object-schemas/v3/schemas", json=schema, headers=JSON)
        type_ = made.raise_for_status().json()["fullyQualifiedName"]
        page = await one.see(f"/setup/properties/{type_}?sort=own")
        assert "code" in text(page, "tbody") and "required" in text(page, "tbody")
        await one.see("/setup/properties/nothing", status=404)

    run(work)
