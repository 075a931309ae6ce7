"""HubSpot's shapes of associations whose types go by their names (version 3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.association import Linked
from trunkline.crm.link import Links, LinkType
from trunkline.crm.tying import Pair
from trunkline.crm.values import text
from trunkline.wire.association import ObjectId
from trunkline.wire.batch import PublicObjectId
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.record import AssociatedId, Paging
from trunkline.wire.shape import Shape, Text
from trunkline.wire.ties import FROM, ID, TiesOf, shape


class NamedInput(Struct, rename=FROM):
    """Two records, and the name of the way in which they are associated."""

    source: PublicObjectId
    to: PublicObjectId
    type: str | int | float | bool


class NamedBody(Struct):
    """The body of a batch; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[NamedInput] | None = None


class NamedReadBody(Struct):
    """The body of a batch read."""

    inputs: list[PublicObjectId] | None = None


_fields: Mapping[str, Shape] = {"from": ID, "to": ID, "type": Text()}
_named = Reader(NamedBody, shape("PublicAssociation", _fields, ("from", "to", "type")))
_read = Reader(NamedReadBody, shape("PublicObjectId", {"id": Text()}, ("id",)))


def decode(body: bytes) -> list[Pair]:
    """The pairs of a batch; raises `MalformedBody`."""
    inputs = _named.read(body).inputs or ()
    return [Pair(text(one.source.id), text(one.to.id), text(one.type)) for one in inputs]


def decode_read(body: bytes) -> list[TiesOf]:
    """The records of a batch read; raises `MalformedBody`."""
    return [TiesOf(text(one.id), None) for one in _read.read(body).inputs or ()]


class PublicAssociation(Struct, rename=FROM):
    """Two records that were tied, and the name of the way."""

    source: ObjectId
    to: ObjectId
    type: str


class NamedAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch that ties records; the errors are there only when an input failed."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[PublicAssociation]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class PublicAssociationMulti(Struct, rename=FROM):
    """A record, and those that it is tied to, once for each way."""

    source: ObjectId
    to: list[AssociatedId]
    paging: Paging | UnsetType = UNSET


class NamedReadAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch read of associations."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[PublicAssociationMulti]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class NamedType(Struct):
    """A type of association as version 3 shows it."""

    id: str
    name: str


class NamedTypes(Struct):
    """The types of association between two object types."""

    results: list[NamedType]


def objects(linked: Sequence[Linked], links: Links) -> list[AssociatedId]:
    """The records at the other ends, each with the name of the way."""
    types = ((end.id, links.by_id(end.category, end.kind)) for end in linked)
    return [AssociatedId(str(id_), type_.name) for id_, type_ in types if type_ is not None]


def types(known: Iterable[LinkType]) -> bytes:
    """The answer of a list of types."""
    return msgspec.json.encode(NamedTypes([NamedType(str(type_.id), type_.name) for type_ in known]))
