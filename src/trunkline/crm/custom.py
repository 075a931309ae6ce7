"""Custom objects come and go: what a schema's draft makes, what a patch changes, what deleting does (behaviour 13)."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.catalog import Catalog, ObjectType, of_schema
from trunkline.crm.definition import Draft, created_all
from trunkline.crm.link import USER_DEFINED, Links, LinkType
from trunkline.crm.property import Property
from trunkline.crm.record import Moment
from trunkline.crm.requirement import require_any_case
from trunkline.crm.schema import CUSTOM, Schema
from trunkline.errors import (
    InvalidSchema,
    LabelExists,
    SchemaExists,
    SchemaLinkNotFound,
    TooManySchemas,
    UnknownObjectType,
)

MOST = 10
"""Custom objects of one portal (behaviour 13.8)."""

LONGEST_NAME = 100
"""Characters of a schema's name (chosen: differences)."""

LONGEST_LABEL = 255
"""Characters of a label (chosen: differences)."""

ACTIVITIES = ("0-27", "0-46", "0-47", "0-48", "0-49", "0-18", "0-116")
"""The object types that every custom object can be tied to from the start (behaviour 13.5)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class SchemaDraft(Struct, frozen=True, kw_only=True):
    """A new schema as sent. `associated` names object types in any spelling, `itself` ties the new one to itself.

    The group of a property's draft may be left empty; without `searchable` the primary display property is searched.
    """

    name: str
    singular: str
    plural: str
    properties: Sequence[Draft]
    required: Sequence[str]
    associated: Sequence[str]
    description: str | None = None
    primary: str | None = None
    searchable: Sequence[str] | None = None
    secondary: Sequence[str] = ()
    allows_sensitive: bool = False
    itself: bool = False


class SchemaPatch(Struct, frozen=True, kw_only=True):
    """The members that a change names; the others stay. `forget` takes the description away."""

    singular: str | None = None
    plural: str | None = None
    description: str | None = None
    primary: str | None = None
    required: tuple[str, ...] | None = None
    searchable: tuple[str, ...] | None = None
    secondary: tuple[str, ...] | None = None
    allows_sensitive: bool | None = None
    restorable: bool | None = None
    forget: bool = False


class LinkDraft(Struct, frozen=True):
    """A new association between two object types, in any spelling."""

    source: str
    target: str
    name: str | None = None


class Made(Struct, frozen=True):
    """All that a new schema defines."""

    schema: Schema
    properties: Sequence[Property]
    links: Sequence[LinkType]


def created(draft: SchemaDraft, catalog: Catalog, user: int, now: Moment) -> Made:
    """What a draft makes.

    Raises `SchemaExists`, `TooManySchemas`, `UnknownObjectType`, `InvalidSchema` and what a property is refused with.
    """
    _require_name(draft.name, catalog)
    searchable = draft.searchable if draft.searchable is not None else [draft.primary] if draft.primary else []
    schema = Schema(
        number=catalog.next_schema,
        name=draft.name,
        singular=draft.singular,
        plural=draft.plural,
        description=draft.description,
        required=_distinct(draft.required),
        searchable=_distinct(searchable),
        primary=draft.primary,
        secondary=_distinct(draft.secondary),
        allows_sensitive=draft.allows_sensitive,
        created=now,
        updated=now,
        created_by=user,
        updated_by=user,
    )
    empty = ObjectType(of_schema(schema, catalog.portal, ()))
    drafts = [one if one.group_name else replace(one, group_name=schema.group) for one in draft.properties]
    made = created_all(drafts, empty, now, require_any_case)
    for refusal in made.refused.values():
        raise refusal
    _require_fitting(schema, ObjectType(empty.data, made.definitions))
    others = [catalog.type(name).data for name in (*draft.associated, *ACTIVITIES)]
    ends = dict.fromkeys((other.type_id, other.singular) for other in others)
    itself = [(schema.type_id, schema.name)] if draft.itself else []
    return Made(schema, made.definitions, _plain(schema, [*ends, *itself], catalog.links.next_own))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _require_name(name: str, catalog: Catalog) -> None:
    """A name that is well formed and free, and room for it (behaviour 13.1, 13.7, 13.8)."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        message = (
            f"Object type name '{name[:LONGEST_NAME]}' is not valid: a letter, then letters, digits and underscores, "
            f"{LONGEST_NAME} characters at most."
        )
        raise InvalidSchema(message, "INVALID_OBJECT_TYPE_NAME", "name")
    if any(schema.name.lower() == name.lower() for schema in catalog.schemas):
        raise SchemaExists(name)
    if sum(schema.archived is None for schema in catalog.schemas) >= MOST:
        raise TooManySchemas(MOST)


def _require_fitting(schema: Schema, type_: ObjectType) -> None:
    """Labels that can be read, and properties that the object has."""
    for field, label in (("labels.singular", schema.singular), ("labels.plural", schema.plural)):
        if not label.strip() or "\0" in label or len(label) > LONGEST_LABEL:
            message = f"{field} cannot be blank, nor longer than {LONGEST_LABEL} characters."
            raise InvalidSchema(message, "INVALID_LABEL", field)
    named = {
        "requiredProperties": schema.required,
        "searchableProperties": schema.searchable,
        "primaryDisplayProperty": () if schema.primary is None else (schema.primary,),
        "secondaryDisplayProperties": schema.secondary,
    }
    for field, names in named.items():
        for name in names:
            _require_property(name, field, type_)


def _require_property(name: str, field: str, type_: ObjectType) -> None:
    definition = type_.properties.get(name)
    if definition is None:
        message = f"Property '{name}' of {field} does not exist."
        raise InvalidSchema(message, "PROPERTY_DOESNT_EXIST", field)
    if field == "requiredProperties" and definition.read_only:
        raise InvalidSchema(f"Property '{name}' is read-only and cannot be required.", "READ_ONLY_VALUE", field)


def _plain(schema: Schema, others: Iterable[tuple[str, str]], number: int) -> list[LinkType]:
    """The plain ties between a custom object and others, given by type id and name, numbered from one on."""
    made: list[LinkType] = []
    for other, name in others:
        made += pair(schema.type_id, other, f"{schema.name}_to_{name}", number + len(made))
    return made


def pair(source: str, target: str, name: str, number: int, label: str | None = None) -> list[LinkType]:
    """A type of association in both directions, which have one name (behaviour 13.5); plain unless it has a label."""
    plain = label is None
    if source == target:
        same = LinkType(number, source, target, name, label, inverse=number, default=plain, category=USER_DEFINED)
        return [same]
    return [
        LinkType(number, source, target, name, label, inverse=number + 1, default=plain, category=USER_DEFINED),
        LinkType(number + 1, target, source, name, label, inverse=number, default=plain, category=USER_DEFINED),
    ]


def changed(patch: SchemaPatch, schema: Schema, type_: ObjectType, user: int, now: Moment) -> Schema:
    """The schema that a patch makes of a live one, the very same where it changes nothing; raises `InvalidSchema`."""
    named = {name: getattr(patch, name) for name in patch.__struct_fields__ if name != "forget"}
    members = {name: value for name, value in named.items() if value is not None}
    for name in ("required", "searchable", "secondary"):
        if name in members:
            members[name] = _distinct(members[name])
    after = replace(schema, **members)
    if patch.forget:
        after = replace(after, description=None)
    if after == schema:
        return schema
    # What it names already may have been archived since; only what is new has to be there.
    _require_fitting(_news(after, schema), type_)
    return replace(after, updated=now, updated_by=user)


def _news(after: Schema, before: Schema) -> Schema:
    return replace(
        after,
        required=tuple(name for name in after.required if name not in before.required),
        searchable=tuple(name for name in after.searchable if name not in before.searchable),
        secondary=tuple(name for name in after.secondary if name not in before.secondary),
        primary=None if after.primary == before.primary else after.primary,
    )


def found(alias: str, catalog: Catalog, *, archived: bool = False) -> Schema:
    """The schema of a live custom object, or also of an archived one; raises `UnknownObjectType`, `InvalidSchema`."""
    try:
        type_ = catalog.type(alias)
    except UnknownObjectType:
        gone = _by_alias(alias, catalog) if archived else None
        if gone is None:
            raise
        return gone
    schema = catalog.schema(type_)
    if schema is None:
        message = f"{type_.name} comes with HubSpot; its schema cannot be changed."
        raise InvalidSchema(message, "NOT_A_CUSTOM_OBJECT", "objectType")
    return schema


def _by_alias(alias: str, catalog: Catalog) -> Schema | None:
    """The archived schema of an alias."""
    for schema in catalog.schemas:
        spellings = (schema.type_id, schema.qualified(catalog.portal), schema.short, schema.name)
        if schema.archived is not None and alias.lower() in {spelling.lower() for spelling in spellings}:
            return schema
    return None


def removed(schema: Schema, links: Links, now: Moment, *, for_good: bool) -> tuple[Schema, list[LinkType]]:
    """A schema as archived, or as gone for good, and its associations, which end with it."""
    after = replace(schema, archived=schema.archived or now, gone=now if for_good else None, updated=now)
    return after, [replace(link, archived=now) for link in links.of(schema.type_id)]


def tied(draft: LinkDraft, type_: ObjectType, catalog: Catalog) -> list[LinkType]:
    """The types of a new association of an object type, the asked direction first.

    The first one between two types is their plain tie; a further one is told apart by its name, as by a label. Raises
    `UnknownObjectType`, `InvalidSchema` and `LabelExists`.
    """
    source, target = catalog.type(draft.source), catalog.type(draft.target)
    if type_.id not in (source.id, target.id) or not any(end.id.startswith(CUSTOM) for end in (source, target)):
        message = f"An association of {type_.name} has to lead from it or to it, and one end is a custom object."
        raise InvalidSchema(message, "INVALID_ASSOCIATION", "fromObjectTypeId")
    links = catalog.links
    plain = links.default(source.id, target.id) is None
    name = draft.name or f"{source.data.singular}_to_{target.data.singular}"
    if not name.strip() or len(name) > LONGEST_LABEL:
        raise InvalidSchema(f"name cannot be longer than {LONGEST_LABEL} characters.", "TOO_LONG", "name")
    if links.by_name(source.id, target.id, name) is not None:
        raise LabelExists("name", name)
    return pair(source.id, target.id, name, links.next_own, None if plain else name)


def untied(identifier: str, type_: ObjectType, links: Links, now: Moment) -> list[LinkType]:
    """The types of an association that ends, named by its id or its name; raises `SchemaLinkNotFound`."""
    for link in links.of(type_.id):
        if link.category == USER_DEFINED and identifier in (str(link.id), link.name):
            both = dict.fromkeys((link, links.inverse(link) or link))
            return [replace(one, archived=now) for one in both]
    raise SchemaLinkNotFound(identifier[:100])
