"""HubSpot's shapes of batches: their bodies, and their answers 200, 201 and 207."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.association import LinkInput, LinkSpec, LinkTarget
from trunkline.crm.check import Input, NewInput
from trunkline.crm.values import Scalar
from trunkline.errors import MalformedBody
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.record import SimplePublicObject
from trunkline.wire.shape import Array, Choice, Map, Object, Shape, Text, Whole

MODELS = "com.hubspot.inbounddb.publicobject.core.v2"
BATCHES = "com.hubspot.apiutils.core.models.batch.BatchInput$Json"
LINK = {"category": "associationCategory", "type_id": "associationTypeId"}
TRACE = {"id_property": "idProperty", "trace": "objectWriteTraceId"}

Category = Literal["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK"]
CATEGORIES: tuple[str, ...] = ("HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK")


class PublicObjectId(LinkTarget, frozen=True):
    """The other record of an association."""

    id: str | int | float | bool


class AssociationSpec(LinkSpec, rename=LINK, frozen=True):
    """The type of an association."""

    category: Category
    type_id: int | str


class PublicAssociationsForObject(LinkInput, frozen=True):
    """An association that a new record starts with (behaviour 3.13, 3.14)."""

    to: PublicObjectId
    types: list[AssociationSpec]


class UpsertInput(Input, rename=TRACE, frozen=True, gc=False):
    """One element of `inputs` of an upsert or an update. Members that nobody knows are ignored (behaviour 1.21)."""

    properties: dict[str, Scalar]
    id_property: Scalar = None
    trace: Scalar = None


class CreateInput(NewInput, rename={"trace": "objectWriteTraceId"}, frozen=True):
    """One element of `inputs` of a create; associations may be left out (behaviour 2.15)."""

    properties: dict[str, Scalar]
    trace: Scalar = None
    associations: list[PublicAssociationsForObject] | None = None


class ReadInput(Struct, frozen=True):
    """One element of `inputs` of a read or an archive."""

    id: Scalar


class UpsertBody(Struct):
    """The body of an upsert or an update; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[UpsertInput] | None = None


class CreateBody(Struct):
    """The body of a batch create."""

    inputs: list[CreateInput] | None = None


class ReadBody(Struct, rename="camel"):
    """The body of a batch read (behaviour 2.11)."""

    inputs: list[ReadInput] | None = None
    properties: list[Scalar] | None = None
    properties_with_history: list[Scalar] | None = None
    id_property: Scalar = None


class ArchiveBody(Struct):
    """The body of a batch archive."""

    inputs: list[ReadInput] | None = None


PROPERTIES = Map("java.util.LinkedHashMap<java.lang.String,java.lang.String>", Text())
_names = Array("java.util.ArrayList<java.lang.String>", Text())
CATEGORY = Choice(f"{MODELS}.AssociationCategory", CATEGORIES)
LINKS = Array(
    f"java.util.ArrayList<{MODELS}.AssociationSpec>",
    Object(
        f"{MODELS}.AssociationSpec",
        {
            "associationCategory": CATEGORY,
            "associationTypeId": Whole(),
        },
        required=("associationCategory", "associationTypeId"),
        nullable=False,
    ),
)
_association = Object(
    f"{MODELS}.PublicAssociationsForObject",
    {"to": Object(f"{MODELS}.PublicObjectId", {"id": Text()}, required=("id",)), "types": LINKS},
    required=("to", "types"),
    nullable=False,
)
ASSOCIATIONS = Array(f"java.util.ArrayList<{MODELS}.PublicAssociationsForObject>", _association)


def _batch(item: str, fields: Mapping[str, Shape], required: tuple[str, ...], **others: Shape) -> Object:
    """The shape of a batch's body whose inputs are of one Java type."""
    input_ = Object(f"{item}$Json", fields, required=required, nullable=False)
    return Object(f"{BATCHES}<{item}>", {"inputs": Array(f"java.util.ArrayList<{item}>", input_), **others})


_ADDRESSED: Mapping[str, Shape] = {
    "id": Text(),
    "properties": PROPERTIES,
    "idProperty": Text(),
    "objectWriteTraceId": Text(),
}
_upsert = Reader(UpsertBody, _batch(f"{MODELS}.SimplePublicObjectBatchInputUpsert", _ADDRESSED, ("id", "properties")))
_update = Reader(UpsertBody, _batch(f"{MODELS}.SimplePublicObjectBatchInput", _ADDRESSED, ("id", "properties")))
_create = Reader(
    CreateBody,
    _batch(
        f"{MODELS}.SimplePublicObjectBatchInputForCreate",
        {"properties": PROPERTIES, "objectWriteTraceId": Text(), "associations": ASSOCIATIONS},
        ("properties",),
    ),
)
_OBJECT_ID = f"{MODELS}.SimplePublicObjectId"
_read = Reader(
    ReadBody,
    _batch(_OBJECT_ID, {"id": Text()}, ("id",), properties=_names, propertiesWithHistory=_names, idProperty=Text()),
)
_archive = Reader(ArchiveBody, _batch(_OBJECT_ID, {"id": Text()}, ("id",)))


def decode_upsert(body: bytes) -> Sequence[Input]:
    """The inputs of an upsert's body; raises `MalformedBody`."""
    return _addressed(_upsert, body)


def decode_update(body: bytes) -> Sequence[Input]:
    """The inputs of an update's body; raises `MalformedBody`."""
    return _addressed(_update, body)


def _addressed(reader: Reader[UpsertBody], body: bytes) -> Sequence[Input]:
    inputs = reader.read(body).inputs or []
    if any(input_.id is None for input_ in inputs):
        raise MalformedBody(reader.explain(body))
    return inputs


def decode_create(body: bytes) -> Sequence[NewInput]:
    """The inputs of a batch create's body; raises `MalformedBody`."""
    return _create.read(body).inputs or []


def decode_read(body: bytes) -> ReadBody:
    """The body of a batch read; raises `MalformedBody`."""
    return _with_ids(_read, body)


def decode_archive(body: bytes) -> ArchiveBody:
    """The body of a batch archive; raises `MalformedBody`."""
    return _with_ids(_archive, body)


_Ids = TypeVar("_Ids", ReadBody, ArchiveBody)


def _with_ids(reader: Reader[_Ids], body: bytes) -> _Ids:
    sent = reader.read(body)
    if any(input_.id is None for input_ in sent.inputs or ()):
        raise MalformedBody(reader.explain(body))
    return sent


Status = Literal["PENDING", "PROCESSING", "COMPLETE", "CANCELED"]


class BatchResponse(Struct, rename="camel", kw_only=True):
    """The answer of a batch. The errors are there only when an input failed (behaviour 1.1, 1.14).

    `requestedAt` and `links` are there only in a batch that is carried out later.
    """

    status: Status = "COMPLETE"
    results: Sequence[SimplePublicObject]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    requested_at: str | UnsetType = UNSET
    started_at: str | UnsetType = UNSET
    completed_at: str | UnsetType = UNSET
    links: Mapping[str, str] | UnsetType = UNSET


_encode = msgspec.json.Encoder(order="deterministic").encode


def encode(response: Struct | Sequence[Struct]) -> bytes:
    """The JSON of an answer; properties in alphabetical order (behaviour 9.5)."""
    return _encode(response)
