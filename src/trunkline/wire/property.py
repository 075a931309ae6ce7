"""HubSpot's shapes of a property definition (behaviour 11)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trunkline.crm.definition import Draft, OptionDraft, Patch
from trunkline.crm.property import Property
from trunkline.crm.values import moment, text
from trunkline.wire.body import Reader
from trunkline.wire.shape import Array, Choice, Flag, Object, Shape, Text, Whole

MODELS = "com.hubspot.properties.models"

Type = Literal["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"]
FieldType = Literal[
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea",
]
DataSensitivity = Literal["highly_sensitive", "non_sensitive", "sensitive"]
NumberDisplayHint = Literal["currency", "duration", "formatted", "percentage", "probability", "unformatted"]
TextDisplayHint = Literal[
    "domain_name",
    "email",
    "ip_address",
    "multi_line",
    "phone_number",
    "physical_address",
    "postal_code",
    "unformatted_single_line",
]

Words = str | int | float | bool
"""A text; the service takes a number, true and false for their text (behaviour 5.4)."""

Truth = bool | Literal["true", "false"]
"""True or false, or their text."""

Order = Annotated[int, Meta(ge=-(2**31), lt=2**31)] | Annotated[str, Meta(pattern=r"^[+-]?[0-9]{1,9}$")]
"""An integer of 32 bits, or its text."""

HINTS = (
    "calculationFormula",
    "currencyPropertyName",
    "dataSensitivity",
    "numberDisplayHint",
    "showCurrencySymbol",
    "textDisplayHint",
)
"""Members that are kept as they came; `dateDisplayHint` is passed over (behaviour 11.17)."""


class OptionBody(Struct, rename="camel", kw_only=True):
    """One option in a body."""

    value: Words
    label: Words
    display_order: Order | None = None
    hidden: Truth | None = None
    description: Words | None = None


class DefinitionBody(Struct, rename="camel", kw_only=True):
    """The change of a definition in a body: what it leaves out, or has as null, stays."""

    name: Words | None = None
    label: Words | None = None
    type: Type | None = None
    field_type: FieldType | None = None
    group_name: Words | None = None
    description: Words | None = None
    options: list[OptionBody] | None = None
    display_order: Order | None = None
    has_unique_value: Truth | None = None
    hidden: Truth | None = None
    form_field: Truth | None = None
    external_options: Truth | None = None
    referenced_object_type: Words | None = None
    calculation_formula: Words | None = None
    currency_property_name: Words | None = None
    data_sensitivity: DataSensitivity | None = None
    number_display_hint: NumberDisplayHint | None = None
    show_currency_symbol: Truth | None = None
    text_display_hint: TextDisplayHint | None = None


class NewDefinitionBody(DefinitionBody, rename="camel", kw_only=True):
    """A new definition in a body; these five must be there."""

    name: Words
    label: Words
    type: Type
    field_type: FieldType
    group_name: Words


_option = Object(
    f"{MODELS}.PropertyOption",
    {"value": Text(), "label": Text(), "displayOrder": Whole(), "hidden": Flag(), "description": Text()},
    required=("value", "label"),
    nullable=False,
)
MEMBERS: Mapping[str, Shape] = {
    **{name: Text() for name in ("name", "label", "groupName", "description", "referencedObjectType")},
    **{name: Text() for name in ("calculationFormula", "currencyPropertyName")},
    **{name: Flag() for name in ("hasUniqueValue", "hidden", "formField", "externalOptions", "showCurrencySymbol")},
    "type": Choice(f"{MODELS}.PropertyType", get_args(Type)),
    "fieldType": Choice(f"{MODELS}.PropertyFieldType", get_args(FieldType)),
    "dataSensitivity": Choice(f"{MODELS}.DataSensitivity", get_args(DataSensitivity)),
    "numberDisplayHint": Choice(f"{MODELS}.NumberDisplayHint", get_args(NumberDisplayHint)),
    "textDisplayHint": Choice(f"{MODELS}.TextDisplayHint", get_args(TextDisplayHint)),
    "options": Array(f"java.util.ArrayList<{MODELS}.PropertyOption>", _option),
    "displayOrder": Whole(),
}
NEW = Object(
    f"{MODELS}.PropertyCreate", MEMBERS, required=("name", "label", "type", "fieldType", "groupName"), nullable=False
)
_new = Reader(NewDefinitionBody, NEW)
_changed = Reader(DefinitionBody, Object(f"{MODELS}.PropertyUpdate", MEMBERS))


def decode_draft(body: bytes) -> Draft:
    """A new definition; raises `MalformedBody`."""
    return draft(_new.read(body))


def draft(sent: NewDefinitionBody) -> Draft:
    """A new definition as the rules know it."""
    return Draft(**_given(sent))


def decode_patch(body: bytes) -> Patch:
    """The change of a definition; what cannot be changed is passed over (behaviour 11.8). Raises `MalformedBody`."""
    members = _given(_changed.read(body))
    members["hints"].pop("dataSensitivity", None)
    return Patch(**{name: value for name, value in members.items() if name in Patch.__struct_fields__})


def _given(sent: DefinitionBody) -> dict[str, Any]:
    """The members that a body gives a value, those that are mere hints apart from the others."""
    members: dict[str, Any] = {}
    hints: dict[str, str | bool] = {}
    for name, wire_name in zip(sent.__struct_fields__, sent.__struct_encode_fields__, strict=True):
        if (value := getattr(sent, name)) is not None:
            into: dict[str, Any] = hints if wire_name in HINTS else members
            into[wire_name if wire_name in HINTS else name] = _taken(MEMBERS[wire_name], value)
    return members | {"hints": hints}


def _taken(shape: Shape, value: Any) -> Any:
    """A value as what its shape says: true for "true", a text for a number."""
    match shape:
        case Flag():
            return value in (True, "true")
        case Whole():
            return int(value)
        case Text():
            return text(value)
        case Array():
            return [_option_draft(option) for option in value]
    return value


def _option_draft(sent: OptionBody) -> OptionDraft:
    order = None if sent.display_order is None else int(sent.display_order)
    hidden = sent.hidden in (True, "true")
    return OptionDraft(text(sent.value), text(sent.label), order, hidden, text(sent.description))


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

    updated_at: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    archived_at: str | UnsetType = UNSET
    name: str
    label: str
    type: str
    field_type: str
    description: str
    group_name: str
    options: list[OptionAnswer]
    referenced_object_type: str | UnsetType = UNSET
    display_order: int
    calculated: bool
    external_options: bool
    archived: bool | UnsetType = UNSET
    has_unique_value: bool
    hidden: bool
    hubspot_defined: bool | UnsetType = UNSET
    modification_metadata: Modification
    form_field: bool
    data_sensitivity: str
    calculation_formula: str | UnsetType = UNSET
    currency_property_name: str | UnsetType = UNSET
    number_display_hint: str | UnsetType = UNSET
    show_currency_symbol: bool | UnsetType = UNSET
    text_display_hint: str | UnsetType = UNSET


class DefinitionList(Struct):
    """The answer of a list of definitions; there are no pages (behaviour 11.1)."""

    results: list[Definition]


def render(definition: Property, *, dated: bool = True) -> Definition:
    """A definition in HubSpot's shape; HubSpot's own, and those of a batch create, tell no times (11.2, 11.25)."""
    own = not definition.hubspot_defined
    told = own and dated
    hints: dict[str, Any] = {**definition.hints, "dataSensitivity": definition.sensitivity}
    return Definition(
        updated_at=moment(definition.updated) if told else UNSET,
        created_at=moment(definition.created) if told else UNSET,
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
        archived=definition.archived is not None if told else UNSET,
        has_unique_value=definition.has_unique_value,
        hidden=definition.hidden,
        hubspot_defined=UNSET if own else True,
        modification_metadata=Modification(True, not own, definition.read_only),
        form_field=definition.form_field,
        **{_HINT_FIELDS[name]: value for name, value in hints.items() if name in _HINT_FIELDS},
    )


_HINT_FIELDS = {
    wire_name: name
    for name, wire_name in zip(Definition.__struct_fields__, Definition.__struct_encode_fields__, strict=True)
    if wire_name in HINTS
}


def encode(definition: Property, members: Sequence[str] = ()) -> bytes:
    """The answer of a read, a create or a change; with `members`, just those (behaviour 11.26)."""
    return msgspec.json.encode(_shown(render(definition), members))


def encode_list(definitions: Iterable[Property], members: Sequence[str] = ()) -> bytes:
    """The answer of a list, sorted by name."""
    ordered = sorted(definitions, key=lambda definition: definition.name)
    return msgspec.json.encode({"results": [_shown(render(definition), members) for definition in ordered]})


def _shown(answer: Definition, members: Sequence[str]) -> Any:
    """An answer with no more than the members named; names that mean no member are passed over."""
    wanted = set(members).intersection(Definition.__struct_encode_fields__)
    if not wanted:
        return answer
    return {name: value for name, value in msgspec.to_builtins(answer).items() if name in wanted}
