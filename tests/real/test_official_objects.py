"""HubSpot's own client for Python: every object type of its `crm`, from the first record to the last page.

A type is used by the classes that the client has for it, and by those that take the type as their first argument.
"""

import importlib
import inspect
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hubspot import HubSpot
from hubspot.crm import properties
from hubspot.crm.objects.deal_splits.exceptions import ApiException as Refused
from hubspot.utils.objects import fetch_all
from real.kinds import KEY, KINDS, Kind
from server import start

OWN = {
    **{name: name for name in ("companies", "contacts", "deals", "line_items", "products", "quotes", "tickets")},
    "commerce.invoices": "invoices",
    **{f"objects.{name}": name for name in ("calls", "communications", "emails", "feedback_submissions", "leads")},
    **{f"objects.{name}": name for name in ("meetings", "notes", "postal_mail", "tasks", "taxes")},
    "objects.goals": "goal_targets",
}
"""The classes that the client has for one type each: where they are under `crm`, and the type's plural."""

ABSENT = {"objects.deal_splits": "two batches of their own, of which no source tells what the shares must add up to"}
"""Classes whose operations are not served, and why."""

READ_ONLY = {"objects.feedback_submissions"}
"""Where the client can only read."""


def _models(api: Any) -> Any:
    """Where the client has the bodies of a class's methods."""
    return importlib.import_module(type(api).__module__.rsplit(".api.", 1)[0])


class Objects:
    """The records of one type, as the client reaches them; `models` is where its classes of bodies are."""

    def __init__(self, found: Any, kind: Kind, generic: bool = False) -> None:
        self.found = found
        self.kind = kind
        self.models = _models(found.basic_api)
        self.first = (kind.plural,) if generic else ()

    def ask(self, method: str, *args: Any, **more: Any) -> Any:
        """Calls a method, as `basic_api.create`, and returns what the client made of the answer."""
        api, name = method.split(".")
        return getattr(getattr(self.found, api), name)(*self.first, *args, **more)

    def new(self, words: str, key: str | None = None, batch: str = "") -> Any:
        """The body that makes one record, or one input of a batch that does."""
        model = getattr(self.models, f"SimplePublicObject{batch}InputForCreate")
        return model(properties=self.kind.values(words, key), associations=[])

    def batch(self, method: str, model: str, inputs: list[Any], **more: Any) -> Any:
        """Sends a batch."""
        return self.ask(f"batch_api.{method}", getattr(self.models, model)(inputs=inputs, **more))

    def ids(self, *ids: str) -> list[Any]:
        """The inputs of a batch that only names records."""
        return [self.models.SimplePublicObjectId(id=id_) for id_ in ids]

    def read(self, *ids: str) -> Any:
        """Records by their ids, with their words."""
        model = "BatchReadInputSimplePublicObjectId"
        shown = {"properties": [self.kind.words], "properties_with_history": [self.kind.words]}
        return self.batch("read", model, self.ids(*ids), **shown)

    def search(self, id_: str) -> Any:
        """The records with an id, found by a search."""
        only = self.models.Filter(property_name="hs_object_id", operator="EQ", value=id_)
        asked = {"filter_groups": [self.models.FilterGroup(filters=[only])], "properties": [self.kind.words]}
        return self.ask("search_api.do_search", self.models.PublicObjectSearchRequest(limit=5, **asked))


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """A client of one server for all types, each with a unique property."""
    server = start(tmp_path_factory.mktemp("objects") / "records.db", "--limits", "off")
    made = HubSpot(access_token=server.token, host=server.url)
    for kind in KINDS.values():
        group = made.crm.properties.groups_api.get_all(kind.plural).results[0].name
        usual = {"name": KEY, "label": KEY, "type": "string", "field_type": "text", "has_unique_value": True}
        made.crm.properties.core_api.create(kind.plural, properties.PropertyCreate(**usual, group_name=group))
    yield made
    server.stop()


def found(hubspot: HubSpot, place: str) -> Any:
    """What the client has at a place under `crm`."""
    reached = hubspot.crm
    for part in place.split("."):
        reached = getattr(reached, part)
    return reached


def at(hubspot: HubSpot, place: str) -> Any:
    """What the client has at a place under `crm`."""
    reached = hubspot.crm
    for part in place.split("."):
        reached = getattr(reached, part)
    return reached


def test_no_type_of_the_client_is_left_out() -> None:
    assert set(_places(HubSpot(access_token="none").crm)) == {*OWN, *ABSENT, "objects"}
    assert set(OWN.values()) <= KINDS.keys()


def _places(found: Any, *path: str) -> Iterator[str]:
    """Where under `crm` the client has batches of records."""
    for name in (name for name, value in inspect.getmembers(type(found)) if isinstance(value, property)):
        child = getattr(found, name)
        if name == "batch_api" and hasattr(_models(child), "SimplePublicObject"):
            yield ".".join(path)
        elif type(child).__module__.startswith("hubspot.discovery."):
            yield from _places(child, *path, name)


@pytest.mark.parametrize("place", [place for place in OWN if place not in READ_ONLY])
def test_a_type_by_its_own_classes(place: str, hubspot: HubSpot) -> None:
    live(Objects(at(hubspot, place), KINDS[OWN[place]]))


@pytest.mark.parametrize("plural", KINDS)
def test_a_type_by_the_classes_for_all_types(plural: str, hubspot: HubSpot) -> None:
    live(Objects(hubspot.crm.objects, KINDS[plural], generic=True))


@pytest.mark.parametrize("place", READ_ONLY)
def test_a_type_that_the_client_only_reads(place: str, hubspot: HubSpot) -> None:
    made = Objects(hubspot.crm.objects, KINDS[OWN[place]], generic=True)
    id_ = made.ask("basic_api.create", made.new("first")).id
    shown(Objects(at(hubspot, place), KINDS[OWN[place]]), id_, "first")


def test_the_batches_of_deal_splits_are_not_there(hubspot: HubSpot) -> None:
    with pytest.raises(Refused) as refused:
        hubspot.crm.objects.deal_splits.batch_api.read(batch_input_public_object_id={"inputs": [{"id": "1"}]})
    assert refused.value.status == 404


def live(objects: Objects) -> None:
    """Takes records of a type from their making to their end."""
    made = objects.ask("basic_api.create", objects.new("first"))
    decoded(made, "SimplePublicObject", objects, "first")
    shown(objects, made.id, "first")
    changed = objects.ask(
        "basic_api.update", made.id, objects.models.SimplePublicObjectInput(properties=words(objects))
    )
    decoded(changed, "SimplePublicObject", objects, "other")
    assert changed.id == made.id
    batches(objects)
    pages(objects)
    objects.ask("basic_api.archive", made.id)
    with pytest.raises(importlib.import_module(f"{objects.models.__name__}.exceptions").NotFoundException):
        objects.ask("basic_api.get_by_id", made.id)
    assert objects.ask("basic_api.get_by_id", made.id, archived=True).archived


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
    one = objects.ask("basic_api.get_by_id", id_, properties=[objects.kind.words])
    decoded(one, "SimplePublicObjectWithAssociations", objects, text)
    for many in (objects.read(id_), objects.search(id_)):
        [record] = many.results
        decoded(record, "SimplePublicObject", objects, text)
    assert many.total == 1
    page = objects.ask("basic_api.get_page", limit=100, properties=[objects.kind.words])
    assert [record.properties[objects.kind.words] for record in page.results if record.id == id_] == [text]


def batches(objects: Objects) -> None:
    """Batches make, read, change, find by key and archive records."""
    models, key = objects.models, uuid4().hex
    inputs = [objects.new(text, f"{key}{text}", "Batch") for text in ("one", "two")]
    made = objects.batch("create", "BatchInputSimplePublicObjectBatchInputForCreate", inputs)
    assert type(made).__name__ == "BatchResponseSimplePublicObject"
    one, two = sorted(made.results, key=lambda record: int(record.id))
    decoded(one, "SimplePublicObject", objects, "one")
    inputs = [models.SimplePublicObjectBatchInput(id=one.id, properties=words(objects))]
    [changed] = objects.batch("update", "BatchInputSimplePublicObjectBatchInput", inputs).results
    decoded(changed, "SimplePublicObject", objects, "other")
    mixed = upserted(objects, f"{key}two", f"{key}three")
    assert (mixed.pop(two.id), *mixed.values()) == (False, True)
    assert upserted(objects, f"{key}three") == dict.fromkeys(mixed, False)
    read = objects.read(one.id, "7")
    assert type(read).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert ([record.id for record in read.results], read.errors[0].category) == ([one.id], "OBJECT_NOT_FOUND")
    assert objects.batch("archive", "BatchInputSimplePublicObjectId", objects.ids(one.id, two.id)) is None
    assert type(objects.read(one.id, two.id)).__name__ == "BatchResponseSimplePublicObjectWithErrors"


def upserted(objects: Objects, *keys: str) -> dict[str, bool]:
    """Makes or finds records by their keys: their ids, and whether they are new."""
    model = objects.models.SimplePublicObjectBatchInputUpsert
    inputs = [model(id=key, id_property=KEY, properties=objects.kind.values("upserted")) for key in keys]
    answer = objects.batch("upsert", "BatchInputSimplePublicObjectBatchInputUpsert", inputs)
    assert type(answer).__name__ == "BatchResponseSimplePublicUpsertObject"
    for record in answer.results:
        decoded(record, "SimplePublicUpsertObject", objects, "upserted")
    return {record.id: record.new for record in answer.results}


def pages(objects: Objects) -> None:
    """All records are walked, and none is met twice."""
    first = objects.ask("basic_api.get_page", limit=1)
    second = objects.ask("basic_api.get_page", limit=1, after=first.paging.next.after)
    walk = getattr(objects.found, "get_all", partial(fetch_all, objects.found.basic_api))
    everything = walk(*objects.first)
    assert [record.id for record in everything[:2]] == [first.results[0].id, second.results[0].id]
    assert len({record.id for record in everything}) == len(everything) > 1
