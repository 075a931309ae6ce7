"""What a record is called, when it happened, and what of it is shown first."""

from collections.abc import Sequence

from trunkline.crm.catalog import ObjectType
from trunkline.crm.record import Record
from trunkline.crm.view import value

HAPPENED = "hs_timestamp"
"""When an activity happened; other records are dated by when they were made."""

PERSON = ("firstname", "lastname")

MOST_COLUMNS = 4
"""Searchable properties that are shown of a type whose data file names no columns."""


def timed_by(type_: ObjectType) -> str:
    """The property that says when records of a type happened."""
    return HAPPENED if HAPPENED in type_.properties else type_.data.created_property


def columns(type_: ObjectType) -> Sequence[str]:
    """The properties that a table shows unless others are chosen."""
    first = type_.data.columns or (timed_by(type_), *type_.data.searchable_properties[:MOST_COLUMNS])
    return [name for name in dict.fromkeys(first) if name in type_.properties]


def called(record: Record, type_: ObjectType) -> str:
    """What a record is called: a person's name, or the first of its searchable texts."""
    person = " ".join(filter(None, (record.properties.get(name) for name in PERSON)))
    if person:
        return person
    texts = (value(record, type_, name) for name in type_.data.searchable_properties if name in type_.properties)
    return next((text for text in texts if text), "") or f"{type_.data.labels['singular']} {record.id}"
