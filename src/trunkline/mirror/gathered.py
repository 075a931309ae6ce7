"""What a stretch of the journal comes to: each record once, with all that changed of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

Key = tuple[str, str]
"""An object type by its plural name, and a record's id."""


class Tie(Struct, frozen=True):
    """An association of two records."""

    source: Key
    target: Key
    type_id: int
    category: str


class Gathered(Struct):
    """What changed: records that are new, properties that changed of others, and what was archived, tied and parted.

    Of what happened to one record, or to one pair of records, only the outcome counts.
    """

    created: dict[Key, None] = field(default_factory=dict)
    changed: dict[Key, dict[str, None]] = field(default_factory=dict)
    archived: dict[Key, None] = field(default_factory=dict)
    tied: dict[Tie, None] = field(default_factory=dict)
    parted: dict[tuple[Key, Key], None] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)


def gathered(changes: Iterable[Mapping[str, Any]], own: int) -> Gathered:
    """What changes of the journal come to, those of the mirror's `own` app left out."""
    found = Gathered()
    gather(found, changes, own)
    return found


def gather(found: Gathered, changes: Iterable[Mapping[str, Any]], own: int) -> None:
    """Adds what more changes of the journal come to."""
    for change in changes:
        if change["app"] != own:
            _take(found, change)


def _take(found: Gathered, change: Mapping[str, Any]) -> None:
    type_ = str(change["objectType"])
    match change["kind"]:
        case "create":
            found.created.update(((type_, id_), None) for id_ in change["ids"])
        case "update":
            names = found.changed.setdefault((type_, change["id"]), {})
            names.update(dict.fromkeys(change.get("values", ())))
        case "archive":
            found.archived[type_, change["id"]] = None
        case "associate":
            for one in change["associations"]:
                source, target = (type_, one["from"]), (one["toObjectType"], one["to"])
                found.parted.pop((source, target), None)
                found.tied[Tie(source, target, one["typeId"], one["category"])] = None
        case "dissociate":
            for one in change["associations"]:
                source, target = (type_, one["from"]), (one["toObjectType"], one["to"])
                for tie in [tie for tie in found.tied if {tie.source, tie.target} == {source, target}]:
                    del found.tied[tie]
                found.parted[source, target] = None
        case "merge" | "erase":
            found.passed.append(f"{change['kind']} of {type_} {change.get('id', '')}")
        case _:
            pass
