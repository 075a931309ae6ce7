"""HubSpot's shapes of one record, and of a page of records."""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import Written
from trunkline.crm.record import Record, changed_by
from trunkline.crm.values import moment
from trunkline.crm.view import Version, echo


class ValueWithTimestamp(Struct, rename="camel"):
    """One entry of a property's history (behaviour 9.6)."""

    value: str
    timestamp: str
    source_type: str
    source_id: str


History = Mapping[str, list[ValueWithTimestamp]]


class SimplePublicObject(Struct, rename="camel", kw_only=True):
    """A record as HubSpot answers it; members that do not apply are left out."""

    id: str
    properties: dict[str, str | None]
    properties_with_history: History | UnsetType = UNSET
    created_at: str
    updated_at: str
    archived: bool
    archived_at: str | UnsetType = UNSET
    new: bool | UnsetType = UNSET
    object_write_trace_id: str | UnsetType = UNSET
    associations: "Mapping[str, CollectionResponseAssociatedId] | UnsetType" = UNSET
    url: str


class NextPage(Struct):
    """Where the next page starts (behaviour 8.1, 8.2)."""

    after: str
    link: str | UnsetType = UNSET


class Paging(Struct):
    """There only when there is a next page (behaviour 8.6)."""

    next: NextPage


class AssociatedId(Struct):
    """A record at the other end of an association, and the association's name (behaviour 3.12)."""

    id: str
    type: str


class CollectionResponseAssociatedId(Struct):
    """The associations of a record with records of one type."""

    results: list[AssociatedId]
    paging: Paging | UnsetType = UNSET


class CollectionResponse(Struct):
    """One page of a list."""

    results: list[SimplePublicObject]
    paging: Paging | UnsetType = UNSET


def entries(versions: Sequence[Version]) -> list[ValueWithTimestamp]:
    """A property's history in HubSpot's shape, newest first."""
    return [ValueWithTimestamp(v.value, moment(v.at), *changed_by(v.app)) for v in versions]


def read(
    record: Record, type_: ObjectType, portal: int, properties: dict[str, str | None], history: History | UnsetType
) -> SimplePublicObject:
    """The answer of a read."""
    return SimplePublicObject(
        id=str(record.id),
        properties=properties,
        properties_with_history=history,
        created_at=moment(record.created),
        updated_at=moment(record.updated),
        archived=record.archived is not None,
        archived_at=UNSET if record.archived is None else moment(record.archived),
        url=_url(portal, type_, record.id),
    )


def result(written: Written, type_: ObjectType, portal: int, *, tells_new: bool) -> SimplePublicObject:
    """One result of a write; only an upsert's says whether it is new (behaviour 1.2, 1.4, 1.15, 2.1, 3.15)."""
    record = written.record
    return SimplePublicObject(
        id=str(record.id),
        properties=echo(written, type_),
        created_at=moment(record.created),
        updated_at=moment(record.updated),
        archived=False,
        new=written.new if tells_new else UNSET,
        object_write_trace_id=UNSET if written.trace is None else written.trace,
        url=_url(portal, type_, record.id),
    )


def _url(portal: int, type_: ObjectType, id_: int) -> str:
    return f"https://app.hubspot.com/contacts/{portal}{place(type_, id_)}"


def place(type_: ObjectType, id_: int) -> str:
    """How the URL of a record ends."""
    return f"/record/{type_.id}/{id_}"
