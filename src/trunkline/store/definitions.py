"""What a portal defines, as rows of every engine: a kind, an object type, a name, and the JSON of the definition."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from trunkline.crm.catalog import Definition, Definitions
from trunkline.crm.link import LinkLimit, LinkType
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.property import Group, Property
from trunkline.crm.rule import Rule
from trunkline.crm.schema import Schema
from trunkline.crm.team import Team

KINDS: Mapping[type, str] = {
    Property: "property",
    Group: "group",
    Pipeline: "pipeline",
    LinkType: "link",
    Schema: "schema",
    Team: "team",
    Rule: "rule",
    LinkLimit: "limit",
}
READERS: Mapping[str, Callable[[str], Any]] = {
    kind: msgspec.json.Decoder(type_).decode for type_, kind in KINDS.items()
}
"""What the portal defines, by the word for it in the table."""


def assembled(version: int, rows: Iterable[tuple[str, str, str]]) -> Definitions:
    """All that a portal defined, of rows of kind, type and definition in the order of kind, type and name."""
    found: dict[str, dict[str, list[Any]]] = {kind: {} for kind in KINDS.values()}
    for kind, type_, text in rows:
        found[kind].setdefault(type_, []).append(READERS[kind](text))
    of_all = {"link": "links", "schema": "schemas", "limit": "limits", "team": "teams"}
    lists = {plural: [one for some in found[kind].values() for one in some] for kind, plural in of_all.items()}
    lists["teams"].sort(key=lambda team: int(team.id))
    return Definitions(version, found["property"], found["group"], found["pipeline"], rules=found["rule"], **lists)


def key(one: Definition, type_id: str) -> tuple[str, str, str]:
    """The kind, the object type and the name by which a definition is kept."""
    # Both directions of a type of association are defined at once; each is of the type that it starts from.
    of = one.source if isinstance(one, LinkType | LinkLimit) else type_id
    return KINDS[type(one)], of, _name(one)


def _name(one: Definition) -> str:
    """What tells a definition from others of its kind."""
    if isinstance(one, Property | Group):
        return one.name
    if isinstance(one, LinkLimit):
        return f"{one.category}-{one.id}"
    return one.type_id if isinstance(one, Schema) else str(one.id)
