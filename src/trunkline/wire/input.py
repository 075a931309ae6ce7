"""HubSpot's shapes of the bodies that write one record."""

from collections.abc import Mapping

from msgspec import Struct

from trunkline.crm.check import Input, NewInput
from trunkline.crm.values import Scalar
from trunkline.errors import MalformedBody
from trunkline.wire.batch import ASSOCIATIONS, MODELS, PROPERTIES, PublicAssociationsForObject
from trunkline.wire.body import Reader
from trunkline.wire.shape import Object, Text


class CreateBody(Struct):
    """The body that creates one record; what it leaves out is empty (behaviour 2.15, 3.9)."""

    properties: dict[str, Scalar] | None = None
    associations: list[PublicAssociationsForObject] | None = None


class UpdateBody(Struct):
    """The body that changes one record (behaviour 3.4, 3.5)."""

    properties: dict[str, Scalar] | None = None


class MergeBody(Struct, rename="camel"):
    """The body that merges a record into another."""

    primary_object_id: Scalar
    object_id_to_merge: Scalar


class EraseBody(Struct, rename="camel"):
    """The body that erases one record, by its id or by a unique property."""

    object_id: Scalar
    id_property: Scalar = None


_create = Reader(
    CreateBody,
    Object(f"{MODELS}.SimplePublicObjectInputForCreate$Json", {"properties": PROPERTIES, "associations": ASSOCIATIONS}),
)
_update = Reader(UpdateBody, Object(f"{MODELS}.SimplePublicObjectInput$Json", {"properties": PROPERTIES}))
_merge = Reader(
    MergeBody,
    Object(
        f"{MODELS}.PublicMergeInput$Json",
        {"objectIdToMerge": Text(), "primaryObjectId": Text()},
        required=("objectIdToMerge", "primaryObjectId"),
    ),
)
_erase = Reader(
    EraseBody,
    Object(f"{MODELS}.PublicGdprDeleteInput$Json", {"objectId": Text(), "idProperty": Text()}, required=("objectId",)),
)


def decode_create(body: bytes) -> NewInput:
    """A new record; raises `MalformedBody`."""
    sent = _create.read(body)
    return NewInput(sent.properties or {}, None, sent.associations)


def decode_update(body: bytes) -> Mapping[str, Scalar]:
    """The properties to change; raises `MalformedBody`."""
    return _update.read(body).properties or {}


def addressed(id_: str, id_property: str | None, properties: Mapping[str, Scalar]) -> Input:
    """The input of a batch of one that changes a record."""
    return Input(id_, properties, id_property)


def decode_merge(body: bytes) -> MergeBody:
    """The two records of a merge; raises `MalformedBody`."""
    sent = _merge.read(body)
    if sent.primary_object_id is None or sent.object_id_to_merge is None:
        raise MalformedBody(_merge.explain(body))
    return sent


def decode_erase(body: bytes) -> EraseBody:
    """The record to erase; raises `MalformedBody`."""
    sent = _erase.read(body)
    if sent.object_id is None:
        raise MalformedBody(_erase.explain(body))
    return sent
