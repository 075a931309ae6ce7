"""HubSpot's shapes of a batch of property definitions: the bodies, and the answer (behaviour 11.5, 11.25)."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.definition import Draft
from trunkline.crm.property import NON_SENSITIVE
from trunkline.crm.values import text
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.property import MODELS, NEW, DataSensitivity, Definition, NewDefinitionBody, Truth, Words, draft
from trunkline.wire.shape import Array, Choice, Flag, Object, Shape, Text

BATCHES = "com.hubspot.apiutils.core.models.batch"


class NameBody(Struct):
    """One property, by its name."""

    name: Words


class CreateBody(Struct):
    """The body of a batch create; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[NewDefinitionBody] | None = None


class ReadBody(Struct, rename="camel"):
    """The body of a batch read."""

    inputs: list[NameBody] | None = None
    archived: Truth | None = None
    data_sensitivity: DataSensitivity | None = None


class NamesBody(Struct):
    """The body of a batch archive: the names."""

    inputs: list[NameBody] | None = None


def _inputs(item: Shape, java: str) -> Array:
    return Array(f"java.util.ArrayList<{java}>", item)


_NAME = f"{MODELS}.PropertyName"
_name = Object(_NAME, {"name": Text()}, required=("name",), nullable=False)
_create = Reader(CreateBody, Object(f"{BATCHES}.BatchInput$Json<{NEW.java}>", {"inputs": _inputs(NEW, NEW.java)}))
_read = Reader(
    ReadBody,
    Object(
        f"{BATCHES}.BatchReadInput$Json<{_NAME}>",
        {
            "inputs": _inputs(_name, _NAME),
            "archived": Flag(),
            "dataSensitivity": Choice(f"{MODELS}.DataSensitivity", ("highly_sensitive", "non_sensitive", "sensitive")),
        },
    ),
)
_archive = Reader(NamesBody, Object(f"{BATCHES}.BatchInput$Json<{_NAME}>", {"inputs": _inputs(_name, _NAME)}))


class Asked(Struct, frozen=True):
    """What a batch read asks for."""

    names: list[str]
    archived: bool
    sensitivity: str


def decode_create(body: bytes) -> list[Draft]:
    """The new definitions of a batch create; raises `MalformedBody`."""
    return [draft(input_) for input_ in _create.read(body).inputs or ()]


def decode_read(body: bytes) -> Asked:
    """What a batch read asks for; raises `MalformedBody`."""
    sent = _read.read(body)
    archived = sent.archived in (True, "true")
    return Asked(_names(sent.inputs), archived, sent.data_sensitivity or NON_SENSITIVE)


def decode_archive(body: bytes) -> list[str]:
    """The names of a batch archive; raises `MalformedBody`."""
    return _names(_archive.read(body).inputs)


def _names(inputs: Sequence[NameBody] | None) -> list[str]:
    return [text(input_.name) for input_ in inputs or ()]


class DefinitionBatch(Struct, rename="camel", kw_only=True):
    """The answer of a batch; the errors are there only when an input failed (behaviour 1.14, 11.5)."""

    status: str = "COMPLETE"
    results: Sequence[Definition]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


def encode(answer: DefinitionBatch) -> bytes:
    """The JSON of the answer of a batch."""
    return msgspec.json.encode(answer)
