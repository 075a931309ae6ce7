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


def paired(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """The ends of a pair are a record and a contact that are there, and version 3 names the tie."""
    if "from" in made and "to" in made:
        made["from"] = {"id": chance.choice(known.ids)}
        contact = {"id": f"10000000000{chance.randint(1, 6)}"}
        made["to"] = [contact] if isinstance(made["to"], list) else contact
        if isinstance(made.get("type"), str):
            made["type"] = "call_to_contact"


def staged(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A pipeline has stages, each as far as its object type asks, and what may be restored is not archived."""
    if "label" in made and ("stages" in made or "metadata" in made or "displayOrder" in made):
        made["displayOrder"] = chance.randint(0, 9)
        made.pop("archived", None)
        if "metadata" in made:
            made["metadata"] = {"probability": "0.5"}
        if "stages" in made:
            made["stages"] = [_stage(number, chance) for number in range(chance.randint(1, 3))]


def _stage(number: int, chance: Random) -> dict[str, Any]:
    id_ = {"stageId": f"stage_{number}"} if chance.random() < 0.5 else {}
    metadata = {"probability": "0.5", "ticketState": "CLOSED"}
    return {"label": f"S{number}", "displayOrder": number, "metadata": metadata, **id_}


def engaged(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """An engagement is one of the known kinds, with texts and numbers that its metadata takes."""
    if "engagement" in made or ("metadata" in made and "associations" in made):
        made["engagement"] = {"type": "CALL", "timestamp": 1745524893000}
        made["associations"] = {"contactIds": [100000000000 + chance.randint(1, 6)]}
        made["metadata"] = {"body": "plain", "durationMilliseconds": 1500}


def ruled(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A rule for values asks for a length."""
    if "ruleArguments" in made:
        made["ruleArguments"] = [chance.choice(("5000", "10000"))]


def labelled(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A label has a name of letters."""
    if "inverseLabel" in made or ("label" in made and "name" in made):
        made["name"] = f"{chance.choice('abcdef')}_{chance.randint(1, 99)}"
        made["label"] = made["name"].upper()
    if "associationTypeId" in made and "label" in made:
        made["associationTypeId"] = chance.randint(1, 6)


def shaped(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A schema has a name of its own, labels, and lists of what is there; an association leads from a custom object."""
    if "labels" in made:
        made["labels"] = {"singular": "One", "plural": "Many"}
        for name in {"requiredProperties", "searchableProperties", "secondaryDisplayProperties"} & made.keys():
            made[name] = ["title"] if "associatedObjects" not in made else []
        made.pop("primaryDisplayProperty", None)
    if "associatedObjects" in made:
        made["name"], made["associatedObjects"] = f"o_{chance.randint(1, 9)}", [chance.choice(("0-1", "deals"))]
        made["properties"] = [{"name": "title", "label": "Title"}]
    if "fromObjectTypeId" in made:
        made["fromObjectTypeId"], made["toObjectTypeId"] = "boat", chance.choice(("0-2", "0-3", "0-5"))
        made["name"] = f"l_{chance.randint(1, 9)}"
    if "includeAuditMetadata" in made:
        made["inputs"] = ["contacts", "0-2"]


def exported(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """An export is one of those that are served, of properties that its object type has."""
    if (
        "exportType" in made or "exportName" in made or "exportInternalValuesOptions" in made
    ) and chance.random() < 0.9:
        made |= {"exportType": "VIEW", "format": "CSV", "objectType": "calls", "objectProperties": ["hs_call_title"]}
        made["publicCrmSearchRequest"] = {"sorts": [chance.choice(("hs_timestamp", "-ext_ref"))]}
        for name in ("includeLabeledAssociations", "includePrimaryDisplayPropertyForAssociatedObjects"):
            made.pop(name, None)


PASSING: tuple[dict[str, Any], ...] = (
    {"filterType": "CONSTANT", "shouldAccept": True},
    {"filterType": "IN_LIST", "listId": "1", "operator": "IN_LIST"},
    {
        "filterType": "PROPERTY",
        "property": "hs_object_id",
        "operation": {"operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": 100000000002},
    },
    {
        "filterType": "PROPERTY",
        "property": "hs_call_title",
        "operation": {"operationType": "STRING", "operator": "CONTAINS", "value": "i"},
    },
)


def listed(made: dict[str, Any], type_: str, known: Known, chance: Random) -> None:
    """A list has a name, a kind and, unless it is made by hand, filters; it is moved to a folder that may be there."""
    branch = {"filterBranchType": "AND", "filters": [chance.choice(PASSING)]}
    if "filterBranch" in made:
        made["filterBranch"] = {"filterBranchType": "OR", "filterBranches": [branch]}
    if "processingType" in made:
        made |= {"name": f"list_{chance.randint(1, 30)}", "objectTypeId": chance.choice(("0-48", "0-48", "0-1"))}
        made["processingType"] = chance.choice(("DYNAMIC", "SNAPSHOT")) if "filterBranch" in made else "MANUAL"
        made.pop("listFolderId", None)
    if "parentFolderId" in made:
        made["parentFolderId"] = str(chance.randint(0, 2))
    if "newFolderId" in made:
        made |= {"listId": str(chance.randint(1, 5)), "newFolderId": str(chance.randint(0, 2))}
    if "recordId" in made:
        made["objectTypeId"] = chance.choice(("0-48", "0-1", "contacts"))
    if "processingTypes" in made or "listIds" in made:
        made |= {"objectTypeId": "0-48", "count": 10, "offset": 0}


RULES: tuple[Rule, ...] = (
    *(
        addressed,
        defined,
        tied,
        paired,
        staged,
        engaged,
        labelled,
        ruled,
        shaped,
        filtered,
        sorted_once,
        exported,
        listed,
    ),
)
