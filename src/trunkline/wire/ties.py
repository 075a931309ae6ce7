"""HubSpot's shapes of a batch of associations: the bodies and answers of version 4 and the dated versions."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.association import Cut, record_number
from trunkline.crm.tying import Pair
from trunkline.crm.values import Scalar, text
from trunkline.wire.association import AssociatedObject, LabelsBetweenObjectPair, ObjectId
from trunkline.wire.batch import BATCHES, LINKS, MODELS, AssociationSpec, PublicObjectId
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.record import Paging
from trunkline.wire.shape import Array, Object, Shape, Text

FROM = {"source": "from"}


class TieInput(Struct, rename=FROM):
    """Two records, and in which ways they are associated."""

    source: PublicObjectId
    to: PublicObjectId
    types: list[AssociationSpec]


class TieBody(Struct):
    """The body of a batch that names types; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[TieInput] | None = None


class DefaultTieInput(Struct, rename=FROM):
    """Two records to associate as is usual for their types."""

    source: PublicObjectId
    to: PublicObjectId


class DefaultTieBody(Struct):
    """The body of a batch that names no types."""

    inputs: list[DefaultTieInput] | None = None


class CutInput(Struct, rename=FROM):
    """A record, and those from which it is to be parted."""

    source: PublicObjectId
    to: list[PublicObjectId]


class CutBody(Struct):
    """The body of a batch that ends associations."""

    inputs: list[CutInput] | None = None


class TiesOfInput(Struct):
    """A record whose associations are read, and where the page starts."""

    id: str | int | float | bool
    after: Scalar = None


class TiesBody(Struct):
    """The body of a batch read of associations."""

    inputs: list[TiesOfInput] | None = None


ID = Object(f"{MODELS}.PublicObjectId", {"id": Text()}, required=("id",), nullable=False)


def shape(item: str, fields: Mapping[str, Shape], required: tuple[str, ...]) -> Object:
    """The shape of a body whose inputs are of one Java type."""
    name = f"{MODELS}.{item}"
    input_ = Object(f"{name}$Json", fields, required=required, nullable=False)
    return Object(f"{BATCHES}<{name}>", {"inputs": Array(f"java.util.ArrayList<{name}>", input_)})


_ends = {"from": ID, "to": ID}
_tie = Reader(TieBody, shape("PublicAssociationMultiPost", {**_ends, "types": LINKS}, ("from", "to", "types")))
_default = Reader(DefaultTieBody, shape("PublicDefaultAssociationMultiPost", _ends, ("from", "to")))
_several = Array(f"java.util.ArrayList<{MODELS}.PublicObjectId>", ID)
_cut = Reader(CutBody, shape("PublicAssociationMultiArchive", {"from": ID, "to": _several}, ("from", "to")))
_read = Reader(TiesBody, shape("PublicFetchAssociationsBatchRequest", {"id": Text(), "after": Text()}, ("id",)))


def decode_ties(body: bytes) -> list[Pair]:
    """The pairs of a batch that names types; raises `MalformedBody`."""
    return [Pair(text(one.source.id), text(one.to.id), one.types) for one in _tie.read(body).inputs or ()]


def decode_defaults(body: bytes) -> list[Pair]:
    """The pairs of a batch that names no types; raises `MalformedBody`."""
    return [Pair(text(one.source.id), text(one.to.id)) for one in _default.read(body).inputs or ()]


def decode_cuts(body: bytes, other: str) -> list[Cut]:
    """What a batch cuts; raises `MalformedBody`.

    `other` is the type id of the records at the other ends. What is no record id is tied to nothing.
    """
    inputs = _cut.read(body).inputs or []
    pairs = [(record_number(text(one.source.id)), record_number(text(to.id))) for one in inputs for to in one.to]
    return [Cut(source, (other, target)) for source, target in pairs]


class TiesOf(Struct, frozen=True):
    """A record of a batch read, by its id as sent, and where its page starts."""

    id: str
    after: str | None


def decode_read(body: bytes) -> list[TiesOf]:
    """What a batch read asks for; raises `MalformedBody`."""
    return [TiesOf(text(one.id), text(one.after) or None) for one in _read.read(body).inputs or ()]


class TiesAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch that ties records; the errors are there only when an input failed."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[LabelsBetweenObjectPair]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class PublicAssociationMultiWithLabel(Struct, rename=FROM):
    """A record, and those that it is tied to."""

    source: ObjectId
    to: list[AssociatedObject]
    paging: Paging | UnsetType = UNSET


class TiesOfAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch read of associations."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[PublicAssociationMultiWithLabel]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class CutAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch that cuts, in the versions where it has one: nothing but that it is done."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[ObjectId] = ()
    started_at: str
    completed_at: str


encode = msgspec.json.encode
"""The JSON of an answer."""
