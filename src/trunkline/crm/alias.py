"""Further values of a unique property, which a record lists in another one: the additional addresses of a contact.

The data of an object type says which property lists those of which (`ObjectType.lists`); wherever unique values count,
they count as well (behaviour 17.1).
"""

from collections.abc import Mapping

from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import UniqueKey
from trunkline.crm.values import appended, unique_key


def listed(name: str, value: str, type_: ObjectType) -> list[UniqueKey]:
    """The unique values that a list names."""
    definition = type_.lists[name]
    parts = (part.strip().lower() if definition.check == "email" else part for part in value.split(";"))
    return [(definition.name, unique_key(definition, part)) for part in dict.fromkeys(parts) if part]


def held(properties: Mapping[str, str], type_: ObjectType) -> list[UniqueKey]:
    """All unique values of a record with these properties, those that it lists among them."""
    keys = [
        (name, unique_key(definition, value))
        for name, definition in type_.unique.items()
        if (value := properties.get(name))
    ]
    for name in type_.lists:
        if value := properties.get(name):
            keys += listed(name, value, type_)
    return list(dict.fromkeys(keys))


def settled(values: Mapping[str, str], kept: Mapping[str, str], type_: ObjectType) -> dict[str, str]:
    """What a write of `values` to a record that has `kept` comes to: nothing is the main value and listed as well.

    A listed value that becomes the main one gives its place to the value that was (chosen: differences).
    """
    settled = dict(values)
    for name, definition in type_.lists.items():
        before, main = kept.get(definition.name, ""), values.get(definition.name, kept.get(definition.name, ""))
        if name in values:
            sent = values[name]
            parts = appended(kept.get(name, ""), sent) if sent.startswith(";") else sent
        elif main in (parts := kept.get(name, "")).split(";") and main != before:
            parts = ";".join(before if part == main else part for part in parts.split(";"))
        else:
            continue
        settled[name] = ";".join(part for part in parts.split(";") if part and part != main)
    return settled


def merged(primary: Mapping[str, str], other: Mapping[str, str], type_: ObjectType) -> dict[str, str]:
    """The lists of a record that takes in another one: with the other's values, its main one among them."""
    found = {}
    for name, definition in type_.lists.items():
        main = primary.get(definition.name) or other.get(definition.name, "")
        texts = (primary.get(name, ""), other.get(definition.name, ""), other.get(name, ""))
        parts = dict.fromkeys(part for text in texts for part in text.split(";") if part and part != main)
        if parts:
            found[name] = ";".join(parts)
    return found
