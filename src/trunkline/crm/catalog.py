"""What a portal knows of its object types and their properties: one immutable value, loaded before any request.

Checking a batch costs no query, because all it asks is here. A changed definition makes a new catalog with a higher
version; a write that was checked against an older one is checked again.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from trunkline.crm.derivation import STAMPS, Derivations, calculation
from trunkline.crm.link import Links, LinkType, shipped, shipped_links
from trunkline.crm.pipeline import Pipeline, Staging
from trunkline.crm.property import Group, Property
from trunkline.crm.stage import RULES, Stages, derivation
from trunkline.crm.values import Checker, checker
from trunkline.errors import PropertyNotFound, UnknownObjectType

Verb = Literal["read", "write", "schemaRead", "schemaWrite"]


class TypeData(Struct, frozen=True, rename="camel", kw_only=True):
    """The data file of one object type; calls, contacts and deals differ by this and by nothing else.

    `searchable_properties` are those in which a search's `query` looks, `indexed_properties` those that are indexed
    before anybody filters by them. `conflict_property` is the unique property by which a record that is there already
    is told as a conflict (behaviour 3.10). A portal needs one of the `products` in that tier, or none where none is
    named. `spellings` are what paths call it beside its plural, its singular and its type id.
    `staging` says how its records go through pipelines, if they do.
    """

    type_id: str
    name: str
    singular: str
    plural: str
    labels: dict[str, str]
    scopes: dict[Verb, tuple[str, ...]]
    required_properties: tuple[str, ...]
    default_properties: tuple[str, ...]
    searchable_properties: tuple[str, ...]
    indexed_properties: tuple[str, ...] = ()
    conflict_property: str | None = None
    created_property: str
    modified_property: str
    products: Mapping[str, str] = {}
    spellings: tuple[str, ...] = ()
    groups: tuple[Group, ...]
    properties: tuple[Property, ...]
    staging: Staging | None = None
    pipelines: tuple[Pipeline, ...] = ()

    def aliases(self) -> tuple[str, ...]:
        """Every spelling that a path may use for this type (behaviour 1.24)."""
        return self.type_id, self.plural, self.singular, *self.spellings


class ObjectType:
    """One object type of one portal, its own properties and groups included.

    `properties` are the live definitions by name, `archived` those that were archived, `unique` the definitions of
    all unique ones (archived ones too, since their values stay held), `checkers` the rules of those that may be
    written, `many` the names of those that take several options, `derived` what the service fills in by itself,
    `stamps` the property that notes when another one changed, `groups` the live groups by name, `pipelines` the
    pipelines by id, archived ones too, `stages` where its records may stand.
    """

    def __init__(
        self,
        data: TypeData,
        custom: Iterable[Property] = (),
        groups: Iterable[Group] = (),
        pipelines: Iterable[Pipeline] = (),
    ) -> None:
        shipped = {definition.name: definition for definition in data.properties}
        defined = shipped | {own.name: _merged(own, shipped.get(own.name)) for own in custom}
        known = {group.name: group for group in (*data.groups, *groups)}
        self.data = data
        self.id = data.type_id
        self.name = data.name
        self.required = data.required_properties
        self.pipelines: Mapping[str, Pipeline] = {one.id: one for one in (*data.pipelines, *pipelines)}
        self.stages = None if data.staging is None else Stages(data.staging, self.pipelines.values())
        live = {n: self._staged(d) for n, d in defined.items() if d.archived is None}
        self.properties: Mapping[str, Property] = {n: _calculated(d, live) for n, d in live.items()}
        self.archived: Mapping[str, Property] = {n: d for n, d in defined.items() if d.archived is not None}
        self.unique: Mapping[str, Property] = {n: d for n, d in defined.items() if d.has_unique_value}
        self.checkers: Mapping[str, Checker] = {n: checker(d) for n, d in self.properties.items() if not d.read_only}
        self.many = frozenset(name for name, d in self.properties.items() if d.many)
        derived = {name: d.derivation for name, d in self.properties.items() if d.derivation}
        self.derived = Derivations(data.type_id, derived)
        self.stamps = {STAMPS[rule]: name for name, rule in derived.items() if rule in STAMPS}
        self.groups: Mapping[str, Group] = {name: group for name, group in known.items() if group.archived is None}

    def definition(self, name: str) -> Property:
        """The live definition of a property; raises `PropertyNotFound`."""
        found = self.properties.get(name)
        if found is None:
            raise PropertyNotFound(name)
        return found

    def _staged(self, definition: Property) -> Property:
        """What follows from a record's stage, with what each stage comes to."""
        rule = definition.derivation
        if rule is None or rule not in RULES or self.data.staging is None:
            return definition
        comes_to = derivation(rule, self.data.staging, self.pipelines.values())
        return msgspec.structs.replace(definition, derivation=comes_to)


def _merged(own: Property, shipped: Property | None) -> Property:
    """A portal's definition; of HubSpot's own it may replace the options, and nothing else (behaviour 11.21)."""
    if shipped is None or not own.hubspot_defined:
        return own
    return msgspec.structs.replace(shipped, options=own.options)


def _calculated(definition: Property, live: Mapping[str, Property]) -> Property:
    if definition.formula is None:
        return definition
    return msgspec.structs.replace(definition, derivation=calculation(definition.name, live))


class Definitions(Struct, frozen=True):
    """What a portal defined itself: properties, groups and pipelines by object type id, and the types of association.

    `version` is that of its catalog.
    """

    version: int = 1
    custom: Mapping[str, Sequence[Property]] = {}
    groups: Mapping[str, Sequence[Group]] = {}
    pipelines: Mapping[str, Sequence[Pipeline]] = {}
    links: Sequence[LinkType] = ()


Definition = Property | Group | Pipeline | LinkType
"""What a portal can define."""


class Catalog:
    """All object types of one portal, each made when it is first asked for.

    `version` grows with every change of a definition.
    """

    def __init__(self, portal: int, definitions: Definitions) -> None:
        self.portal = portal
        self.version = definitions.version
        self.links = Links((*shipped_links(), *definitions.links)) if definitions.links else shipped()
        self._definitions = definitions
        self._types: dict[str, ObjectType] = {}

    def type(self, alias: str) -> ObjectType:
        """The object type that a path names, in any case; raises `UnknownObjectType` (behaviour 1.24, 1.25)."""
        found = _by_alias().get(alias.lower())
        if found is None:
            raise UnknownObjectType(alias)
        return self._types.get(found.type_id) or self._made(found)

    @property
    def types(self) -> tuple[ObjectType, ...]:
        """All of them."""
        return tuple(self.type(data.type_id) for data in shipped_types())

    def _made(self, data: TypeData) -> ObjectType:
        own, id_ = self._definitions, data.type_id
        made = ObjectType(data, own.custom.get(id_, ()), own.groups.get(id_, ()), own.pipelines.get(id_, ()))
        self._types[id_] = made
        return made


@cache
def _by_alias() -> Mapping[str, TypeData]:
    return {alias.lower(): data for data in shipped_types() for alias in data.aliases()}


@cache
def shipped_types() -> tuple[TypeData, ...]:
    """The object types that come with Trunkline, read once from its data files."""
    folder = files("trunkline") / "data" / "types"
    texts = (entry.read_bytes() for entry in sorted(folder.iterdir(), key=str))
    return tuple(msgspec.json.decode(text, type=TypeData) for text in texts)
