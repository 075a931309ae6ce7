"""HubSpot's new client for Python, which knows the dated paths only (2026-03): calls and properties, method by method.

Its answers are validated strictly: each has to be of the model that HubSpot's specification describes.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from hubspot_sdk import AsyncHubSpot, BadRequestError, ConflictError, HubSpot, NotFoundError
from hubspot_sdk.resources.crm.objects.calls import AsyncCallsResource, CallsResource
from hubspot_sdk.resources.crm.objects.calls.batch import BatchResource as CallsBatch
from hubspot_sdk.resources.crm.properties import PropertiesResource
from hubspot_sdk.resources.crm.properties.batch import BatchResource as PropertiesBatch
from hubspot_sdk.resources.crm.properties.groups import GroupsResource
from server import Server, start

AT = "2025-04-24T20:01:33Z"
KEY = "call_key"
CLASSES = {
    "objects.calls": CallsResource,
    "objects.calls.batch": CallsBatch,
    "properties": PropertiesResource,
    "properties.batch": PropertiesBatch,
    "properties.groups": GroupsResource,
}
"""The classes of the client, by where it has them below `crm`."""


def options(server: Server) -> dict[str, Any]:
    """What the client is made with: no more than an address and a token, and that it shall be strict."""
    return {
        "access_token": server.token,
        "base_url": server.url,
        "max_retries": 0,
        "_strict_response_validation": True,
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all methods, whose calls have a unique property."""
    server = start(tmp_path_factory.mktemp("sdk") / "calls.db")
    with HubSpot(**options(server)) as client:
        made = client.crm.properties.create("calls", **definition(KEY), has_unique_value=True)
    assert made.has_unique_value
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[HubSpot]:
    with HubSpot(**options(server)) as client:
        yield client


def definition(name: str) -> dict[str, Any]:
    """A property to create: a line of text."""
    return {"name": name, "label": name, "type": "string", "field_type": "text", "group_name": "call"}


@dataclass
class There:
    """What is there before a method is called."""

    client: HubSpot

    def __post_init__(self) -> None:
        self.key = uuid4().hex
        self.values = {"hs_timestamp": AT, "hs_call_title": self.key}

    def call(self) -> str:
        """The id of a new call."""
        return str(self.client.crm.objects.calls.create(associations=[], properties=self.values).id)

    def definition(self) -> str:
        """The name of a new property."""
        return str(self.client.crm.properties.create("calls", **definition(f"p_{self.key}")).name)

    def group(self) -> str:
        """The name of a new group of properties."""
        return str(self.client.crm.properties.groups.create("calls", name=f"g_{self.key}", label="Mine").name)


Asked = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Exercise:
    """One method: where the client has it, what to call it with, and the class of what it answers."""

    place: str
    method: str
    ask: Callable[[There], Asked]
    answers: str


def _inputs(there: There) -> list[dict[str, Any]]:
    return [{"id": there.call()}]


def _names(there: There) -> list[dict[str, str]]:
    return [{"name": there.definition()}]


def _sought(there: There) -> Asked:
    only = {"propertyName": "hs_object_id", "operator": "EQ", "value": there.call()}
    return (), {
        "after": "0",
        "filter_groups": [{"filters": [only]}],
        "limit": 5,
        "properties": ["hs_call_title"],
        "sorts": [],
    }


OWN: dict[str, Any] = {"archived": False, "data_sensitivity": "non_sensitive"}

EXERCISES = (
    Exercise(
        "objects.calls", "create", lambda t: ((), {"associations": [], "properties": t.values}), "SimplePublicObject"
    ),
    Exercise("objects.calls", "update", lambda t: ((t.call(),), {"properties": t.values}), "SimplePublicObject"),
    Exercise("objects.calls", "list", lambda t: ((), {"limit": 3}), "Page"),
    Exercise("objects.calls", "delete", lambda t: ((t.call(),), {}), "NoneType"),
    Exercise("objects.calls", "get", lambda t: ((t.call(),), {}), "SimplePublicObjectWithAssociations"),
    Exercise("objects.calls", "search", _sought, "CollectionResponseWithTotalSimplePublicObject"),
    Exercise(
        "objects.calls.batch",
        "create",
        lambda t: ((), {"inputs": [{"associations": [], "properties": t.values}]}),
        "BatchResponseSimplePublicObject",
    ),
    Exercise(
        "objects.calls.batch",
        "update",
        lambda t: ((), {"inputs": [{"id": t.call(), "properties": t.values}]}),
        "BatchResponseSimplePublicObject",
    ),
    Exercise("objects.calls.batch", "delete", lambda t: ((), {"inputs": _inputs(t)}), "NoneType"),
    Exercise(
        "objects.calls.batch",
        "get",
        lambda t: ((), {"inputs": _inputs(t), "properties": ["hs_call_title"], "properties_with_history": []}),
        "BatchResponseSimplePublicObject",
    ),
    Exercise(
        "objects.calls.batch",
        "upsert",
        lambda t: ((), {"inputs": [{"id": t.key, "id_property": KEY, "properties": t.values}]}),
        "BatchResponseSimplePublicUpsertObject",
    ),
    Exercise("properties", "create", lambda t: (("calls",), definition(f"p_{t.key}")), "Property"),
    Exercise("properties", "update", lambda t: ((t.definition(),), {"object_type": "calls", "label": "x"}), "Property"),
    Exercise("properties", "list", lambda t: (("calls",), {}), "CollectionResponsePropertyNoPaging"),
    Exercise("properties", "delete", lambda t: ((t.definition(),), {"object_type": "calls"}), "NoneType"),
    Exercise("properties", "get", lambda t: ((t.definition(),), {"object_type": "calls"}), "Property"),
    Exercise(
        "properties.batch",
        "create",
        lambda t: (("calls",), {"inputs": [definition(f"p_{t.key}")]}),
        "BatchResponseProperty",
    ),
    Exercise("properties.batch", "delete", lambda t: (("calls",), {"inputs": _names(t)}), "NoneType"),
    Exercise("properties.batch", "get", lambda t: (("calls",), {"inputs": _names(t), **OWN}), "BatchResponseProperty"),
    Exercise(
        "properties.groups", "create", lambda t: (("calls",), {"name": f"g_{t.key}", "label": "x"}), "PropertyGroup"
    ),
    Exercise(
        "properties.groups", "update", lambda t: ((t.group(),), {"object_type": "calls", "label": "y"}), "PropertyGroup"
    ),
    Exercise("properties.groups", "list", lambda t: (("calls",), {}), "CollectionResponsePropertyGroupNoPaging"),
    Exercise("properties.groups", "delete", lambda t: ((t.group(),), {"object_type": "calls"}), "NoneType"),
    Exercise("properties.groups", "get", lambda t: ((t.group(),), {"object_type": "calls"}), "PropertyGroup"),
)


def test_no_method_is_left_out() -> None:
    public = {
        (place, name)
        for place, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == {(exercise.place, exercise.method) for exercise in EXERCISES}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"{exercise.place}.{exercise.method}")
def test_a_method_decodes_what_it_is_answered(exercise: Exercise, client: HubSpot, server: Server) -> None:
    args, more = exercise.ask(There(client))
    answer = _method(client, exercise)(*args, **more)
    assert type(answer).__name__.removeprefix("Sync").split("[")[0] == exercise.answers
    again = asyncio.run(_ask(exercise, exercise.ask(There(client)), server))
    assert type(again).__name__.removeprefix("Async").split("[")[0] == exercise.answers
    assert getattr(answer, "results", [1])


async def _ask(exercise: Exercise, asked: Asked, server: Server) -> Any:
    """The same by the asynchronous client."""
    args, more = asked
    async with AsyncHubSpot(**options(server)) as client:
        return await _method(client, exercise)(*args, **more)


def _method(client: HubSpot | AsyncHubSpot, exercise: Exercise) -> Any:
    found: Any = client.crm
    for part in exercise.place.split("."):
        found = getattr(found, part)
    return getattr(found, exercise.method)


def test_both_clients_have_the_same_methods() -> None:
    assert {name for name in vars(CallsResource) if name[0] != "_"} == {
        name for name in vars(AsyncCallsResource) if name[0] != "_"
    }


def test_pages_are_walked(client: HubSpot, server: Server) -> None:
    calls = client.crm.objects.calls
    before = {call.id for call in calls.list(limit=100)}
    ids = []
    for _ in range(3):
        batch = [{"associations": [], "properties": {"hs_timestamp": AT, "hs_call_title": "x"}}] * 70
        ids += [call.id for call in calls.batch.create(inputs=batch).results]
    walked = list(calls.list(limit=100, properties=["hs_call_title", "hs_timestamp"]))
    assert [call.id for call in walked if call.id not in before] == ids
    assert all(call.properties["hs_call_title"] for call in walked if call.id in ids)
    assert [call.id for call in calls.list(limit=50)] == [call.id for call in walked]
    assert asyncio.run(_walk(server)) == [call.id for call in walked]


async def _walk(server: Server) -> list[str]:
    async with AsyncHubSpot(**options(server)) as client:
        return [call.id async for call in client.crm.objects.calls.list(limit=100)]


def test_a_call_with_its_history_and_associations(client: HubSpot) -> None:
    calls = client.crm.objects.calls
    ann = client.crm.objects.contacts.create(associations=[], properties={"email": f"{uuid4().hex}@example.com"})
    to = {
        "to": {"id": ann.id},
        "types": [{"association_category": "HUBSPOT_DEFINED", "association_type_id": 194}],
    }
    made = calls.create(associations=[to], properties={"hs_timestamp": AT, "hs_call_title": "one"})
    calls.update(made.id, properties={"hs_call_title": "two"})
    read = calls.get(made.id, properties_with_history=["hs_call_title", "hs_timestamp"], associations=["contacts"])
    assert read.properties_with_history is not None and read.associations is not None
    assert [entry.value for entry in read.properties_with_history["hs_call_title"]] == ["two", "one"]
    assert isinstance(read.properties_with_history["hs_call_title"][0].timestamp, datetime)
    assert [(end.id, end.type) for end in read.associations["contacts"].results] == [(ann.id, "call_to_contact")]


def test_upsert_by_a_unique_property(client: HubSpot) -> None:
    upsert, key = client.crm.objects.calls.batch.upsert, uuid4().hex
    made = upsert(inputs=[{"id": key, "id_property": KEY, "properties": {"hs_timestamp": AT}}])
    again = upsert(inputs=[{"id": key, "id_property": KEY, "properties": {"hs_call_title": "x"}}])
    assert [result.new for result in (*made.results, *again.results)] == [True, False]
    assert made.results[0].id == again.results[0].id
    found = client.crm.objects.calls.get(key, id_property=KEY, properties=["hs_call_title"])
    assert (found.id, found.properties["hs_call_title"]) == (made.results[0].id, "x")


def test_errors(client: HubSpot) -> None:
    calls = client.crm.objects.calls
    with pytest.raises(NotFoundError):
        calls.get("7")
    with pytest.raises(BadRequestError, match="PROPERTY_DOESNT_EXIST"):
        calls.create(associations=[], properties={"hs_timestamp": AT, "nope": "1"})
    name = There(client).definition()
    with pytest.raises(ConflictError):
        client.crm.properties.create("calls", **definition(name))
