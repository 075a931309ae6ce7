"""HubSpot's shapes of a search: its body, and its answer (behaviour 7)."""

import re
from collections.abc import Sequence
from typing import Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.filter import NEEDS, Filter
from trunkline.crm.search import DEFAULT_PAGE, Order, Search
from trunkline.crm.values import Scalar, text
from trunkline.errors import MalformedBody
from trunkline.wire.body import Reader
from trunkline.wire.record import NextPage, Paging, SimplePublicObject
from trunkline.wire.shape import Array, Choice, Object, Shape, Text, Whole

MODELS = "com.hubspot.inbounddb.publicobject.core.v3.search"
FILTER = f"{MODELS}.Filter"
"""Recorded in messages (behaviour 7.20); the other names are made after it."""
GROUP = f"{MODELS}.FilterGroup"
SORT = f"{MODELS}.Sort"

OPERATORS = (
    "IN",
    "NOT_HAS_PROPERTY",
    "LT",
    "EQ",
    "GT",
    "NOT_IN",
    "GTE",
    "CONTAINS_TOKEN",
    "HAS_PROPERTY",
    "LTE",
    "NOT_CONTAINS_TOKEN",
    "BETWEEN",
    "NEQ",
)
"""In the order in which the service lists them (behaviour 7.20)."""

Direction = Literal["ASCENDING", "DESCENDING"]

_DIRECTIONS = {"ASC": False, "ASCENDING": False, "DESC": True, "DESCENDING": True}
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)


class FilterBody(Filter, rename={"name": "propertyName", "high": "highValue"}, frozen=True, kw_only=True, gc=False):
    """One filter, under HubSpot's names."""

    name: Scalar = None
    high: Scalar = None


class GroupBody(Struct):
    """One element of `filterGroups`."""

    filters: list[FilterBody] | None = None


class SortBody(Struct, rename="camel"):
    """One element of `sorts` that is an object."""

    property_name: Scalar = None
    direction: Direction | None = None


class SearchBody(Struct, rename="camel", kw_only=True):
    """The body of a search; it needs none of its members (behaviour 2.15, 7.2)."""

    filter_groups: list[GroupBody] | None = None
    filters: list[FilterBody] | None = None
    query: Scalar = None
    sorts: list[str | SortBody] | None = None
    properties: list[Scalar] | None = None
    limit: int | str | None = None
    after: int | str | None = None


def _fault(filter_: Filter) -> str | None:
    """Why the service makes no filter of what was sent, in its words; None where it does (behaviour 7.14, 7.20)."""
    attributes = {"propertyName": filter_.name, "operator": filter_.operator}
    if missing := [name for name, value in attributes.items() if value is None]:
        return f"Cannot build Filter, some of required attributes are not set [{', '.join(missing)}]"
    operator = filter_.operator or "EQ"
    for attribute, needed in NEEDS[operator]:
        if getattr(filter_, attribute) in (None, ()):
            return f"Cannot construct instance of `{FILTER}`, problem: operator {operator} requires {needed}"
    for member, value in (("value", filter_.value), ("highValue", filter_.high)):
        if value is not None and not text(value).strip():
            return f"{member} must be non-empty and non-blank, if specified {{propertyName: '{text(filter_.name)}'}}"
    return None


_decode_filter = msgspec.json.Decoder(FilterBody).decode


def _objection(raw: bytes) -> str | None:
    try:
        return _fault(_decode_filter(raw))
    except (msgspec.MsgspecError, RecursionError):
        return None


_filter = Object(
    FILTER,
    {
        "propertyName": Text(),
        "operator": Choice(f"{MODELS}.Operator", OPERATORS),
        "value": Text(),
        "highValue": Text(),
        "values": Array("java.util.ArrayList<java.lang.String>", Text()),
    },
    nullable=False,
    objection=_objection,
)
_filters = Array(f"java.util.ArrayList<{FILTER}>", _filter)
_sort = Object(
    SORT,
    {"propertyName": Text(), "direction": Choice(f"{SORT}$Direction", get_args(Direction))},
    nullable=False,
    text=True,
)
_members: dict[str, Shape] = {
    "filterGroups": Array(f"java.util.HashSet<{GROUP}>", Object(GROUP, {"filters": _filters}, nullable=False)),
    "filters": _filters,
    "query": Text(),
    "sorts": Array(f"java.util.ArrayList<{SORT}>", _sort),
    "properties": Array("java.util.ArrayList<java.lang.String>", Text()),
    "limit": Whole(blank=True),
    "after": Whole(blank=True),
}
_reader = Reader(SearchBody, Object(f"{MODELS}.PublicObjectSearchRequest", _members))


def decode(body: bytes) -> Search:
    """What a body asks for, every filter whole; raises `MalformedBody`."""
    sent = _reader.read(body)
    try:
        return _search(sent)
    except ValueError as cause:
        raise MalformedBody(_reader.explain(body)) from cause


def _search(sent: SearchBody) -> Search:
    """The same, under our names; raises ValueError for a filter or a number that is none."""
    groups = [group.filters or [] for group in sent.filter_groups or ()]
    for filters in (*groups, sent.filters or ()):
        for filter_ in filters:
            if reason := _fault(filter_):
                raise ValueError(reason)
    return Search(
        groups=groups,
        filters=sent.filters or (),
        query=text(sent.query),
        sorts=[_order(sort) for sort in sent.sorts or ()],
        properties=[text(name) for name in sent.properties or ()],
        limit=_whole(sent.limit, DEFAULT_PAGE),
        after=_whole(sent.after, 0),
    )


def _whole(sent: int | str | None, default: int) -> int:
    """An integer of 32 bits, or the text of one; nothing, and a blank text, is the default."""
    if sent is None or (isinstance(sent, str) and not sent.strip()):
        return default
    if isinstance(sent, str) and not _INTEGER.fullmatch(sent):
        raise ValueError(sent)
    if not -(1 << 31) <= int(sent) < 1 << 31:
        raise ValueError(sent)
    return int(sent)


def _order(sent: str | SortBody) -> Order:
    """A rule of order in any of its forms: `name`, `-name`, `name DESCENDING`, an object, or its text (7.8, 7.21)."""
    if isinstance(sent, SortBody):
        return Order(text(sent.property_name), sent.direction == "DESCENDING")
    if sent.startswith("{"):
        return _order(_read_sort(sent))
    if sent.startswith("-"):
        return Order(sent[1:], True)
    name, _, direction = sent.strip().partition(" ")
    descending = _DIRECTIONS.get(direction.strip().upper() or "ASC")
    return Order(sent) if descending is None else Order(name, descending)


_decode_sort = msgspec.json.Decoder(SortBody).decode


def _read_sort(sent: str) -> SortBody:
    """The object that a text holds; one without a name where it holds none."""
    try:
        return _decode_sort(sent)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return SortBody()


class SearchResponse(Struct):
    """A page of results; `paging` has no link (behaviour 7.1)."""

    total: int
    results: Sequence[SimplePublicObject]
    paging: Paging | UnsetType = UNSET


def encode(total: int, results: Sequence[SimplePublicObject], after: int | None) -> bytes:
    """The answer: how many records match in all, those of the page, and where the next one starts, if there is one."""
    paging = UNSET if after is None else Paging(NextPage(str(after)))
    return msgspec.json.encode(SearchResponse(total, results, paging))
