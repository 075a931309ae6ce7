"""Calls, notes, tasks, meetings and e-mails as the old engagements API has them: one kind of thing with one id.

What a member of an engagement is called in a record is data (`trunkline/data/engagements.json`). Nothing is kept twice:
an engagement is a way to look at a record.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from msgspec import Struct

from trunkline.crm.association import LinkInput, LinkSpec, LinkTarget
from trunkline.crm.catalog import Catalog, ObjectType, shipped_types
from trunkline.crm.check import NewInput
from trunkline.crm.record import Moment, Record
from trunkline.crm.values import Scalar, Unfit, milliseconds, text
from trunkline.crm.view import value
from trunkline.errors import InvalidValue, InvalidValues, UnknownAssociationType, UnknownObjectType

Form = Literal["text", "number", "id", "ids", "moment", "flag", "part"]
"""How a property's text is told: as it is, as a number, as a whole number, as a list of whole numbers (parted by
semicolons), as milliseconds since 1970, as true or false, or as a member of the JSON object that the text is."""

Json = dict[str, Any]


class Member(Struct, frozen=True):
    """A member of an engagement, and the property that it is a view of."""

    name: str
    property: str
    form: Form = "text"


class Kind(Struct, frozen=True, rename="camel"):
    """One type of engagement: the object type, and the values by which its records are of this kind.

    A kind without members of its own has those of the first kind of its object type.
    """

    name: str
    type_id: str
    metadata: tuple[Member, ...] = ()
    values: Mapping[str, str] = {}


class Table(Struct, frozen=True):
    """The whole data file. `associations` has, by member, the other object type's id."""

    engagement: tuple[Member, ...]
    attachments: Member
    associations: Mapping[str, str]
    kinds: tuple[Kind, ...]


class Parts(Struct, frozen=True, kw_only=True):
    """What a client sends of an engagement, by member; each part may be missing."""

    engagement: Mapping[str, Any] = {}
    metadata: Mapping[str, Any] = {}
    attachments: Sequence[Scalar] | None = None
    associations: Mapping[str, Sequence[Scalar]] = {}


class Told(Struct, frozen=True):
    """An engagement but for its associations, by member."""

    kind: str
    engagement: Json
    metadata: Json
    attachments: Sequence[int]


@cache
def table() -> Table:
    """The data file, with the kinds whose object types are there."""
    found = msgspec.json.decode((files("trunkline") / "data" / "engagements.json").read_bytes(), type=Table)
    shipped = {data.type_id for data in shipped_types()}
    return msgspec.structs.replace(found, kinds=tuple(kind for kind in found.kinds if kind.type_id in shipped))


def type_ids() -> tuple[str, ...]:
    """The object types whose records are engagements: they are numbered together, so that an id means one of them."""
    return tuple(dict.fromkeys(kind.type_id for kind in table().kinds))


def kind_named(name: str) -> Kind:
    """The kind of this name; raises `UnknownObjectType`."""
    for kind in table().kinds:
        if kind.name == name:
            return kind
    raise UnknownObjectType(name)


def kind_of(record: Record, type_: ObjectType) -> Kind:
    """The kind that a record is; the first one of its object type where its values are those of none."""
    kinds = [kind for kind in table().kinds if kind.type_id == type_.id]
    has = record.properties.get
    return next((kind for kind in kinds if all(has(name) == own for name, own in kind.values.items())), kinds[0])


def _metadata(kind: Kind) -> tuple[Member, ...]:
    return kind.metadata or next(other.metadata for other in table().kinds if other.type_id == kind.type_id)


def told(record: Record, type_: ObjectType) -> Told:
    """What is told of a record; members without a value are left out."""
    kind, known = kind_of(record, type_), table()
    attachments = _told((known.attachments,), record, type_).get(known.attachments.name, [])
    return Told(
        kind.name,
        _told(known.engagement, record, type_),
        _told(_metadata(kind), record, type_),
        attachments,
    )


def _told(members: Iterable[Member], record: Record, type_: ObjectType) -> Json:
    found: Json = {}
    for member in members:
        kept = value(record, type_, member.property) if member.property in type_.properties else None
        shown = _shown(member, kept) if kept else None
        if shown is not None:
            found[member.name] = shown
    return found


def _shown(member: Member, kept: str) -> Any:
    """A property's text as its member tells it; None where it cannot."""
    try:
        return json.loads(kept).get(member.name) if member.form == "part" else _READ[member.form](kept)
    except (ValueError, AttributeError, Unfit):
        return None


def _number(kept: str) -> int | float:
    return int(kept) if kept.removeprefix("-").isdigit() else float(kept)


_READ: Mapping[Form, Callable[[str], Any]] = {
    "text": str,
    "number": _number,
    "id": int,
    "ids": lambda kept: [int(part) for part in kept.split(";") if part.strip().isdigit()],
    "moment": milliseconds,
    "flag": lambda kept: kept == "true",
}


def new_input(kind: Kind, sent: Parts, type_: ObjectType, catalog: Catalog, now: Moment) -> NewInput:
    """The record that a new engagement is; it is of this moment unless it says otherwise.

    Raises `InvalidValues`, and `UnknownAssociationType` where records of the types cannot be tied.
    """
    properties = {**_written(kind, sent, type_, catalog.portal, {}), **kind.values}
    for name in type_.required:
        if name == "hs_timestamp" and not text(properties.get(name)):
            properties[name] = now
    return NewInput(properties, associations=_ties(sent.associations, type_, catalog))


def changes(record: Record, sent: Parts, type_: ObjectType, portal: int) -> dict[str, Scalar]:
    """The properties that a change of an engagement sets; raises `InvalidValues`."""
    return _written(kind_of(record, type_), sent, type_, portal, record.properties)


def _ties(sent: Mapping[str, Sequence[Scalar]], type_: ObjectType, catalog: Catalog) -> list[LinkInput]:
    """The associations of a new engagement, each as is usual for the types; an id that is null is passed over."""
    ties = []
    for member, other in table().associations.items():
        ids = dict.fromkeys(text(id_) for id_ in sent.get(member) or () if id_ is not None)
        link = catalog.links.default(type_.id, other)
        if ids and link is None:
            raise UnknownAssociationType(f"{type_.id} to {other}")
        if link is not None:
            ties += [LinkInput(LinkTarget(id_), [LinkSpec(link.category, link.id)]) for id_ in ids]
    return ties


def _written(kind: Kind, sent: Parts, type_: ObjectType, portal: int, kept: Mapping[str, str]) -> dict[str, Scalar]:
    """The properties that the parts set. Null means not given, and what cannot be written is passed over."""
    known = table()
    attached: Mapping[str, Any] = {known.attachments.name: sent.attachments}
    properties: dict[str, Scalar] = {}
    bad: list[InvalidValue] = []
    for part, members, given in (
        ("engagement", known.engagement, sent.engagement),
        ("metadata", _metadata(kind), sent.metadata),
        ("", (known.attachments,), attached),
    ):
        for member in members:
            one = given.get(member.name)
            if one is None or member.property not in type_.checkers:
                continue
            if member.form == "part":
                properties[member.property] = _with_part(member, one, properties.get(member.property), kept)
            elif member.form == "ids" and isinstance(one, list):
                properties[member.property] = ";".join(text(id_) for id_ in one if not isinstance(id_, list | dict))
            elif isinstance(one, list | dict):
                where = f"{part}.{member.name}".removeprefix(".")
                bad.append(InvalidValue(member.property, "INVALID_VALUE", f"{where} takes a single value.", where))
            else:
                properties[member.property] = one
    if bad:
        raise InvalidValues(bad, portal)
    return properties


def _with_part(member: Member, part: Any, made: Scalar, kept: Mapping[str, str]) -> str:
    """The JSON object that a property is, with one more member."""
    try:
        known = json.loads(text(made) or kept.get(member.property) or "{}")
    except ValueError:
        known = {}
    return json.dumps({**(known if isinstance(known, dict) else {}), member.name: part}, ensure_ascii=False)
