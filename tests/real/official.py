"""Every method of the official Python client's classes for objects and properties: how to call it, and what it answers.

`EXERCISES` is what `test_official_methods.py` goes through; the classes are enumerated there, so that none is missed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from hubspot import HubSpot
from hubspot.crm import objects, properties
from hubspot.crm.objects import calls

AT = "2025-04-24T20:01:33Z"
KEY = "call_key"

Ask = Callable[["There"], tuple[Any, ...]]


@dataclass
class There:
    """What is there before a method is called: a call with a key of its own, a property and a group that are in use by
    nothing else."""

    hubspot: HubSpot
    key: str = field(default_factory=lambda: uuid4().hex)

    def call(self) -> str:
        """The id of a new call."""
        made = self.hubspot.crm.objects.calls.basic_api.create(
            calls.SimplePublicObjectInputForCreate(properties={"hs_timestamp": AT, KEY: self.key}, associations=[])
        )
        return str(made.id)

    def definition(self) -> str:
        """The name of a new property."""
        self.hubspot.crm.properties.core_api.create("calls", definition(f"p_{self.key}"))
        return f"p_{self.key}"

    def group(self) -> str:
        """The name of a new group of properties."""
        self.hubspot.crm.properties.groups_api.create("calls", group(f"g_{self.key}"))
        return f"g_{self.key}"


def definition(name: str, **members: Any) -> Any:
    """A property to create: a line of text."""
    usual = {"label": name, "type": "string", "field_type": "text", "group_name": "call"}
    return properties.PropertyCreate(**{"name": name, **usual, **members})


def group(name: str) -> Any:
    """A group to create."""
    return properties.PropertyGroupCreate(name=name, label=name, display_order=3)


@dataclass(frozen=True)
class Exercise:
    """One method: where the client has it, what to call it with, the status and the class of what it answers."""

    api: str
    method: str
    ask: Ask
    status: int
    answers: str | None = None

    @property
    def name(self) -> str:
        """The method as one would write it."""
        return f"{self.api}.{self.method}"


def _of_objects(api: str, models: Any, *type_: str) -> tuple[Exercise, ...]:
    """The methods on records, of the class for calls or of the one that takes the object type first."""

    def values(there: There) -> dict[str, str]:
        return {"hs_timestamp": AT, "hs_call_title": there.key}

    def ids(there: There) -> list[Any]:
        return [models.SimplePublicObjectId(id=there.call())]

    def one(method: str, ask: Ask, status: int, answers: str | None = None) -> Exercise:
        return Exercise(f"{api}.basic_api", method, lambda there: (*type_, *ask(there)), status, answers)

    def many(method: str, ask: Callable[[There], Any], status: int, answers: str | None = None) -> Exercise:
        return Exercise(f"{api}.batch_api", method, lambda there: (*type_, ask(there)), status, answers)

    def created(there: There) -> Any:
        return models.SimplePublicObjectInputForCreate(properties=values(there), associations=[])

    def creates(there: There) -> Any:
        input_ = models.SimplePublicObjectBatchInputForCreate(properties=values(there), associations=[])
        return models.BatchInputSimplePublicObjectBatchInputForCreate(inputs=[input_])

    def reads(there: There) -> Any:
        return models.BatchReadInputSimplePublicObjectId(
            inputs=ids(there), properties=["hs_call_title"], properties_with_history=[]
        )

    def updates(there: There) -> Any:
        input_ = models.SimplePublicObjectBatchInput(id=there.call(), properties=values(there))
        return models.BatchInputSimplePublicObjectBatchInput(inputs=[input_])

    def upserts(there: There) -> Any:
        input_ = models.SimplePublicObjectBatchInputUpsert(id=there.key, id_property=KEY, properties=values(there))
        return models.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[input_])

    def changed(there: There) -> Any:
        return models.SimplePublicObjectInput(properties=values(there))

    def sought(there: There) -> Any:
        only = models.Filter(property_name="hs_object_id", operator="EQ", value=there.call())
        return models.PublicObjectSearchRequest(filter_groups=[models.FilterGroup(filters=[only])], limit=5)

    page = "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"
    return (
        one("archive", lambda there: (there.call(),), 204),
        one("create", lambda there: (created(there),), 201, "SimplePublicObject"),
        one("get_by_id", lambda there: (there.call(),), 200, "SimplePublicObjectWithAssociations"),
        one("get_page", lambda there: (), 200, page),
        one("update", lambda there: (there.call(), changed(there)), 200, "SimplePublicObject"),
        many("archive", lambda there: models.BatchInputSimplePublicObjectId(inputs=ids(there)), 204),
        many("create", creates, 201, "BatchResponseSimplePublicObject"),
        many("read", reads, 200, "BatchResponseSimplePublicObject"),
        many("update", updates, 200, "BatchResponseSimplePublicObject"),
        many("upsert", upserts, 200, "BatchResponseSimplePublicUpsertObject"),
        Exercise(
            f"{api}.search_api",
            "do_search",
            lambda there: (*type_, sought(there)),
            200,
            "CollectionResponseWithTotalSimplePublicObjectForwardPaging",
        ),
    )


def _of_properties() -> tuple[Exercise, ...]:
    def core(method: str, ask: Ask, status: int, answers: str | None = None) -> Exercise:
        return Exercise("properties.core_api", method, lambda there: ("calls", *ask(there)), status, answers)

    def groups(method: str, ask: Ask, status: int, answers: str | None = None) -> Exercise:
        return Exercise("properties.groups_api", method, lambda there: ("calls", *ask(there)), status, answers)

    def batch(method: str, ask: Callable[[There], Any], status: int, answers: str | None = None) -> Exercise:
        return Exercise("properties.batch_api", method, lambda there: ("calls", ask(there)), status, answers)

    def names(there: There) -> list[Any]:
        return [properties.PropertyName(name=there.definition())]

    label = properties.PropertyUpdate(label="Other")
    other = properties.PropertyGroupUpdate(label="Other")
    return (
        core("archive", lambda there: (there.definition(),), 204),
        core("create", lambda there: (definition(f"p_{there.key}"),), 201, "ModelProperty"),
        core("get_all", lambda there: (), 200, "CollectionResponsePropertyNoPaging"),
        core("get_by_name", lambda there: (there.definition(),), 200, "ModelProperty"),
        core("update", lambda there: (there.definition(), label), 200, "ModelProperty"),
        batch("archive", lambda there: properties.BatchInputPropertyName(inputs=names(there)), 204),
        batch(
            "create",
            lambda there: properties.BatchInputPropertyCreate(inputs=[definition(f"p_{there.key}")]),
            201,
            "BatchResponseProperty",
        ),
        batch(
            "read",
            lambda there: properties.BatchReadInputPropertyName(archived=False, inputs=names(there)),
            200,
            "BatchResponseProperty",
        ),
        groups("archive", lambda there: (there.group(),), 204),
        groups("create", lambda there: (group(f"g_{there.key}"),), 201, "PropertyGroup"),
        groups("get_all", lambda there: (), 200, "CollectionResponsePropertyGroupNoPaging"),
        groups("get_by_name", lambda there: (there.group(),), 200, "PropertyGroup"),
        groups("update", lambda there: (there.group(), other), 200, "PropertyGroup"),
    )


EXERCISES = (
    *_of_objects("objects.calls", calls),
    *_of_objects("objects", objects, "calls"),
    *_of_properties(),
)
