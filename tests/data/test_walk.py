"""Every object type through every operation on its records, from its data file alone."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from server import UNIQUE
from threaded import Stage

from trunkline.crm.catalog import Catalog, Definitions, TypeData, shipped_types
from trunkline.crm.property import Option, Property
from trunkline.crm.schema import Schema

AT = "2025-04-24T20:01:33Z"
PLAIN = {"string": "words", "number": "7", "date": "2025-04-24", "datetime": AT, "phone_number": "+1 617 555 0100"}
OTHER = {"string": "other words", "number": "8", "enumeration": "9"}
CHECKED = {"email": "someone-{}@example.com", "emails": "also-{}@example.com", "owner": "1", "integer": "7"}
KEY = str(UNIQUE["name"])

KINDS = {"text": "string", "number": "number", "date": "date", "booleancheckbox": "bool", "select": "enumeration"}
OPTIONS = [{"value": value, "label": value} for value in ("true", "false")]
SCHEMA: dict[str, Any] = {
    "name": "boat",
    "labels": {"singular": "Boat", "plural": "Boats"},
    "properties": [
        {"name": f"a_{field}", "label": field, "type": type_, "fieldType": field, "options": OPTIONS * (number > 2)}
        for number, (field, type_) in enumerate(KINDS.items())
    ],
    "requiredProperties": ["a_text"],
    "searchableProperties": ["a_text", "a_number"],
    "associatedObjects": ["contacts"],
}
"""A custom object with a property of each kind."""


def some_value(definition: Property, number: int) -> str:
    """A value that a property takes; of a unique one, another for every number."""
    if definition.check:
        return CHECKED[definition.check].format(number)
    if definition.options:
        return definition.options[0].value
    if definition.has_unique_value:
        return str(number)
    return "0-1-1" if definition.type == "object_coordinates" else PLAIN.get(definition.type, "one")


class Walk:
    """One object type on a server that has no records of it yet."""

    def __init__(self, http: httpx.Client, data: TypeData) -> None:
        self.http = http
        self.data = data
        self.path = f"/crm/v3/objects/{data.type_id}"
        self.writable = [definition for definition in data.properties if not definition.read_only]

    def call(self, method: str, path: str, expected: int, body: object = None, **query: str) -> Any:
        """What an operation answers, which must be with this status."""
        answer = self.http.request(method, path, json=body, params=query)
        assert answer.status_code == expected, (method, path, answer.text)
        return answer.json() if answer.content else None

    def everything(self, number: int) -> dict[str, str]:
        """A value for every property that a client may write."""
        return {definition.name: some_value(definition, number) for definition in self.writable} | self.place()

    def place(self) -> dict[str, str]:
        """The first stage of the first pipeline, where records go through pipelines."""
        if self.data.staging is None or not self.data.pipelines:
            return {}
        pipeline = self.data.pipelines[0]
        return {self.data.staging.pipeline: pipeline.id, self.data.staging.stage: pipeline.stages[0].id}

    def needed(self, number: int) -> dict[str, str]:
        """Values of just those properties without which no record is made."""
        full = self.everything(number)
        return {name: full[name] for name in self.data.required_properties}

    def upsert(self, *numbers: int) -> Any:
        """Creates or updates records by the portal's own unique property."""
        inputs = [{"idProperty": KEY, "id": f"K-{n}", "properties": self.needed(n)} for n in numbers]
        return self.call("POST", f"{self.path}/batch/upsert", 200, {"inputs": inputs})["results"]


@pytest.fixture(scope="module")
def portal(stage: Stage) -> Iterator[httpx.Client]:
    """One server for all types."""
    with stage.serving(limits="off") as server:
        headers = {"authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as http:
            yield http


@pytest.fixture(params=[*shipped_types(), None], ids=lambda data: str(data.plural if data else "custom"))
def walk(request: pytest.FixtureRequest, portal: httpx.Client) -> Walk:
    return Walk(portal, request.param or custom(portal))


def custom(portal: httpx.Client) -> TypeData:
    """A custom object with a property of each kind, as if it came with Trunkline."""
    made = portal.post("/crm-object-schemas/v3/schemas", json=SCHEMA).raise_for_status().json()
    schema = Schema(
        number=int(made["id"]),
        name=made["name"],
        singular="Boat",
        plural="Boats",
        required=tuple(made["requiredProperties"]),
        searchable=tuple(made["searchableProperties"]),
    )
    own = [_property(one) for one in made["properties"] if not one.get("hubspotDefined")]
    type_ = Catalog(1_000_001, Definitions(custom={schema.type_id: own}, schemas=[schema])).type(schema.name)
    return msgspec.structs.replace(type_.data, properties=tuple(type_.properties.values()))


def _property(told: dict[str, Any]) -> Property:
    options = tuple(Option(option["value"], option["label"]) for option in told["options"])
    kind, form = told["type"], told["fieldType"]
    return Property(name=told["name"], label="", type=kind, field_type=form, options=options, hubspot_defined=False)


def test_a_type_goes_through_every_operation(walk: Walk) -> None:
    definition = UNIQUE | {"groupName": walk.data.groups[0].name}
    walk.call("POST", f"/crm/v3/properties/{walk.data.plural}", 201, definition)
    full = create(walk)
    first, second = upsert(walk)
    read(walk, full, first)
    update(walk, first)
    pages(walk, full, first, second)
    search(walk, first)
    merge_and_archive(walk, full, first, second)


def create(walk: Walk) -> str:
    """A record with a value for every property keeps them all; one without a required property is refused."""
    sent = walk.everything(1)
    made = walk.call("POST", walk.path, 201, {"properties": sent})
    assert {name: made["properties"][name] for name in sent} == sent
    if walk.data.required_properties:
        walk.call("POST", walk.path, 400, {"properties": {}})
    return str(made["id"])


def upsert(walk: Walk) -> list[str]:
    """A key that is new makes a record, and one that is known finds it again."""
    made = walk.upsert(2, 3)
    again = walk.upsert(3, 2)
    assert [result["new"] for result in made + again] == [True, True, False, False]
    assert {result["id"] for result in made} == {result["id"] for result in again}
    by_key = {result["properties"][KEY]: str(result["id"]) for result in made}
    return [by_key["K-2"], by_key["K-3"]]


def read(walk: Walk, full: str, first: str) -> None:
    """By each of its spellings a type shows its default properties, and a record is found by its key too."""
    for alias in walk.data.aliases():
        shown = walk.call("GET", f"/crm/v3/objects/{alias}/{full}", 200)
        assert set(shown["properties"]) == set(walk.data.default_properties)
        assert shown["properties"]["hs_object_id"] == full
    assert walk.call("GET", f"{walk.path}/K-2", 200, idProperty=KEY)["id"] == first


def update(walk: Walk, first: str) -> None:
    name, value = next((d.name, OTHER[d.type]) for type_ in OTHER for d in walk.writable if d.type == type_)
    changed = walk.call("PATCH", f"{walk.path}/{first}", 200, {"properties": {name: value}})
    assert changed["properties"][name] == value


def pages(walk: Walk, *ids: str) -> None:
    """The list and a batch read show the same three records."""
    assert [result["id"] for result in walk.call("GET", walk.path, 200)["results"]] == sorted(ids, key=int)
    asked = {"inputs": [{"id": id_} for id_ in ids]}
    found = walk.call("POST", f"{walk.path}/batch/read", 200, asked)["results"]
    assert sorted(result["id"] for result in found) == sorted(ids)


def search(walk: Walk, first: str) -> None:
    """By a filter, and by a word where the searched properties have one."""
    filters = [{"propertyName": KEY, "operator": "EQ", "value": "K-2"}]
    found = walk.call("POST", f"{walk.path}/search", 200, {"filterGroups": [{"filters": filters}]})
    assert [result["id"] for result in found["results"]] == [first]
    names = {definition.name for definition in walk.writable if definition.type == "string"}
    worded = [name for name in walk.data.searchable_properties if name in names]
    if not worded:
        return
    walk.call("PATCH", f"{walk.path}/{first}", 200, {"properties": {worded[0]: "zanzibar"}})
    assert walk.call("POST", f"{walk.path}/search", 200, {"query": "zanzibar"})["total"] == 1


def merge_and_archive(walk: Walk, full: str, first: str, second: str) -> None:
    """A merged record answers by its old id; an archived one does not, and is on the list of archived ones."""
    merged = walk.call("POST", f"{walk.path}/merge", 200, {"primaryObjectId": first, "objectIdToMerge": second})
    assert walk.call("GET", f"{walk.path}/{second}", 200)["id"] == merged["id"]
    walk.call("DELETE", f"{walk.path}/{full}", 204)
    walk.call("GET", f"{walk.path}/{full}", 404)
    archived = walk.call("GET", walk.path, 200, archived="true")["results"]
    assert full in [result["id"] for result in archived]
