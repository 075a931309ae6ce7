"""What a property definition must be like before it is kept (behaviour 11.3, 11.4 and 11.15 to 11.20).

Each function looks at one rule and raises `InvalidDefinition`, or one of its kinds. Where no source has the text, it is
ours: differences.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from trunkline.crm.formula import Formula, InvalidFormula, parse
from trunkline.crm.property import Group, Option, Property
from trunkline.errors import CurrencyWithoutSymbol, InvalidBooleanOptions, InvalidDefinition, PropertyNotFound

MOST_UNIQUE = 10
"""Unique properties that a portal may add to one object type (behaviour 4.10)."""

MOST_OWN = 1_000
"""Properties that a portal may add to one object type (behaviour 11.16)."""

MOST_OPTIONS = 5_000
"""Options of one property (behaviour 11.16)."""

LONGEST_OPTION = 3_000
"""Characters of an option, its label, value and description together (behaviour 11.16)."""

LONGEST_CHAIN = 5
"""Calculated properties of which each is made from the next."""

CALCULATION = "calculation_equation"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_RESERVED = re.compile(r"hs_|a\d+_")

_FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file", CALCULATION),
    "number": ("number", CALCULATION),
    "bool": ("booleancheckbox", CALCULATION),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", CALCULATION),
    "date": ("date",),
    "datetime": ("date",),
    "phone_number": ("phonenumber",),
}
_NEVER_UNIQUE = ("bool", "enumeration")
_COMES_TO = {"number": "number", "bool": "bool", "string": "string", "enumeration": "string"}


class Known(Protocol):
    """What is defined of an object type already; `trunkline.crm.catalog.ObjectType` is one."""

    @property
    def properties(self) -> Mapping[str, Property]:
        """The live definitions by name."""

    @property
    def archived(self) -> Mapping[str, Property]:
        """The archived definitions by name."""

    @property
    def unique(self) -> Mapping[str, Property]:
        """The definitions of all unique properties by name."""

    @property
    def groups(self) -> Mapping[str, Group]:
        """The live groups by name."""


def require_name(name: str) -> None:
    """A name of small letters, digits and underscores, none that HubSpot keeps for itself or for apps (11.15)."""
    if not _NAME.fullmatch(name):
        message = f"Property name '{name}' is not valid: a lower-case letter, then letters, digits, underscores."
        raise InvalidDefinition(message, "INVALID_PROPERTY_NAME", "name")
    if _RESERVED.match(name):
        message = f"Property name '{name}' is not valid: names that begin with hs_ or a<number>_ are reserved."
        raise InvalidDefinition(message, "RESERVED_PROPERTY_NAME", "name")


def require_any_case(name: str) -> None:
    """The same, but of a property that comes with a schema, where HubSpot's own example has capitals (13.3)."""
    require_name(name.lower())


def require_room(known: Known) -> None:
    """Fewer properties of the portal's own than an object type may have."""
    own = sum(not definition.hubspot_defined for definition in known.properties.values())
    if own >= MOST_OWN:
        message = f"The maximum number of custom properties of an object is {MOST_OWN}."
        raise InvalidDefinition(message, "PROPERTY_LIMIT", "name")


def require_unique_allowed(definition: Property, known: Known) -> None:
    """A type that can be unique, and fewer unique properties than an object type may have."""
    if definition.type in _NEVER_UNIQUE or definition.calculated:
        kind = "calculated" if definition.calculated else definition.type
        message = f"A property of type {kind} cannot have unique values."
        raise InvalidDefinition(message, "UNIQUE_NOT_SUPPORTED", "hasUniqueValue")
    own = [d for d in known.unique.values() if not d.hubspot_defined and d.name != definition.name]
    if len(own) >= MOST_UNIQUE:
        message = f"The maximum number of unique properties of an object is {MOST_UNIQUE}."
        raise InvalidDefinition(message, "UNIQUE_PROPERTY_LIMIT", "hasUniqueValue")


def require_group(name: str, known: Known) -> None:
    """A group that is there (behaviour 11.22)."""
    if name not in known.groups:
        raise InvalidDefinition(f"The property group does not exist: {name}", "GROUP_DOES_NOT_EXIST", "groupName")


def require_fitting(definition: Property) -> None:
    """A definition whose members agree with each other."""
    if not definition.label.strip():
        raise InvalidDefinition("label can not be null or empty", "INVALID_LABEL", "label")
    allowed = _FIELD_TYPES.get(definition.type, ())
    if definition.field_type not in allowed:
        raise InvalidDefinition(
            f"Field type {definition.field_type} does not fit type {definition.type}; "
            f"it takes {', '.join(allowed) or 'none'}.",
            "INVALID_FIELD_TYPE",
            "fieldType",
        )
    _require_options(definition)
    currency = definition.hints.get("currencyPropertyName")
    if currency is not None and definition.hints.get("showCurrencySymbol") is not True:
        raise CurrencyWithoutSymbol(definition.name, str(currency))


def _require_options(definition: Property) -> None:
    options = definition.options
    if definition.external_options:
        _require_external(definition)
    elif definition.type == "bool" and sorted(option.value for option in options) != ["false", "true"]:
        raise InvalidBooleanOptions
    elif definition.type == "enumeration" and not options:
        raise InvalidDefinition("A property of type enumeration needs options.", "MISSING_OPTIONS", "options")
    _require_countable(options)
    for option in options:
        _require_option(option)


def _require_external(definition: Property) -> None:
    """Options that come from elsewhere, so from a type that is named, and no own ones (behaviour 11.17)."""
    if definition.options:
        message = "A property with external options cannot have options of its own."
        raise InvalidDefinition(message, "EXTERNAL_OPTIONS_WITH_OPTIONS", "options")
    if definition.referenced_object_type is None:
        message = "A property with external options needs a referencedObjectType."
        raise InvalidDefinition(message, "EXTERNAL_OPTIONS_WITHOUT_TYPE", "referencedObjectType")


def _require_countable(options: Sequence[Option]) -> None:
    if len(options) > MOST_OPTIONS:
        raise InvalidDefinition(f"A property may have {MOST_OPTIONS} options at most.", "TOO_MANY_OPTIONS", "options")
    if len({option.value for option in options}) != len(options):
        raise InvalidDefinition("Two options have the same value.", "DUPLICATE_OPTION_VALUES", "options")
    if len({option.label for option in options}) != len(options):
        raise InvalidDefinition("Two options have the same label.", "DUPLICATE_OPTION_LABELS", "options")


def _require_option(option: Option) -> None:
    if not option.value.strip() or not option.label.strip():
        raise InvalidDefinition("An option has an empty value or label.", "EMPTY_OPTION", "options")
    if len(option.value) + len(option.label) + len(option.description) > LONGEST_OPTION:
        message = f"An option may have {LONGEST_OPTION} characters at most, its label and description included."
        raise InvalidDefinition(message, "OPTION_TOO_LONG", "options")


def understood(text: str) -> Formula:
    """The formula of a calculated property; raises `InvalidDefinition`."""
    try:
        return parse(text)
    except InvalidFormula as cause:
        message = f"The calculation formula is not valid: {cause}."
        raise InvalidDefinition(message, "INVALID_FORMULA", "calculationFormula") from cause


def require_computable(definition: Property, formula: Formula, known: Known) -> None:
    """A formula that comes to the type of its property, and reads live properties only (behaviour 11.19)."""
    comes_to = _COMES_TO.get(definition.type)
    if formula.kind not in (comes_to, "nothing"):
        message = f"The calculation formula comes to a {formula.kind}, which type {definition.type} does not take."
        raise InvalidDefinition(message, "INVALID_FORMULA", "calculationFormula")
    for name in sorted(formula.names):
        if name not in known.properties and name != definition.name:
            raise PropertyNotFound(name)
    _require_short(definition.name, formula.names, known)


def _require_short(name: str, reads: frozenset[str], known: Known) -> None:
    """Calculated properties that are not made from themselves, nor from too many others one after the other."""
    made = {d.name: understood(d.formula).names for d in known.properties.values() if d.formula is not None}
    made[name] = reads
    chain = dict.fromkeys(made, 1)
    for _ in range(LONGEST_CHAIN):
        chain = {one: 1 + max((chain[other] for other in of if other in chain), default=0) for one, of in made.items()}
    if max(chain.values()) > LONGEST_CHAIN:
        message = f"Property '{name}' would be calculated from itself, or over more than {LONGEST_CHAIN} others."
        raise InvalidDefinition(message, "CIRCULAR_FORMULA", "calculationFormula")
