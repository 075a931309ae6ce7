"""HubSpot's shapes of a property definition (behaviour 11)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.definition import Draft, OptionDraft, Patch
from trunkline.crm.property import Property
from trunkline.crm.values import moment
from trunkline.errors import InvalidDefinition
from trunkline.wire.body import Reader
from trunkline.wire.shape import Array, Flag, Object, Text, Whole

HINTS = (
    "calculationFormula",
    "currencyPropertyName",
    "dataSensitivity",
    "dateDisplayHint",
    "numberDisplayHint",
    "showCurrencySymbol",
    "textDisplayHint",
)
"""Members that are kept and shown as they came."""


class OptionBody(Struct, rename="camel", kw_only=True):
    """One option in a body."""

    value: str
    label: str
    display_order: int | None = None
    hidden: bool | None = None
    description: str | None = None


class DefinitionBody(Struct, rename="camel", kw_only=True):
    """A definition in a body, new or as a change; a new one needs the first five."""

    name: str | None = None
    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    description: str | None = None
    options: list[OptionBody] | None = None
    display_order: int | None = None
    has_unique_value: bool | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    external_options: bool | None = None
    referenced_object_type: str | None = None
    calculation_formula: str | None = None
    currency_property_name: str | None = None
    data_sensitivity: str | None = None
    date_display_hint: str | None = None
    number_display_hint: str | None = None
    show_currency_symbol: bool | None = None
    text_display_hint: str | None = None


class NewDefinitionBody(DefinitionBody, rename="camel", kw_only=True):
    """A new definition in a body."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str


_option = Object(
    "com.hubspot.properties.models.PropertyOption",
    {"value": Text(), "label": Text(), "displayOrder": Whole(), "hidden": Flag(), "description": Text()},
    required=("value", "label"),
    nullable=False,
)
_members: dict[str, Any] = {
    **{name: Text() for name in ("name", "label", "type", "fieldType", "groupName", "description", *HINTS)},
    "referencedObjectType": Text(),
    "options": Array("java.util.ArrayList<com.hubspot.properties.models.PropertyOption>", _option),
    "displayOrder": Whole(),
    "hasUniqueValue": Flag(),
    "hidden": Flag(),
    "formField": Flag(),
    "externalOptions": Flag(),
    "showCurrencySymbol": Flag(),
}
_NEEDED = ("name", "label", "type", "fieldType", "groupName")
_new = Reader(NewDefinitionBody, Object("com.hubspot.properties.models.PropertyCreate", _members, required=_NEEDED))
_changed = Reader(DefinitionBody, Object("com.hubspot.properties.models.PropertyUpdate", _members))


def decode_draft(body: bytes) -> Draft:
    """A new definition; raises `MalformedBody` and `InvalidDefinition`."""
    sent = _new.read(body)
    if sent.field_type == "calculation_equation" or sent.calculation_formula is not None:
        raise InvalidDefinition("Calculated properties cannot be created.", "CALCULATION_NOT_SUPPORTED", "fieldType")
    members = _given(sent)
    return Draft(**members)


def decode_patch(body: bytes) -> Patch:
    """The change of a definition; what cannot be changed is passed over (behaviour 11.8)."""
    members = _given(_changed.read(body))
    members["hints"].pop("dataSensitivity", None)
    return Patch(**{name: value for name, value in members.items() if name in Patch.__struct_fields__})


def _given(sent: DefinitionBody) -> dict[str, Any]:
    members = {name: value for name in sent.__struct_fields__ if (value := getattr(sent, name)) is not None}
    wire_names = dict(zip(sent.__struct_fields__, sent.__struct_encode_fields__, strict=True))
    hints = {wire_names[name]: members.pop(name) for name in list(members) if wire_names[name] in HINTS}
    if sent.options is not None:
        members["options"] = [_option_draft(option) for option in sent.options]
    return members | {"hints": hints}


def _option_draft(sent: OptionBody) -> OptionDraft:
    return OptionDraft(sent.value, sent.label, sent.display_order, bool(sent.hidden), sent.description or "")


class OptionAnswer(Struct, rename="camel"):
    """One option in an answer (behaviour 11.3)."""

    label: str
    value: str
    display_order: int
    hidden: bool
    description: str | UnsetType = UNSET


class Modification(Struct, rename="camel"):
    """What may be modified of a definition, and of its values."""

    archivable: bool
    read_only_definition: bool
    read_only_value: bool


class Definition(Struct, rename="camel", kw_only=True):
    """A definition as HubSpot answers it, members in its order (behaviour 11.2)."""

    updated_at: str | UnsetType
    created_at: str | UnsetType
    archived_at: str | UnsetType
    name: str
    label: str
    type: str
    field_type: str
    description: str
    group_name: str
    options: list[OptionAnswer]
    referenced_object_type: str | UnsetType
    display_order: int
    calculated: bool
    external_options: bool
    archived: bool
    has_unique_value: bool
    hidden: bool
    hubspot_defined: bool | UnsetType
    modification_metadata: Modification
    form_field: bool


def render(definition: Property) -> dict[str, Any]:
    """A definition in HubSpot's shape."""
    own = not definition.hubspot_defined
    answer = Definition(
        updated_at=moment(definition.updated) if own else UNSET,
        created_at=moment(definition.created) if own else UNSET,
        archived_at=UNSET if definition.archived is None else moment(definition.archived),
        name=definition.name,
        label=definition.label,
        type=definition.type,
        field_type=definition.field_type,
        description=definition.description,
        group_name=definition.group_name,
        options=[
            OptionAnswer(o.label, o.value, o.display_order, o.hidden, o.description or UNSET)
            for o in definition.options
        ],
        referenced_object_type=definition.referenced_object_type or UNSET,
        display_order=definition.display_order,
        calculated=definition.calculated,
        external_options=definition.external_options,
        archived=definition.archived is not None,
        has_unique_value=definition.has_unique_value,
        hidden=definition.hidden,
        hubspot_defined=UNSET if own else True,
        modification_metadata=Modification(own, not own, definition.read_only),
        form_field=definition.form_field,
    )
    members: dict[str, Any] = msgspec.to_builtins(answer)
    return members | {"dataSensitivity": "non_sensitive"} | definition.hints


def encode(definition: Property) -> bytes:
    """The answer of a read, a create or a change."""
    return msgspec.json.encode(render(definition))


def encode_list(definitions: Iterable[Property]) -> bytes:
    """The answer of a list, sorted by name."""
    ordered = sorted(definitions, key=lambda definition: definition.name)
    return msgspec.json.encode({"results": [render(definition) for definition in ordered]})
