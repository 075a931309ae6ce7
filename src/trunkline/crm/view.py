"""Which properties of a record an answer shows, and their history."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import Written
from trunkline.crm.record import Change, Moment, Record

ID = "hs_object_id"
LONGEST_HISTORY = 1000
"""Changes of one record that a history looks back through (chosen: differences)."""


class Version(Struct, frozen=True):
    """One value that a property had: since when, and by which app."""

    value: str
    at: Moment
    app: int


class View:
    """What is shown of as many records of one object type as there are: the named properties, or else its default ones.

    When a record was made and changed, and its id, are always there (behaviour 2.6, 9.7). Names that nobody knows are
    left out; a known one that is not set is None. Sorted by name (behaviour 8.3, 9.5).
    """

    def __init__(self, type_: ObjectType, names: Iterable[str]) -> None:
        data, asked = type_.data, list(names)
        always = {data.created_property, data.modified_property, ID}
        known = always.union(name for name in asked or data.default_properties if name in type_.properties)
        derived = type_.derived
        self._ways = [(name, derived.rule(name) if name in derived.names else None) for name in sorted(known)]

    def of(self, record: Record) -> dict[str, str | None]:
        """What is shown of one record."""
        kept = record.properties
        return {name: kept.get(name) if rule is None else rule(record) for name, rule in self._ways}


def value(record: Record, type_: ObjectType, name: str) -> str | None:
    """The value of one known property of a record."""
    if name in type_.derived.names:
        return type_.derived.one(record, name)
    return record.properties.get(name)


def echo(written: Written, type_: ObjectType) -> dict[str, str | None]:
    """What the result of a write shows: what the input wrote, and what the service fills in (behaviour 1.4, 3.1)."""
    record = written.record
    properties = type_.derived.all(record)
    if written.names is not None:
        has = record.properties.get
        return properties | {name: has(name, "") for name in written.names}
    properties |= record.properties
    if type_.archived:
        return {name: text for name, text in properties.items() if name in type_.properties}
    return properties


def history(record: Record, changes: Sequence[Change], type_: ObjectType, name: str) -> list[Version]:
    """The values that a property had, newest first. `changes` are the record's, newest first (behaviour 9.6)."""
    versions: list[Version] = []
    for past, at, app in _states(record, changes):
        text = value(past, type_, name)
        if versions and versions[-1].value == (text or ""):
            versions.pop()
        if text is not None:
            versions.append(Version(text, at, app))
    return versions


def _states(record: Record, changes: Sequence[Change]) -> Iterable[tuple[Record, Moment, int]]:
    """The record as it was after each change and after its creation, newest first, with when and by whom."""
    properties = record.properties
    for change in changes:
        yield _state(record, properties, change.at), change.at, change.app
        properties = properties | {name: old or "" for name, (old, _) in change.values.items()}
        unset = {name for name, (old, _) in change.values.items() if old is None}
        properties = {name: text for name, text in properties.items() if name not in unset}
    yield _state(record, properties, record.created), record.created, record.app


def _state(record: Record, properties: dict[str, str], updated: Moment) -> Record:
    return Record(id=record.id, properties=properties, created=record.created, updated=updated, app=record.app)
