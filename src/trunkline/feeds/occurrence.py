"""What the journal of webhooks tells of a row of the store's journal (behaviour 21.3)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from trunkline.bench.checkpoint import SNAPSHOT, Entry
from trunkline.crm.values import moment
from trunkline.feeds.event import Known, happened
from trunkline.feeds.watch import TIED, Action, Watch

ACTIONS: Mapping[str, Action] = {
    "creation": "CREATE",
    "propertyChange": "UPDATE",
    "deletion": "DELETE",
    "merge": "MERGE",
    "privacyDeletion": "GDPR_DELETE",
}

KINDS: Mapping[str, tuple[Action, ...]] = {
    "create": ("CREATE",),
    "update": ("UPDATE",),
    "archive": ("DELETE",),
    "erase": ("DELETE", "GDPR_DELETE"),
    "merge": ("MERGE",),
    "associate": TIED,
    "dissociate": TIED,
}
"""The kinds of row, and what each may be told as."""


class Snapshot(Struct, frozen=True):
    """What an app asked for with a snapshot. One of a record that was not there has found nothing."""

    properties: list[str] = []
    found: bool = True


class Occurrence(Struct):
    """Something that happened to one record: the values that it has of properties since, and what else is told."""

    action: Action
    type: str
    id: int
    values: dict[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = {}


_snapshot = msgspec.json.Decoder(Snapshot).decode


def snapshot(entry: Entry) -> Snapshot:
    """What the app asked for of whose snapshot a row tells."""
    return _snapshot(entry.detail)


def occurrences(entry: Entry, known: Known, values: Mapping[str, str]) -> Iterator[Occurrence]:
    """What a row tells of, in order; `values` are those that the record of a snapshot had."""
    if entry.kind == SNAPSHOT:
        if snapshot(entry).found:
            yield Occurrence("SNAPSHOT", entry.type, entry.record or 0, dict(values))
        return
    last: Occurrence | None = None
    for what, type_, id_, told in happened(entry, known):
        if what == "propertyChange" and last is not None and last.id == id_:
            last.values[told["propertyName"]] = told["propertyValue"]
            continue
        if last is not None:
            yield last
        last = _occurrence(what, type_, id_, told)
    if last is not None:
        yield last


def _occurrence(what: str, type_: str, id_: int, told: Mapping[str, Any]) -> Occurrence:
    match what:
        case "propertyChange":
            return Occurrence("UPDATE", type_, id_, {told["propertyName"]: told["propertyValue"]})
        case "associationChange":
            return Occurrence(TIED[bool(told["associationRemoved"])], type_, id_, told=_tie(told))
        case "merge":
            return Occurrence("MERGE", type_, id_, told={"mergedObjectIds": told["mergedObjectIds"]})
        case _:
            return Occurrence(ACTIONS[what], type_, id_)


def _tie(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "associatedObjectTypeId": told["toObjectTypeId"],
        "associatedObjectId": told["toObjectId"],
        "associationType": told["associationType"],
    }


def covers(watch: Watch, position: int, one: Occurrence) -> bool:
    """Whether a subscription is to what happened, its filters apart."""
    wish = watch.wish
    if not watch.there(position) or one.action not in wish.actions or one.type != wish.type:
        return False
    if wish.records and one.id not in wish.records:
        return False
    if one.action in TIED:
        return not wish.others or one.told["associatedObjectTypeId"] in wish.others
    return one.action != "UPDATE" or not wish.properties or not one.values.keys().isdisjoint(wish.properties)


def body(portal: int, entry: Entry, one: Occurrence, names: Collection[str] | None) -> Mapping[str, Any]:
    """What is told, with the values of these properties, or of all."""
    told: dict[str, Any] = {
        "type": _kind(one.action),
        "portalId": portal,
        "occurredAt": moment(entry.at),
        "action": one.action,
        "objectTypeId": one.type,
        "objectId": one.id,
    }
    if one.action in ("CREATE", "UPDATE", "SNAPSHOT"):
        told["propertyChanges"] = {n: value for n, value in one.values.items() if names is None or n in names}
    return told | dict(one.told)


def _kind(action: Action) -> str:
    if action in TIED:
        return "ASSOCIATION"
    return "GDPR_PRIVACY_DELETION" if action == "GDPR_DELETE" else "OBJECT"
