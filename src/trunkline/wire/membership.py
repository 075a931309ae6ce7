"""HubSpot's shapes of the records in a list, and of the lists that a record is in (behaviour 14.5)."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.record import Moment
from trunkline.crm.segment import Segment
from trunkline.crm.values import Scalar, moment, text
from trunkline.wire.body import Reader
from trunkline.wire.property import Words
from trunkline.wire.record import NextPage
from trunkline.wire.segment import MODELS
from trunkline.wire.shape import Array, Object, Text


class MembersBody(Struct, rename="camel", kw_only=True):
    """Records to put into a list and to take out of it."""

    record_ids_to_add: list[Scalar] | None = None
    record_ids_to_remove: list[Scalar] | None = None


class RecordInput(Struct, rename="camel", kw_only=True):
    """A record whose lists are read."""

    object_type_id: Words
    record_id: Words


class RecordsBody(Struct):
    """Records whose lists are read."""

    inputs: list[RecordInput] | None = None


_ids = Array("java.util.ArrayList<java.lang.String>", Text())
_change = Reader(
    MembersBody, Object(f"{MODELS}.MembershipChangeRequest", {"recordIdsToAdd": _ids, "recordIdsToRemove": _ids})
)
_named = ("objectTypeId", "recordId")
_record = Object(f"{MODELS}.RecordIdInput", dict.fromkeys(_named, Text()), required=_named, nullable=False)
_records = Reader(
    RecordsBody, Object(f"{MODELS}.BatchInputRecordIdInput", {"inputs": Array("java.util.ArrayList", _record)})
)


def decode_change(body: bytes) -> tuple[list[str], list[str]]:
    """The ids of records to add, and of those to remove; raises `MalformedBody`."""
    sent = _change.read(body)
    return [text(one) for one in sent.record_ids_to_add or ()], [text(one) for one in sent.record_ids_to_remove or ()]


def decode_records(body: bytes) -> list[tuple[str, str]]:
    """Records by the object type and the id that were sent; raises `MalformedBody`."""
    return [(text(one.object_type_id), text(one.record_id)) for one in _records.read(body).inputs or ()]


class PreviousPage(Struct):
    """Where the page before starts."""

    before: str
    link: str | UnsetType = UNSET


class BothWays(Struct):
    """The pages around one; a member is there only when there is such a page."""

    next: NextPage | UnsetType = UNSET
    prev: PreviousPage | UnsetType = UNSET


class Joined(Struct, rename="camel"):
    """A record in a list, and when it came there."""

    record_id: str
    membership_timestamp: str


class MembersPage(Struct):
    """One page of the records in a list, of which there are `total`."""

    total: int
    results: Sequence[Joined]
    paging: BothWays | UnsetType = UNSET


class MembersMoved(
    Struct, rename={"added": "recordsIdsAdded", "removed": "recordIdsRemoved", "missing": "recordIdsMissing"}
):
    """What became of the ids of a request."""

    added: Sequence[str]
    removed: Sequence[str]
    missing: Sequence[str]


class Membership(Struct, rename="camel", kw_only=True):
    """A list that a record is in, and since when."""

    list_id: str
    list_version: int
    is_public_list: bool = True
    first_added_timestamp: str
    last_added_timestamp: str


class Memberships(Struct):
    """The lists that a record is in; there are no pages."""

    total: int
    results: Sequence[Membership]


class MembershipsOf(Struct, rename="camel"):
    """A record with the lists that it is in."""

    object_type_id: str
    record_id: str
    record_list_memberships: Sequence[Membership]


class MembershipsOfMany(Struct, rename="camel", kw_only=True):
    """The answer of a batch read."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: Sequence[MembershipsOf]
    started_at: str
    completed_at: str


def joined(record: int, at: Moment) -> Joined:
    """A record in a list."""
    return Joined(str(record), moment(at))


def membership(one: Segment, at: Moment) -> Membership:
    """A list that a record is in, since a moment."""
    since = moment(at)
    return Membership(
        list_id=str(one.id), list_version=one.version, first_added_timestamp=since, last_added_timestamp=since
    )


def encode(told: MembersPage | MembersMoved | Memberships | MembershipsOfMany) -> bytes:
    """The JSON of an answer."""
    return msgspec.json.encode(told)
