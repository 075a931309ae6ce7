"""HubSpot's shapes of the schema of a custom object (behaviour 13)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.catalog import ObjectType
from trunkline.crm.custom import LinkDraft, SchemaDraft, SchemaPatch
from trunkline.crm.link import Links, LinkType
from trunkline.crm.schema import Schema
from trunkline.crm.values import moment, text
from trunkline.wire.body import Reader
from trunkline.wire.property import (
    MEMBERS,
    MODELS,
    Definition,
    FieldType,
    NewDefinitionBody,
    Truth,
    Type,
    Words,
    draft,
    render,
)
from trunkline.wire.shape import Array, Flag, Object, Shape, Text

OBJECTS = "com.hubspot.inbounddb.publicobject.core.v2"

HUBSPOT = "HUBSPOT"
"""The meta type of what comes with HubSpot."""

PORTAL_SPECIFIC = "PORTAL_SPECIFIC"
"""The meta type of a custom object."""

MetaType = Literal["HUBSPOT", "PORTAL_SPECIFIC"]
Cardinality = Literal["ONE_TO_MANY", "ONE_TO_ONE"]


class LabelsBody(Struct, kw_only=True):
    """What the records of an object are called."""

    singular: Words | None = None
    plural: Words | None = None


class SchemaPropertyBody(NewDefinitionBody, rename="camel", kw_only=True):
    """A property of a new schema; one of a short text unless it says otherwise (behaviour 13.3)."""

    type: Type = "string"
    field_type: FieldType = "text"
    group_name: Words = ""


class NewSchemaBody(Struct, rename="camel", kw_only=True):
    """A new schema in a body."""

    name: Words
    labels: LabelsBody
    properties: list[SchemaPropertyBody]
    required_properties: list[Words]
    associated_objects: list[Words]
    description: Words | None = None
    primary_display_property: Words | None = None
    searchable_properties: list[Words] | None = None
    secondary_display_properties: list[Words] | None = None
    allows_sensitive_properties: Truth | None = None
    should_create_same_object_association: Truth | None = None


class SchemaBody(Struct, rename="camel", kw_only=True):
    """The change of a schema in a body: what it leaves out, or has as null, stays."""

    labels: LabelsBody | None = None
    description: Words | None = None
    clear_description: Truth | None = None
    primary_display_property: Words | None = None
    required_properties: list[Words] | None = None
    searchable_properties: list[Words] | None = None
    secondary_display_properties: list[Words] | None = None
    allows_sensitive_properties: Truth | None = None
    restorable: Truth | None = None


class SchemasBody(Struct, rename="camel", kw_only=True):
    """Which schemas to read, and how much of them."""

    inputs: list[Words]
    include_association_definitions: Truth
    include_audit_metadata: Truth
    include_property_definitions: Truth


class LinkBody(Struct, rename="camel", kw_only=True):
    """A new association of an object."""

    from_object_type_id: Words
    to_object_type_id: Words
    name: Words | None = None


def _texts() -> Array:
    return Array("java.util.List<java.lang.String>", Text())


_labels = Object(f"{OBJECTS}.ObjectTypeDefinitionLabels", {"singular": Text(), "plural": Text()}, nullable=False)
_property = Object(f"{MODELS}.PropertyCreate", MEMBERS, required=("name", "label"), nullable=False)
_shown: Mapping[str, Shape] = {
    "labels": _labels,
    "description": Text(),
    "primaryDisplayProperty": Text(),
    "requiredProperties": _texts(),
    "searchableProperties": _texts(),
    "secondaryDisplayProperties": _texts(),
    "allowsSensitiveProperties": Flag(),
}
_new = Reader(
    NewSchemaBody,
    Object(
        f"{OBJECTS}.ObjectSchemaEgg",
        {
            **_shown,
            "name": Text(),
            "properties": Array(f"java.util.List<{MODELS}.PropertyCreate>", _property),
            "associatedObjects": _texts(),
            "shouldCreateSameObjectAssociation": Flag(),
        },
        required=("name", "labels", "properties", "requiredProperties", "associatedObjects"),
    ),
)
_changed = Reader(
    SchemaBody,
    Object(
        f"{OBJECTS}.ObjectTypeDefinitionPatch",
        {
            **_shown,
            "labels": Object(_labels.java, _labels.fields),
            "clearDescription": Flag(),
            "restorable": Flag(),
        },
    ),
)
_included = ("includeAssociationDefinitions", "includeAuditMetadata", "includePropertyDefinitions")
_asked = Reader(
    SchemasBody,
    Object(
        f"{OBJECTS}.ObjectSchemaBatchReadRequest",
        {"inputs": _texts(), **{name: Flag() for name in _included}},
        required=("inputs", *_included),
    ),
)
_linked = Reader(
    LinkBody,
    Object(
        f"{OBJECTS}.AssociationDefinitionEgg",
        {"fromObjectTypeId": Text(), "toObjectTypeId": Text(), "name": Text()},
        required=("fromObjectTypeId", "toObjectTypeId"),
    ),
)


def decode_draft(body: bytes) -> SchemaDraft:
    """A new schema; raises `MalformedBody`."""
    sent = _new.read(body)
    return SchemaDraft(
        name=text(sent.name),
        singular=_label(sent.labels.singular) or "",
        plural=_label(sent.labels.plural) or "",
        properties=[draft(one) for one in sent.properties],
        required=[text(name) for name in sent.required_properties],
        associated=[text(name) for name in sent.associated_objects],
        description=_label(sent.description) or None,
        primary=_label(sent.primary_display_property) or None,
        searchable=_named(sent.searchable_properties),
        secondary=_named(sent.secondary_display_properties) or (),
        allows_sensitive=_truth(sent.allows_sensitive_properties) or False,
        itself=_truth(sent.should_create_same_object_association) or False,
    )


def decode_patch(body: bytes) -> SchemaPatch:
    """The change of a schema; raises `MalformedBody`."""
    sent = _changed.read(body)
    labels = sent.labels or LabelsBody()
    return SchemaPatch(
        singular=_label(labels.singular),
        plural=_label(labels.plural),
        description=_label(sent.description),
        primary=_label(sent.primary_display_property),
        required=_named(sent.required_properties),
        searchable=_named(sent.searchable_properties),
        secondary=_named(sent.secondary_display_properties),
        allows_sensitive=_truth(sent.allows_sensitive_properties),
        restorable=_truth(sent.restorable),
        forget=_truth(sent.clear_description) or False,
    )


class Included(Struct, frozen=True):
    """How much of a schema is asked for."""

    properties: bool = True
    associations: bool = True
    audit: bool = True


def decode_read(body: bytes) -> tuple[list[str], Included]:
    """Which schemas to read, and how much of them; raises `MalformedBody`."""
    sent = _asked.read(body)
    flags = (sent.include_property_definitions, sent.include_association_definitions, sent.include_audit_metadata)
    return [text(name) for name in sent.inputs], Included(*(flag in (True, "true") for flag in flags))


def decode_link(body: bytes) -> LinkDraft:
    """A new association of an object; raises `MalformedBody`."""
    sent = _linked.read(body)
    return LinkDraft(text(sent.from_object_type_id), text(sent.to_object_type_id), _label(sent.name) or None)


def _label(sent: Words | None) -> str | None:
    return None if sent is None else text(sent)


def _named(sent: Sequence[Words] | None) -> tuple[str, ...] | None:
    return None if sent is None else tuple(text(name) for name in sent)


def _truth(sent: Truth | None) -> bool | None:
    return None if sent is None else sent in (True, "true")


class Labels(Struct):
    """What the records of an object are called."""

    singular: str
    plural: str


class AssociationDefinition(Struct, rename="camel", kw_only=True):
    """One direction of a type of association, as a schema tells it (behaviour 13.5)."""

    from_object_type_id: str
    to_object_type_id: str
    name: str
    cardinality: Cardinality
    inverse_cardinality: Cardinality
    id: str


class _Told(Struct, rename="camel", kw_only=True):
    """What is always told of a schema, members in HubSpot's order."""

    labels: Labels
    required_properties: Sequence[str]
    searchable_properties: Sequence[str]
    primary_display_property: str | UnsetType = UNSET
    secondary_display_properties: Sequence[str]
    description: str | UnsetType = UNSET
    allows_sensitive_properties: bool
    archived: bool
    restorable: bool
    meta_type: MetaType
    id: str
    fully_qualified_name: str
    created_at: str
    updated_at: str
    object_type_id: str
    name: str


class ObjectTypeDefinition(_Told, rename="camel", kw_only=True):
    """A schema without its properties and associations."""

    portal_id: int


class ObjectSchema(_Told, rename="camel", kw_only=True):
    """A schema in full. What comes with HubSpot is told in this shape, too (behaviour 13.9)."""

    created_by_user_id: int | UnsetType = UNSET
    updated_by_user_id: int | UnsetType = UNSET
    properties: list[Definition]
    associations: list[AssociationDefinition]


class SchemaList(Struct):
    """The answer of a list of schemas; there are no pages."""

    results: list[ObjectSchema]


def definition(type_: ObjectType, schema: Schema, portal: int) -> bytes:
    """The answer of a change."""
    return msgspec.json.encode(ObjectTypeDefinition(**_custom(type_, schema), portal_id=portal))


def encode(shown: ObjectSchema) -> bytes:
    """The answer of a read or a create."""
    return msgspec.json.encode(shown)


def encode_list(shown: Iterable[ObjectSchema]) -> bytes:
    """The answer of a list."""
    return msgspec.json.encode(SchemaList(list(shown)))


def encode_link(link: LinkType, links: Links) -> bytes:
    """The answer to a new association."""
    return msgspec.json.encode(_association(link, links))


def show(type_: ObjectType, schema: Schema | None, links: Links, included: Included) -> ObjectSchema:
    """The schema of an object type; of one that comes with HubSpot there is none."""
    properties = sorted(type_.properties.values(), key=lambda one: one.name) if included.properties else []
    associations = links.of(type_.id) if included.associations else []
    audit = included.audit and schema is not None
    return ObjectSchema(
        **(_shipped(type_) if schema is None else _custom(type_, schema)),
        created_by_user_id=(schema.created_by or UNSET) if audit and schema else UNSET,
        updated_by_user_id=(schema.updated_by or UNSET) if audit and schema else UNSET,
        properties=[render(one) for one in properties],
        associations=[_association(link, links) for link in associations],
    )


def _association(link: LinkType, links: Links) -> AssociationDefinition:
    back = links.inverse(link)
    return AssociationDefinition(
        from_object_type_id=link.source,
        to_object_type_id=link.target,
        name=link.name,
        cardinality=_cardinality(link),
        inverse_cardinality=_cardinality(back or link),
        id=str(link.id),
    )


def _cardinality(link: LinkType) -> Cardinality:
    return "ONE_TO_ONE" if link.primary else "ONE_TO_MANY"


def _custom(type_: ObjectType, schema: Schema) -> dict[str, Any]:
    return {
        "labels": Labels(schema.singular, schema.plural),
        "required_properties": type_.required,
        "searchable_properties": type_.data.searchable_properties,
        "primary_display_property": schema.primary or UNSET,
        "secondary_display_properties": schema.secondary,
        "description": UNSET if schema.description is None else schema.description,
        "allows_sensitive_properties": schema.allows_sensitive,
        "archived": schema.archived is not None,
        "restorable": schema.restorable,
        "meta_type": PORTAL_SPECIFIC,
        "id": str(schema.number),
        "fully_qualified_name": type_.data.plural,
        "created_at": moment(schema.created),
        "updated_at": moment(schema.updated),
        "object_type_id": type_.id,
        "name": schema.name,
    }


def _shipped(type_: ObjectType) -> dict[str, Any]:
    searchable = type_.data.searchable_properties
    return {
        "labels": Labels(**type_.data.labels),
        "required_properties": type_.required,
        "searchable_properties": searchable,
        "primary_display_property": searchable[0] if searchable else UNSET,
        "secondary_display_properties": (),
        "allows_sensitive_properties": True,
        "archived": False,
        "restorable": True,
        "meta_type": HUBSPOT,
        "id": type_.id.removeprefix("0-"),
        "fully_qualified_name": type_.name,
        "created_at": moment(0),
        "updated_at": moment(0),
        "object_type_id": type_.id,
        "name": type_.name,
    }
