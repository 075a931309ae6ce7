"""The rules of property definitions: what may be created, what a change may change (behaviour 11).

A `Draft` is a definition as a client sent it, a `Patch` the members that a change names. Both come to a `Property`.
"""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

from trunkline.crm.catalog import ObjectType
from trunkline.crm.property import Option, Property
from trunkline.crm.record import Moment
from trunkline.errors import InvalidDefinition, PropertyExists

MOST_UNIQUE = 10
"""Unique properties that one object type may have (behaviour 4.10)."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")

_FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file"),
    "number": ("number",),
    "bool": ("booleancheckbox",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "date": ("date",),
    "datetime": ("date",),
    "phone_number": ("phonenumber",),
}

_NEVER_UNIQUE = ("bool", "enumeration")


class OptionDraft(Struct, frozen=True):
    """One option as sent; without a display order it comes after the others."""

    value: str
    label: str
    display_order: int | None = None
    hidden: bool = False
    description: str = ""


class Draft(Struct, frozen=True, kw_only=True):
    """A new definition as sent."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    description: str = ""
    options: Sequence[OptionDraft] = ()
    display_order: int = -1
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    external_options: bool = False
    referenced_object_type: str | None = None
    hints: dict[str, str | bool] = field(default_factory=dict)


class Patch(Struct, frozen=True, kw_only=True):
    """The members that a change names; the others stay (behaviour 11.8)."""

    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    description: str | None = None
    options: Sequence[OptionDraft] | None = None
    display_order: int | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    hints: dict[str, str | bool] = field(default_factory=dict)


def created(draft: Draft, type_: ObjectType, now: Moment) -> Property:
    """The property that a draft makes; an archived one of its name comes back with the new definition (11.6).

    Raises `PropertyExists` and `InvalidDefinition`.
    """
    if draft.name in type_.properties:
        raise PropertyExists(draft.name)
    if not _NAME.fullmatch(draft.name):
        message = f"Property name '{draft.name}' is not valid: a lower-case letter, then letters, digits, underscores."
        raise InvalidDefinition(message, "INVALID_PROPERTY_NAME", "name")
    before = type_.archived.get(draft.name)
    if before is not None:
        _require_same_values(draft, before)
    if draft.has_unique_value:
        _require_unique_allowed(draft, type_)
    members = {name: getattr(draft, name) for name in draft.__struct_fields__ if name != "options"}
    definition = Property(
        **members,
        options=_options(draft.type, draft.options),
        hubspot_defined=False,
        created=now if before is None else before.created,
        updated=now,
    )
    _require_fitting(definition)
    return definition


def changed(name: str, patch: Patch, type_: ObjectType, now: Moment) -> Property:
    """The property that a patch makes of a live one; raises `PropertyNotFound` and `InvalidDefinition`."""
    before = _own(name, type_)
    members = {name: value for name in patch.__struct_fields__ if (value := getattr(patch, name)) is not None}
    kind = patch.type or before.type
    if patch.options is not None:
        members["options"] = _options(kind, patch.options)
    members["hints"] = before.hints | patch.hints
    after = msgspec.structs.replace(before, **members, updated=now)
    if before.has_unique_value and after.type != before.type:
        raise InvalidDefinition(
            f"Property '{name}' is unique; its type cannot be changed.", "CANNOT_CHANGE_TYPE", "type"
        )
    _require_fitting(after)
    return after


def archived(name: str, type_: ObjectType, now: Moment) -> Property:
    """A live property as archived; raises `PropertyNotFound` and `InvalidDefinition`."""
    return msgspec.structs.replace(_own(name, type_), archived=now, updated=now)


def _own(name: str, type_: ObjectType) -> Property:
    definition = type_.definition(name)
    if definition.hubspot_defined:
        raise InvalidDefinition(
            f"Property '{name}' is defined by HubSpot; its definition cannot be changed.",
            "READ_ONLY_DEFINITION",
            "name",
        )
    return definition


def _require_same_values(draft: Draft, before: Property) -> None:
    """A name that comes back brings the records' values back, so they must still fit (chosen: differences)."""
    if (draft.type, draft.has_unique_value) != (before.type, before.has_unique_value):
        raise InvalidDefinition(
            f"An archived property named '{draft.name}' exists with another type or uniqueness; choose another name.",
            "ARCHIVED_PROPERTY_DIFFERS",
            "name",
        )


def _require_unique_allowed(draft: Draft, type_: ObjectType) -> None:
    if draft.type in _NEVER_UNIQUE:
        raise InvalidDefinition(
            f"A property of type {draft.type} cannot have unique values.", "UNIQUE_NOT_SUPPORTED", "hasUniqueValue"
        )
    own = [d for d in type_.unique.values() if not d.hubspot_defined and d.name != draft.name]
    if len(own) >= MOST_UNIQUE:
        raise InvalidDefinition(
            f"The maximum number of unique properties of an object is {MOST_UNIQUE}.",
            "UNIQUE_PROPERTY_LIMIT",
            "hasUniqueValue",
        )


def _require_fitting(definition: Property) -> None:
    allowed = _FIELD_TYPES.get(definition.type, ())
    if definition.field_type not in allowed:
        raise InvalidDefinition(
            f"Field type {definition.field_type} does not fit type {definition.type}; "
            f"it takes {', '.join(allowed) or 'none'}.",
            "INVALID_FIELD_TYPE",
            "fieldType",
        )
    values = [option.value for option in definition.options]
    if len(set(values)) != len(values):
        raise InvalidDefinition("Two options have the same value.", "DUPLICATE_OPTION_VALUES", "options")
    if definition.type == "bool" and sorted(values) != ["false", "true"]:
        raise InvalidDefinition(
            "A property of type bool has exactly the options true and false.", "INVALID_BOOLEAN_OPTION", "options"
        )


def _options(kind: str, drafts: Sequence[OptionDraft]) -> tuple[Option, ...]:
    """The options with their order; those without one come after the others (behaviour 11.3)."""
    if kind == "bool" and not drafts:
        drafts = (OptionDraft("true", "True"), OptionDraft("false", "False"))
    last = max((draft.display_order for draft in drafts if draft.display_order is not None), default=-1)
    options: list[Option] = []
    for draft in drafts:
        if draft.display_order is None:
            last += 1
        order = last if draft.display_order is None else draft.display_order
        options.append(Option(draft.value, draft.label, order, draft.hidden, draft.description))
    return tuple(options)
