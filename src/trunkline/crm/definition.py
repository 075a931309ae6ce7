"""Property definitions come and go: what a draft makes, what a patch changes, what archiving does (behaviour 11).

A `Draft` is a definition as a client sent it, a `Patch` the members that a change names. Both come to a `Property`;
what it must be like is in `trunkline.crm.requirement`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from trunkline.crm.catalog import ObjectType
from trunkline.crm.property import LAST_PLACE, Group, Option, Property
from trunkline.crm.record import Moment
from trunkline.crm.requirement import (
    CALCULATION,
    Known,
    require_computable,
    require_fitting,
    require_group,
    require_name,
    require_room,
    require_unique_allowed,
    understood,
)
from trunkline.errors import InvalidDefinition, PropertyExists, PropertyInUse, PropertyNotFound, Refusal

FORMULA = "calculationFormula"


class OptionDraft(Struct, frozen=True):
    """One option as sent; without a display order, or with -1, it comes after the others."""

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


def created(draft: Draft, known: Known, now: Moment, require_good: Callable[[str], None] = require_name) -> Property:
    """The property that a draft makes; an archived one of its name comes back with the new definition (11.6, 11.14).

    `require_good` looks at a new name.
    Raises `PropertyExists`, `PropertyNotFound` for a name in a formula, and `InvalidDefinition`.
    """
    if draft.name in known.properties:
        raise PropertyExists(draft.name)
    before = known.archived.get(draft.name)
    if before is None:
        require_good(draft.name)
    require_room(known)
    require_group(draft.group_name, known)
    members = {name: getattr(draft, name) for name in draft.__struct_fields__ if name != "options"}
    definition = Property(
        **members,
        options=_options(draft.options),
        hubspot_defined=False,
        created=now if before is None else before.created,
        updated=now,
    )
    definition = _fitting(definition, draft.hints, known)
    if before is not None:
        _require_same_keys(definition, before)
    if definition.has_unique_value:
        require_unique_allowed(definition, known)
    return definition


def changed(name: str, patch: Patch, type_: ObjectType, now: Moment) -> Property:
    """The property that a patch makes of a live one, the very same where it changes nothing.

    Of HubSpot's own definitions only the options can be changed (behaviour 11.21). Raises `PropertyNotFound` and
    `InvalidDefinition`.
    """
    before = type_.definition(name)
    if patch.group_name not in (None, before.group_name):
        require_group(str(patch.group_name), type_)
    named = {member: getattr(patch, member) for member in patch.__struct_fields__}
    members: dict[str, Any] = {member: value for member, value in named.items() if value is not None}
    if patch.options is not None:
        members["options"] = _options(patch.options)
    members["hints"] = before.hints | patch.hints
    after = replace(before, **members)
    if after == before:
        return before
    if before.hubspot_defined:
        return _with_options(before, after, now)
    if before.has_unique_value and after.type != before.type:
        message = f"Property '{name}' is unique; its type cannot be changed."
        raise InvalidDefinition(message, "CANNOT_CHANGE_TYPE", "type")
    after = _fitting(after, patch.hints, type_)
    return before if after == before else replace(after, updated=now)


def _with_options(before: Property, after: Property, now: Moment) -> Property:
    """HubSpot's own definition with other options; raises `InvalidDefinition` when anything else differs."""
    closed = before.type != "enumeration" or before.external_options or before.read_only
    if closed or replace(after, options=before.options) != before:
        raise _read_only(before.name)
    require_fitting(after)
    return replace(after, updated=now)


def _fitting(definition: Property, hints: dict[str, str | bool], known: Known) -> Property:
    """A definition that meets every rule; one with a formula is calculated whatever it said (behaviour 11.19)."""
    if FORMULA in hints:
        formula = understood(str(hints[FORMULA]))
        definition = replace(
            definition,
            field_type=CALCULATION,
            calculated=True,
            read_only=True,
            hints=definition.hints | {FORMULA: formula.text},
        )
    if (definition.field_type == CALCULATION) != (definition.formula is not None):
        message = "A property of field type calculation_equation needs a calculationFormula, and keeps both."
        raise InvalidDefinition(message, "INVALID_FORMULA", FORMULA)
    owner = definition.external_options and definition.referenced_object_type == "OWNER" and not definition.many
    definition = replace(definition, check="owner" if owner else None)
    require_fitting(definition)
    if definition.formula is not None:
        if definition.has_unique_value:
            require_unique_allowed(definition, known)
        require_computable(definition, understood(definition.formula), known)
    return definition


def archived(name: str, type_: ObjectType, now: Moment) -> Property:
    """A live property as archived; raises `PropertyNotFound`, `PropertyInUse` and `InvalidDefinition`."""
    (gone,) = _archived([type_.definition(name)], type_, now)
    return gone


def archived_all(names: Iterable[str], type_: ObjectType, now: Moment) -> list[Property]:
    """The live ones among these properties as archived; the others are passed over (behaviour 11.9).

    Raises `PropertyInUse` and `InvalidDefinition`.
    """
    found = [type_.properties[name] for name in dict.fromkeys(names) if name in type_.properties]
    return _archived(found, type_, now)


def _archived(found: Sequence[Property], type_: ObjectType, now: Moment) -> list[Property]:
    going = {definition.name for definition in found}
    for definition in found:
        if definition.hubspot_defined:
            raise _read_only(definition.name)
        users = sorted(_users(definition.name, type_) - going)
        if users:
            raise PropertyInUse(type_.id, definition.name, users)
    return [replace(definition, archived=now, updated=now) for definition in found]


def _users(name: str, type_: ObjectType) -> set[str]:
    """The live properties that are calculated from this one."""
    return {d.name for d in type_.properties.values() if d.formula is not None and name in understood(d.formula).names}


class _Growing(Struct):
    """What is known of an object type while a batch adds to it."""

    properties: dict[str, Property]
    archived: Mapping[str, Property]
    unique: dict[str, Property]
    groups: Mapping[str, Group]

    def add(self, definition: Property) -> None:
        """Takes one more live definition."""
        self.properties[definition.name] = definition
        if definition.has_unique_value:
            self.unique[definition.name] = definition


class Made(Struct):
    """What became of a batch of drafts: the new definitions, and by position why the others were refused."""

    definitions: list[Property]
    refused: dict[int, Refusal]


def created_all(
    drafts: Sequence[Draft], type_: ObjectType, now: Moment, require_good: Callable[[str], None] = require_name
) -> Made:
    """What a batch of drafts makes, one after the other, each knowing those before it (behaviour 11.5)."""
    made = Made([], {})
    known = _Growing({**type_.properties}, type_.archived, {**type_.unique}, type_.groups)
    for position, draft in enumerate(drafts):
        try:
            definition = created(draft, known, now, require_good)
        except Refusal as refusal:
            made.refused[position] = refusal
            continue
        made.definitions.append(definition)
        known.add(definition)
    return made


def read_all(names: Iterable[str], known: Mapping[str, Property]) -> Made:
    """The definitions of these names, each once, and by its place in the order why one cannot be shown."""
    made = Made([], {})
    for position, name in enumerate(dict.fromkeys(names)):
        if name in known:
            made.definitions.append(known[name])
        else:
            made.refused[position] = PropertyNotFound(name)
    return made


def _read_only(name: str) -> InvalidDefinition:
    message = f"Property '{name}' is defined by HubSpot; its definition cannot be changed."
    return InvalidDefinition(message, "READ_ONLY_DEFINITION", "name")


def _require_same_keys(definition: Property, before: Property) -> None:
    """A name that comes back brings the records' values back, by which nobody may be found twice: differences."""
    unique = definition.has_unique_value, before.has_unique_value
    if unique != (False, False) and (unique != (True, True) or definition.type != before.type):
        message = f"An archived property named '{before.name}' exists with another uniqueness; choose another name."
        raise InvalidDefinition(message, "ARCHIVED_PROPERTY_DIFFERS", "name")


def _options(drafts: Sequence[OptionDraft]) -> tuple[Option, ...]:
    """The options with their order; those without one come after the others (behaviour 11.3)."""
    last = max((draft.display_order for draft in drafts if draft.display_order is not None), default=-1)
    options: list[Option] = []
    for draft in drafts:
        order = draft.display_order
        if order is None or order == -1:
            order = last = min(last + 1, LAST_PLACE)
        options.append(Option(draft.value, draft.label, order, draft.hidden, draft.description))
    return tuple(options)
