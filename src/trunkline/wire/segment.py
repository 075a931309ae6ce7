"""HubSpot's shapes of a list, and of the bodies that make, change and find lists (behaviour 14)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.branch import Or, branch
from trunkline.crm.segment import Draft, Segment
from trunkline.crm.values import Scalar, moment, text
from trunkline.wire.body import Reader
from trunkline.wire.property import Order, Words
from trunkline.wire.shape import Array, Map, Object, Shape, Text, Whole

MODELS = "com.hubspot.inbound.lists.service.core.public_api"

DEFAULT_COUNT = 20
"""Lists of one page of a search (behaviour 14.6)."""


class NewListBody(Struct, rename="camel", kw_only=True):
    """A new list in a body. Permissions and settings of membership are taken and mean nothing here."""

    object_type_id: Words
    processing_type: Words
    name: Words
    filter_branch: dict[str, Any] | None = None
    list_folder_id: Order | None = None
    custom_properties: dict[str, Scalar] | None = None
    list_permissions: dict[str, Any] | None = None
    membership_settings: dict[str, Any] | None = None


class FiltersBody(Struct, rename="camel", kw_only=True):
    """Other filters for a list."""

    filter_branch: dict[str, Any]


class ListSearchBody(Struct, rename="camel", kw_only=True):
    """Which lists are sought."""

    query: Scalar = None
    list_ids: list[Scalar] | None = None
    processing_types: list[Scalar] | None = None
    object_type_id: Scalar = None
    additional_properties: list[Scalar] | None = None
    offset: Order | None = None
    count: Order | None = None
    sort: Scalar = None


_anything = Map("java.util.Map<java.lang.String, java.lang.Object>", None)
_texts = Array("java.util.ArrayList<java.lang.String>", Text())
_required = ("objectTypeId", "processingType", "name")
_members: Mapping[str, Shape] = {
    **{name: Text() for name in _required},
    "filterBranch": _anything,
    "listFolderId": Whole(),
    "customProperties": Map("java.util.Map<java.lang.String, java.lang.String>", Text()),
    "listPermissions": _anything,
    "membershipSettings": _anything,
}
_new = Reader(NewListBody, Object(f"{MODELS}.ListCreateRequest", _members, required=_required))
_filters = Reader(
    FiltersBody, Object(f"{MODELS}.ListFilterUpdateRequest", {"filterBranch": _anything}, required=("filterBranch",))
)
_sought: Mapping[str, Shape] = {
    **dict.fromkeys(("query", "objectTypeId", "sort"), Text()),
    **dict.fromkeys(("listIds", "processingTypes", "additionalProperties"), _texts),
    **dict.fromkeys(("offset", "count"), Whole()),
}
_search = Reader(ListSearchBody, Object(f"{MODELS}.ListSearchRequest", _sought))


def decode_draft(body: bytes) -> Draft:
    """A new list, its object type as it was sent; raises `MalformedBody` and `InvalidListFilter`."""
    sent = _new.read(body)
    return Draft(
        type=text(sent.object_type_id),
        name=text(sent.name),
        processing=text(sent.processing_type),
        branch=None if sent.filter_branch is None else branch(sent.filter_branch),
        folder=str(int(sent.list_folder_id or 0)),
        extra={key: text(value) for key, value in (sent.custom_properties or {}).items()},
    )


def decode_filters(body: bytes) -> Or:
    """Other filters; raises `MalformedBody` and `InvalidListFilter`."""
    return branch(_filters.read(body).filter_branch)


class Sought(Struct, frozen=True):
    """Which lists a search seeks; no id, kind or type lets all through."""

    query: str
    ids: frozenset[str]
    kinds: frozenset[str]
    type: str
    also: frozenset[str]
    offset: int
    count: int


def decode_search(body: bytes) -> Sought:
    """What a search of lists asks; raises `MalformedBody`."""
    sent = _search.read(body)
    return Sought(
        text(sent.query),
        _set(sent.list_ids),
        _set(sent.processing_types),
        text(sent.object_type_id),
        _set(sent.additional_properties),
        int(sent.offset or 0),
        DEFAULT_COUNT if sent.count is None else int(sent.count),
    )


def _set(sent: Iterable[Scalar] | None) -> frozenset[str]:
    return frozenset(map(text, sent or ()))


class ListCommon(Struct, rename="camel", kw_only=True):
    """What every answer about a list tells of it."""

    list_id: str
    list_version: int
    name: str
    object_type_id: str
    processing_status: str = "COMPLETE"
    processing_type: str
    created_at: str
    created_by_id: str | UnsetType = UNSET
    updated_at: str
    updated_by_id: str | UnsetType = UNSET
    filters_updated_at: str | UnsetType = UNSET


class ListAnswer(ListCommon, rename="camel", kw_only=True):
    """A list as HubSpot answers it."""

    filter_branch: dict[str, Any] | UnsetType = UNSET
    size: int


class ListEnvelope(Struct):
    """The answer of a create or a read."""

    list: ListAnswer


class ListUpdated(Struct, rename="camel"):
    """The answer of a change."""

    updated_list: ListAnswer


class ListsAnswer(Struct):
    """Several lists, in the order in which they were asked for."""

    lists: list[ListAnswer]


class ListFound(ListCommon, rename="camel", kw_only=True):
    """A list that a search found; of it are told further properties, as texts."""

    additional_properties: Mapping[str, str]


class ListsFound(Struct, rename="camel"):
    """One page of lists that a search found; `offset` is where the next one starts."""

    offset: int
    has_more: bool
    total: int
    lists: Sequence[ListFound]


class Mapped(Struct, rename="camel"):
    """The id of a list that had another one in version 1 of the API."""

    legacy_list_id: str
    list_id: str


class ManyMapped(Struct, rename="camel"):
    """The ids of lists that had others, and those that no list had."""

    legacy_list_ids_to_ids_mapping: Sequence[Mapped]
    missing_legacy_list_ids: Sequence[str]


def _common(one: Segment) -> dict[str, Any]:
    return {
        "list_id": str(one.id),
        "list_version": one.version,
        "name": one.name,
        "object_type_id": one.type,
        "processing_type": one.processing,
        "created_at": moment(one.created),
        "created_by_id": str(one.created_by) if one.created_by else UNSET,
        "updated_at": moment(one.updated),
        "updated_by_id": str(one.updated_by) if one.updated_by else UNSET,
        "filters_updated_at": UNSET if one.filtered is None else moment(one.filtered),
    }


def answer(one: Segment, size: int, *, filters: bool) -> ListAnswer:
    """A list with the number of its members, and with its filters if they are asked for."""
    shown = msgspec.to_builtins(one.branch) if filters and one.branch is not None else UNSET
    return ListAnswer(**_common(one), filter_branch=shown, size=size)


def found(one: Segment, more: Mapping[str, str]) -> ListFound:
    """A list that a search found."""
    return ListFound(**_common(one), additional_properties=more)


def encode(told: ListEnvelope | ListUpdated | ListsAnswer | ListsFound | Mapped | ManyMapped) -> bytes:
    """The JSON of an answer."""
    return msgspec.json.encode(told)


_legacy = Reader(list[Scalar], Array("java.util.ArrayList<java.lang.String>", Text(), nullable=False))


def decode_ids(body: bytes) -> list[str]:
    """A list of ids; raises `MalformedBody`."""
    return [text(one) for one in _legacy.read(body)]
