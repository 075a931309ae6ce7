"""HubSpot's shapes of a batch upsert: its body, and its answers 200 and 207."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.check import Input
from trunkline.crm.values import Scalar
from trunkline.errors import MalformedBody
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.record import SimplePublicObject
from trunkline.wire.shape import Array, Map, Object, Text

MODELS = "com.hubspot.inbounddb.publicobject.core.v2"
ITEM = f"{MODELS}.SimplePublicObjectBatchInputUpsert"
BATCH = f"com.hubspot.apiutils.core.models.batch.BatchInput$Json<{ITEM}>"


class UpsertInput(Input, rename={"id_property": "idProperty", "trace": "objectWriteTraceId"}, frozen=True, gc=False):
    """One element of `inputs`, under HubSpot's names. Members that nobody knows are ignored (behaviour 1.21)."""

    properties: dict[str, Scalar]
    id_property: Scalar = None
    trace: Scalar = None


class UpsertBody(Struct):
    """The body of an upsert; without `inputs`, or with null, it asks for nothing (behaviour 1.17)."""

    inputs: list[UpsertInput] | None = None


_input = Object(
    f"{ITEM}$Json",
    {
        "id": Text(),
        "properties": Map("java.util.LinkedHashMap<java.lang.String,java.lang.String>", Text()),
        "idProperty": Text(),
        "objectWriteTraceId": Text(),
    },
    required=("id", "properties"),
    nullable=False,
)
_reader = Reader(UpsertBody, Object(BATCH, {"inputs": Array(f"java.util.ArrayList<{ITEM}>", _input)}))


def decode_upsert(body: bytes) -> Sequence[Input]:
    """The inputs of an upsert's body; raises `MalformedBody`."""
    inputs = _reader.read(body).inputs or []
    if any(input_.id is None for input_ in inputs):
        raise MalformedBody(_reader.explain(body))
    return inputs


class BatchResponse(Struct, rename="camel", kw_only=True):
    """The answer of a batch; the last four members only in a 207 (behaviour 1.1, 1.14)."""

    status: str = "COMPLETE"
    results: Sequence[SimplePublicObject]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


_encode = msgspec.json.Encoder(order="deterministic").encode


def encode(response: BatchResponse | SimplePublicObject) -> bytes:
    """The JSON of an answer; properties in alphabetical order (behaviour 9.5)."""
    return _encode(response)
