"""What an app is told of a change: the events that a row of the journal is to its subscriptions (behaviour 20.2)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from trunkline.bench.checkpoint import Entry
from trunkline.crm.catalog import Catalog
from trunkline.crm.record import changed_by
from trunkline.errors import UnknownObjectType
from trunkline.feeds.subscription import OBJECT, TYPES, Subscription

ID_BITS = 53
"""Bits of an event's id, which clients read as a number."""

LARGEST_ID = (1 << ID_BITS) - 1
STRIDE = 0x9E3779B97F4A7
"""What lies between the ids of two events of a row; odd, so that none comes twice."""

TOLD_OF: Mapping[str, Sequence[str]] = {
    "create": ("creation", "propertyChange"),
    "update": ("propertyChange",),
    "archive": ("deletion",),
    "erase": ("deletion", "privacyDeletion"),
    "merge": ("merge",),
    "associate": ("associationChange",),
    "dissociate": ("associationChange",),
}
"""What a kind of row may be to subscriptions."""

TYING = ("associate", "dissociate")

_NAMES = {type_: name for name, type_ in TYPES.items()}
_decode = msgspec.json.Decoder().decode


class Known(Struct, frozen=True):
    """What has to be known beside the journal to tell of its rows.

    `first` are the values that the new records of a type had when they were created; `successors` says which record a
    merged one became part of; `moved` how many properties came with it, by the position of the row that tells of it.
    """

    catalog: Catalog
    first: Mapping[tuple[str, int], Mapping[str, str]] = {}
    successors: Mapping[tuple[str, int], int] = {}
    moved: Mapping[int, int] = {}


class Event(Struct, frozen=True):
    """One event. `position`, `subscription` and `number` say which it is of those of a row; `subject` is the record
    that it is about, and `body` what is told of it."""

    position: int
    subscription: int
    number: int
    subject: tuple[str, int]
    body: Mapping[str, Any]

    @property
    def key(self) -> tuple[int, int, int]:
        """Which event of a portal and an app it is."""
        return self.position, self.subscription, self.number


Happened = tuple[str, str, int, Mapping[str, Any]]
"""What happened, the type and the id of the record that it happened to, and what is told of it."""


def events(portal: int, app: int, entry: Entry, subscriptions: Iterable[Subscription], known: Known) -> Iterator[Event]:
    """The events that a row of the journal is to the subscriptions of an app, in order."""
    found: list[Happened] | None = None
    for one in subscriptions:
        if one.active and entry.position > one.since.get(portal, 0) and _concerns(entry, one):
            found = list(happened(entry, known)) if found is None else found
            yield from _events(portal, app, entry, one, found)


def _concerns(entry: Entry, one: Subscription) -> bool:
    """Whether a row may have something for a subscription; one that ties records is of two types."""
    return one.happening in TOLD_OF.get(entry.kind, ()) and (entry.type == one.type_id or entry.kind in TYING)


def _events(portal: int, app: int, entry: Entry, one: Subscription, found: Iterable[Happened]) -> Iterator[Event]:
    wanted, of, named = one.happening, one.type_id, one.property_name
    first, head = event_id(portal, app, entry.position, one.id), _head(portal, app, entry, one)
    typed = _typed(one, wanted, of)
    for number, (what, type_, id_, told) in enumerate(found):
        if what == wanted and type_ == of and (what != "propertyChange" or told["propertyName"] == named):
            body = {**head, "eventId": (first + number * STRIDE) & LARGEST_ID, **told, **typed}
            yield Event(entry.position, one.id, number, (type_, id_), body)


def _head(portal: int, app: int, entry: Entry, one: Subscription) -> dict[str, Any]:
    change, who = changed_by(entry.app)
    return {
        "eventId": 0,
        "subscriptionId": one.id,
        "portalId": portal,
        "appId": app,
        "occurredAt": entry.at,
        "subscriptionType": one.kind,
        "attemptNumber": 0,
        "changeSource": change,
        "sourceId": who,
    }


def event_id(*which: int) -> int:
    """The id of the first event of a row, always the same for the same one, so that who is told twice can tell."""
    digest = hashlib.blake2b(",".join(map(str, which)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - ID_BITS)


def _typed(one: Subscription, what: str, type_: str) -> dict[str, str]:
    """The object type, which only the events of `object.…` name; associations name both of theirs."""
    generic = one.kind.startswith(f"{OBJECT}.") and what != "associationChange"
    return {"objectTypeId": type_} if generic else {}


def happened(entry: Entry, known: Known) -> Iterator[Happened]:
    """What a row of the journal tells of, in order: of a new record its first values come right after it."""
    how = _HOW.get(entry.kind)
    if how is not None:
        yield from how(entry, _decode(entry.detail), known)


def _created(entry: Entry, ids: Sequence[int], known: Known) -> Iterator[Happened]:
    for id_ in ids:
        yield "creation", entry.type, id_, {"objectId": id_, "changeFlag": "CREATED"}
        for name, value in known.first.get((entry.type, id_), {}).items():
            yield "propertyChange", entry.type, id_, _property(id_, name, value)


def _updated(entry: Entry, values: Mapping[str, Sequence[str | None]], known: Known) -> Iterator[Happened]:
    id_ = entry.record or 0
    for name, (_, new) in values.items():
        yield "propertyChange", entry.type, id_, _property(id_, name, new)


def _property(id_: int, name: str, value: str | None) -> Mapping[str, Any]:
    return {"objectId": id_, "propertyName": name, "propertyValue": value or ""}


def _deleted(entry: Entry, detail: object, known: Known) -> Iterator[Happened]:
    id_ = entry.record or 0
    if (entry.type, id_) not in known.successors:
        yield "deletion", entry.type, id_, {"objectId": id_, "changeFlag": "DELETED"}


def _erased(entry: Entry, detail: object, known: Known) -> Iterator[Happened]:
    id_ = entry.record or 0
    told = {"objectId": id_, "changeFlag": "DELETED"}
    yield "privacyDeletion", entry.type, id_, told
    yield "deletion", entry.type, id_, told


def _merged(entry: Entry, detail: object, known: Known) -> Iterator[Happened]:
    id_ = entry.record or 0
    primary = known.successors.get((entry.type, id_), 0)
    told = {
        "objectId": primary,
        "primaryObjectId": primary,
        "mergedObjectIds": [id_],
        "newObjectId": primary,
        "numberOfPropertiesMoved": known.moved.get(entry.position, 0),
        "changeFlag": "MERGED",
    }
    yield "merge", entry.type, primary, told


def _tied(entry: Entry, ties: Sequence[Sequence[Any]], known: Known) -> Iterator[Happened]:
    yield from _changed(entry, ties, known, removed=False)


def _parted(entry: Entry, cuts: Sequence[Sequence[Any]], known: Known) -> Iterator[Happened]:
    yield from _changed(entry, cuts, known, removed=True)


def _changed(entry: Entry, ties: Sequence[Sequence[Any]], known: Known, *, removed: bool) -> Iterator[Happened]:
    """An event for each end: of either it is told that it is associated with the other."""
    for record, other_type, other, *rest in ties:
        ends = (entry.type, record), (other_type, other)
        for source, target in (ends, ends[::-1]):
            told = _association(known.catalog, source, target, rest, removed=removed)
            yield "associationChange", source[0], source[1], told


def _association(
    catalog: Catalog, source: tuple[str, int], target: tuple[str, int], way: Sequence[Any], *, removed: bool
) -> Mapping[str, Any]:
    return {
        "associationType": f"{_name(catalog, source[0])}_TO_{_name(catalog, target[0])}",
        "fromObjectId": source[1],
        "toObjectId": target[1],
        "fromObjectTypeId": source[0],
        "toObjectTypeId": target[0],
        "associationRemoved": removed,
        "isPrimaryAssociation": _primary(catalog, way),
    }


def _name(catalog: Catalog, type_: str) -> str:
    try:
        return _NAMES.get(type_, catalog.type(type_).data.singular).upper()
    except UnknownObjectType:
        return type_


def _primary(catalog: Catalog, way: Sequence[Any]) -> bool:
    if len(way) < 2:
        return False
    type_ = catalog.links.by_id(str(way[1]), int(way[0]))
    return type_ is not None and type_.primary


_HOW: Mapping[str, Callable[[Entry, Any, Known], Iterator[Happened]]] = {
    "create": _created,
    "update": _updated,
    "archive": _deleted,
    "erase": _erased,
    "merge": _merged,
    "associate": _tied,
    "dissociate": _parted,
}
