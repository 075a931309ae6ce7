"""HubSpot's shapes of the journal of webhooks: its entries, and snapshots (/webhooks-journal/2026-03)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trunkline.crm.record import Moment
from trunkline.crm.values import moment, text
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.property import Words
from trunkline.wire.shape import Array, Object, Shape, Text, Whole

MODELS = "com.hubspot.webhooks.journal.models"

Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Annotated[str, Meta(pattern=r"^[+-]?[0-9]{1,18}$")]
"""An integer of 64 bits, or its text."""

NUMBER = Whole(java="java.lang.Long")


class OffsetsBody(Struct):
    """The body of a batch that reads entries by their offsets."""

    inputs: list[Words]


class SnapshotBody(Struct, rename="camel", kw_only=True):
    """A record, and the properties of it that are to be told."""

    portal_id: Number
    object_id: Number
    object_type_id: Words
    properties: list[Words]


class SnapshotsBody(Struct, rename="camel"):
    """The body of a batch of snapshots."""

    snapshot_requests: list[SnapshotBody]


_snapshot: Mapping[str, Shape] = {
    "portalId": NUMBER,
    "objectId": NUMBER,
    "objectTypeId": Text(),
    "properties": Array("java.util.ArrayList", Text(), nullable=False),
}
_offsets = Reader(
    OffsetsBody,
    Object(
        f"{MODELS}.BatchInputString",
        {"inputs": Array("java.util.ArrayList", Text(), nullable=False)},
        required=("inputs",),
    ),
)
_snapshots = Reader(
    SnapshotsBody,
    Object(
        f"{MODELS}.CrmObjectSnapshotBatchRequest",
        {
            "snapshotRequests": Array(
                "java.util.ArrayList",
                Object(f"{MODELS}.CrmObjectSnapshotRequest", _snapshot, required=tuple(_snapshot), nullable=False),
                nullable=False,
            )
        },
        required=("snapshotRequests",),
    ),
)


class SnapshotWish(Struct, frozen=True):
    """A snapshot that somebody asks for."""

    portal: int
    type: str
    record: int
    properties: Sequence[str]


def decode_offsets(body: bytes) -> list[str]:
    """The offsets of entries to read; raises `MalformedBody`."""
    return [text(one) for one in _offsets.read(body).inputs]


def decode_snapshots(body: bytes) -> list[SnapshotWish]:
    """The snapshots to make; raises `MalformedBody`."""
    return [
        SnapshotWish(
            int(one.portal_id), text(one.object_type_id), int(one.object_id), [text(name) for name in one.properties]
        )
        for one in _snapshots.read(body).snapshot_requests
    ]


class EntryAnswer(Struct, rename="camel"):
    """Where the file of an entry is, until when, and the offset of the entry."""

    url: str
    expires_at: str
    current_offset: str


class EntriesAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch of entries; the errors are there only when an input failed."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: list[EntryAnswer]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


class FileAnswer(Struct, rename="camel"):
    """The file of an entry."""

    offset: str
    journal_events: Sequence[Mapping[str, Any]]
    published_at: str


class SnapshotAnswer(Struct, rename="camel"):
    """A record of which a snapshot was asked for, and what its status is asked with."""

    portal_id: int
    object_id: int
    object_type_id: str
    snapshot_status_id: str


class SnapshotsAnswer(Struct, rename="camel"):
    """The answer of a batch of snapshots."""

    snapshot_responses: list[SnapshotAnswer]


class SnapshotStatus(Struct, rename="camel", kw_only=True):
    """What became of a snapshot."""

    id: str
    status: Literal["SUCCESS", "FAILED", "EXPIRED"]
    initiated_at: int
    completed_at: int
    error_code: Literal["VALIDATION_ERROR"] | UnsetType = UNSET
    message: str | UnsetType = UNSET


def encode(answer: Struct) -> bytes:
    """The JSON of an answer."""
    return msgspec.json.encode(answer)


def encode_file(offset: str, events: Sequence[Mapping[str, Any]], published: Moment) -> bytes:
    """The JSON of a file."""
    return encode(FileAnswer(offset, events, moment(published)))
