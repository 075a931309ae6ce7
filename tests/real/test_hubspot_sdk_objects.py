"""HubSpot's new client for Python: every object type of its `crm`, on the dated paths and strictly validated.

A type is used by the classes that the client has for it, and by those that take the type as an argument.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from hubspot_sdk import BadRequestError, HubSpot, NotFoundError
from hubspot_sdk.resources.crm.objects import ObjectsResource
from real.kinds import KEY, KINDS, Kind
from server import start

GENERIC = ("custom", "generic_objects")
"""The classes that take the object type."""

ABSENT = {
    "contracts": "HubSpot publishes no properties of them",
    "partner_clients": "they belong to HubSpot's own partner programme",
    "partner_services": "they belong to HubSpot's own partner programme",
}
"""Types that are not served, and why."""

READ_ONLY = ("feedback_submissions",)
"""Types that the client can only read."""


@dataclass(frozen=True)
class Objects:
    """The records of one type, as the client reaches them; the generic classes take the type as an argument."""

    found: Any
    kind: Kind
    generic: bool = False

    def ask(self, method: str, *args: Any, **more: Any) -> Any:
        """Calls a method that is about the type, as `create` or `batch.get`."""
        return self._call(method, *((self.kind.plural,) if self.generic else ()), *args, **more)

    def one(self, method: str, id_: str, **more: Any) -> Any:
        """Calls a method that is about one record."""
        return self._call(method, id_, **({"object_type": self.kind.plural} if self.generic else {}), **more)

    def _call(self, method: str, *args: Any, **more: Any) -> Any:
        reached = self.found
        for part in method.split("."):
            reached = getattr(reached, part)
        return reached(*args, **more)

    def read(self, *ids: str) -> Any:
        """Records by their ids, with their words."""
        words = [self.kind.words]
        inputs = [{"id": id_} for id_ in ids]
        return self.ask("batch.get", inputs=inputs, properties=words, properties_with_history=words)

    def search(self, id_: str) -> Any:
        """The records with an id, found by a search."""
        only = {"propertyName": "hs_object_id", "operator": "EQ", "value": id_}
        asked = {"filter_groups": [{"filters": [only]}], "properties": [self.kind.words], "sorts": ["hs_object_id"]}
        return self.ask("search", after="0", limit=5, **asked)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """A client of one server for all types, each with a unique property."""
    server = start(tmp_path_factory.mktemp("sdk") / "records.db", "--limits", "off")
    options: dict[str, Any] = {"max_retries": 0, "_strict_response_validation": True}
    with HubSpot(access_token=server.token, base_url=server.url, **options) as client:
        for kind in KINDS.values():
            group = client.crm.properties.groups.list(kind.plural).results[0].name
            text: dict[str, Any] = {"name": KEY, "label": KEY, "type": "string", "field_type": "text"}
            client.crm.properties.create(kind.plural, **text, group_name=group, has_unique_value=True)
        yield client
    server.stop()


def test_no_type_of_the_client_is_left_out() -> None:
    places = {name for name, _ in inspect.getmembers(ObjectsResource) if not name.startswith(("_", "with_"))}
    kinds = places - {*ABSENT, *GENERIC}
    assert places >= {*ABSENT, *GENERIC}
    # Appointments are reached by the generic classes only.
    assert kinds == KINDS.keys() - {"appointments"}


@pytest.mark.parametrize("plural", sorted(KINDS.keys() - {"appointments", *READ_ONLY}))
def test_a_type_by_its_own_classes(plural: str, client: HubSpot) -> None:
    live(Objects(getattr(client.crm.objects, plural), KINDS[plural]))


@pytest.mark.parametrize("generic", GENERIC)
@pytest.mark.parametrize("plural", KINDS)
def test_a_type_by_the_classes_for_all_types(plural: str, generic: str, client: HubSpot) -> None:
    live(Objects(getattr(client.crm.objects, generic), KINDS[plural], generic=True))


@pytest.mark.parametrize("plural", READ_ONLY)
def test_a_type_that_the_client_only_reads(plural: str, client: HubSpot) -> None:
    made = Objects(client.crm.objects.custom, KINDS[plural], generic=True).ask(
        "create", associations=[], properties=KINDS[plural].values("first")
    )
    shown(Objects(getattr(client.crm.objects, plural), KINDS[plural]), made.id, "first")


@pytest.mark.parametrize("plural", ABSENT)
def test_a_type_that_is_not_served_is_said_to_be_unknown(plural: str, client: HubSpot) -> None:
    with pytest.raises(BadRequestError, match="Unable to infer object type from"):
        client.crm.objects.custom.list(plural)


def live(objects: Objects) -> None:
    """Takes records of a type from their making to their end."""
    made = objects.ask("create", associations=[], properties=objects.kind.values("first"))
    decoded(made, "SimplePublicObject", objects, "first")
    shown(objects, made.id, "first")
    changed = objects.one("update", made.id, properties=words(objects))
    decoded(changed, "SimplePublicObject", objects, "other")
    batches(objects)
    pages(objects)
    assert objects.one("delete", made.id) is None
    # Asked for by name, since the client wants no null, and a type's default properties may well have none.
    asked = {"properties": [objects.kind.words]}
    with pytest.raises(NotFoundError):
        objects.one("get", made.id, **asked)
    assert objects.one("get", made.id, archived=True, **asked).archived


def words(objects: Objects) -> dict[str, str]:
    return {objects.kind.words: "other"}


def decoded(record: Any, model: str, objects: Objects, text: str) -> None:
    """A record is of the client's class, with its text and its times."""
    assert type(record).__name__ == model
    assert record.properties[objects.kind.words] == text
    assert record.properties["hs_object_id"] == record.id
    assert isinstance(record.created_at, datetime) and isinstance(record.updated_at, datetime)


def shown(objects: Objects, id_: str, text: str) -> None:
    """A record is found by its id in three ways, and on a page."""
    one = objects.one("get", id_, properties=[objects.kind.words])
    decoded(one, "SimplePublicObjectWithAssociations", objects, text)
    for many in (objects.read(id_), objects.search(id_)):
        [record] = many.results
        decoded(record, "SimplePublicObject", objects, text)
    assert many.total == 1
    page = objects.ask("list", limit=100, properties=[objects.kind.words])
    assert [record.properties[objects.kind.words] for record in page if record.id == id_] == [text]


def batches(objects: Objects) -> None:
    """Batches make, read, change, find by key and archive records."""
    key = uuid4().hex
    inputs = [{"associations": [], "properties": objects.kind.values(text, f"{key}{text}")} for text in ("one", "two")]
    made = objects.ask("batch.create", inputs=inputs)
    assert type(made).__name__ == "BatchResponseSimplePublicObject"
    one, two = sorted(made.results, key=lambda record: int(record.id))
    decoded(one, "SimplePublicObject", objects, "one")
    [changed] = objects.ask("batch.update", inputs=[{"id": one.id, "properties": words(objects)}]).results
    decoded(changed, "SimplePublicObject", objects, "other")
    mixed = upserted(objects, f"{key}two", f"{key}three")
    assert (mixed.pop(two.id), *mixed.values()) == (False, True)
    assert upserted(objects, f"{key}three") == dict.fromkeys(mixed, False)
    assert [record.id for record in objects.read(one.id, two.id).results] == [one.id, two.id]
    assert objects.ask("batch.delete", inputs=[{"id": one.id}, {"id": two.id}]) is None
    assert objects.search(one.id).total == 0


def upserted(objects: Objects, *keys: str) -> dict[str, bool]:
    """Makes or finds records by their keys: their ids, and whether they are new."""
    values = objects.kind.values("upserted")
    answer = objects.ask("batch.upsert", inputs=[{"id": key, "id_property": KEY, "properties": values} for key in keys])
    assert type(answer).__name__ == "BatchResponseSimplePublicUpsertObject"
    for record in answer.results:
        decoded(record, "SimplePublicUpsertObject", objects, "upserted")
    return {record.id: record.new for record in answer.results}


def pages(objects: Objects) -> None:
    """All records are walked, and none is met twice."""
    shown = [objects.kind.words]
    ids = [record.id for record in objects.ask("list", limit=1, properties=shown)]
    assert len(set(ids)) == len(ids) > 1
    assert ids == [record.id for record in objects.ask("list", limit=100, properties=shown)]
