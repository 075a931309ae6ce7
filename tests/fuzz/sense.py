"""What members of a body have to do with each other, without which most made-up bodies are refused at once.

Each rule takes an object somewhere in a body, and the object type that the body is for, and changes the object if it is
one of those that the rule is about.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from fuzz.terms import Known, values

Rule = Callable[[dict[str, Any], str, Known, Random], None]

FIELDS = {
    "string": ("text", "textarea", "phonenumber"),
    "number": ("number",),
    "bool": ("booleancheckbox",),
    "enumeration": ("select", "radio", "checkbox"),
    "date": ("date",),
    "datetime": ("date",),
    "phone_number": ("phonenumber",),
}
OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B", "displayOrder": 1}]


def fit(made: Any, type_: str, known: Known, chance: Random) -> Any:
    """A body, with all rules applied to all objects in it."""
    if isinstance(made, list):
        return [fit(element, type_, known, chance) for element in made]
    if isinstance(made, dict):
        for rule in RULES:
            rule(made, type_, known, chance)
        return {name: fit(value, type_, known, chance) for name, value in made.items()}
    return made


def addressed(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """Records are addressed by values of the idProperty, or without one by their ids."""
    by = made.get("idProperty")
    for one in (made, *made["inputs"]) if by and isinstance(made.get("inputs"), list) else (made,):
        for name in {"id", "objectId"} & one.keys():
            one[name] = chance.choice(known.keys if by else known.ids)


def defined(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """The field type of a property fits its type, and an enumeration has options."""
    if "fieldType" in made and (fields := FIELDS.get(made.get("type", ""))):
        made["fieldType"] = chance.choice(fields)
        made["options"] = OPTIONS if made["type"] == "enumeration" else []
        if chance.random() < 0.8:
            made.pop("calculationFormula", None)


def tied(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """An association leads to a contact that is there."""
    if "to" in made and "types" in made:
        made["to"] = {"id": f"10000000000{chance.randint(1, 6)}"}
        made["types"] = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]


def filtered(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A filter has a property, an operator, and values of that property."""
    if {"operator", "value", "values", "highValue"} & made.keys():
        name = made.setdefault("propertyName", "hs_timestamp")
        made.setdefault("operator", chance.choice(("EQ", "HAS_PROPERTY")))
        fit = [value for value in values(name, type_) if value not in ("", None)] or ["1", 2]
        made["value"], made["highValue"], made["values"] = chance.choice(fit), fit[-1], fit[:3]


def sorted_once(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A search has one rule of order, and a page within bounds."""
    if isinstance(made.get("sorts"), list):
        made["sorts"] = made["sorts"][:1]


RULES: tuple[Rule, ...] = (addressed, defined, tied, filtered, sorted_once)
