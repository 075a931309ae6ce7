"""What a portal knows of its object types and their properties: one immutable value, loaded before any request.

Checking a batch costs no query, because all it asks is here. A changed definition makes a new catalog with a higher
version; a write that was checked against an older one is checked again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from trunkline.crm import team
from trunkline.crm.derivation import STAMPS, Derivations, calculation
from trunkline.crm.doubt import doubting
from trunkline.crm.link import LinkLimit, Links, LinkType, shipped, shipped_links
from trunkline.crm.pipeline import Pipeline, Staging
from trunkline.crm.property import Group, Property
from trunkline.crm.rule import Rule, ruled, standing
from trunkline.crm.schema import Schema, next_number
from trunkline.crm.stage import RULES, Stages, derivation
from trunkline.crm.sums import names
from trunkline.crm.team import Team
from trunkline.crm.values import Checker, checker
from trunkline.errors import PropertyNotFound, UnknownObjectType

Verb = Literal["read", "write", "schemaRead", "schemaWrite"]


class TypeData(Struct, frozen=True, rename="camel", kw_only=True):
    """The data file of one object type; calls, contacts and deals differ by this and by nothing else.

    `searchable_properties` are those in which a search's `query` looks, `indexed_properties` those that are indexed
    before anybody filters by them. `conflict_property` is the unique property by which a record that is there already
    is told as a conflict (behaviour 3.10); `unique_lists` has the properties that list further values of a unique one,
    and that one (behaviour 17.1). What is `activatable` an account may go without (behaviour 17.8). A portal needs one
    of the `products` in that tier, or none where none is named. `spellings` are what paths call it beside its plural,
    its singular and its type id. `staging` says how its records go through pipelines, if they do. `durations` are
    properties in milliseconds that are longer than a second when others have certain values, as a call that was
    completed (`trunkline.crm.doubt`). `columns` are the properties that a table for people shows at first.
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
    unique_lists: Mapping[str, str] = {}
    activatable: bool = False
    created_property: str
    modified_property: str
    products: Mapping[str, str] = {}
    spellings: tuple[str, ...] = ()
    groups: tuple[Group, ...]
    properties: tuple[Property, ...]
    staging: Staging | None = None
    pipelines: tuple[Pipeline, ...] = ()
    durations: Mapping[str, Mapping[str, str]] = {}
    columns: tuple[str, ...] = ()

    def aliases(self) -> tuple[str, ...]:
        """Every spelling that a path may use for this type (behaviour 1.24)."""
        return self.type_id, self.plural, self.singular, *self.spellings


class ObjectType:
    """One object type of one portal, its own properties and groups included.

    `properties` are the live definitions by name, `archived` those that were archived, `unique` the definitions of all
    unique ones (archived ones too, since their values stay held), `lists` for each property that lists further values
    of a unique one the definition of that one, `checkers` the rules of those that may be written, the portal's own
    `rules` among them, `doubting` the same that doubt what is most likely a mistake, `plain` those without the rules,
    by which records are found, `many` the names of those that take
    several options, `derived` what the service fills in by itself, `stamps` the property that notes when another one
    changed, `groups` the live groups by name, `pipelines` the pipelines by id, archived ones too, `stages` where its
    records may stand.
    """

    def __init__(
        self,
        data: TypeData,
        custom: Iterable[Property] = (),
        groups: Iterable[Group] = (),
        pipelines: Iterable[Pipeline] = (),
        teams: Iterable[Team] = (),
        rules: Iterable[Rule] = (),
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
        self._teams = tuple(teams)
        live = {n: self._teamed(self._staged(d)) for n, d in defined.items() if d.archived is None}
        self.properties: Mapping[str, Property] = {n: _calculated(d, live) for n, d in live.items()}
        self.archived: Mapping[str, Property] = {n: d for n, d in defined.items() if d.archived is not None}
        self.lists: Mapping[str, Property] = {n: defined[main] for n, main in data.unique_lists.items()}
        unique = {n: d for n, d in defined.items() if d.has_unique_value and n not in self.lists}
        self.unique: Mapping[str, Property] = unique
        self.rules: Mapping[str, tuple[Rule, ...]] = standing(rules, self.properties)
        plain = {n: checker(d) for n, d in self.properties.items() if not d.read_only}
        held = {n: ruled(plain[n], own, self.properties[n]) for n, own in self.rules.items() if n in plain}
        self.plain: Mapping[str, Checker] = plain
        self.checkers: dict[str, Checker] = plain | held if held else plain
        self.doubting: Mapping[str, Checker] = self.checkers | self._doubts(held)
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

    def _doubts(self, held: Collection[str]) -> dict[str, Checker]:
        """The checkers that ever doubt; `held` are the names of the properties that the portal has rules for."""
        made = (
            (name, doubting(self.properties[name], check, self.data.durations.get(name), ruled=name in held))
            for name, check in self.checkers.items()
        )
        return {name: check for name, check in made if check is not None}

    def _teamed(self, definition: Property) -> Property:
        """What follows from a record's owner, with what each owner comes to."""
        rule = definition.derivation
        if rule is None or rule not in team.RULES:
            return definition
        return msgspec.structs.replace(definition, derivation=team.derivation(rule, self._teams))

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
    if definition.formula is None and not names(definition.derivation or ""):
        return definition
    return msgspec.structs.replace(definition, derivation=calculation(definition.name, live))


class Definitions(Struct, frozen=True):
    """What a portal defined itself: properties, groups and pipelines by object type id, types of association, schemas.

    `teams` are those of its people, `rules` those for values, by object type id; `version` is that of its catalog.
    """

    version: int = 1
    custom: Mapping[str, Sequence[Property]] = {}
    groups: Mapping[str, Sequence[Group]] = {}
    pipelines: Mapping[str, Sequence[Pipeline]] = {}
    links: Sequence[LinkType] = ()
    schemas: Sequence[Schema] = ()
    teams: Sequence[Team] = ()
    rules: Mapping[str, Sequence[Rule]] = {}
    limits: Sequence[LinkLimit] = ()


Definition = Property | Group | Pipeline | LinkType | LinkLimit | Schema | Team | Rule
"""What a portal can define."""


class Catalog:
    """All object types of one portal, each made when it is first asked for.

    `version` grows with every change of a definition. `schemas` has those of custom objects, archived ones too,
    and `next_schema` is the number of the next one.
    """

    def __init__(self, portal: int, definitions: Definitions) -> None:
        self.portal = portal
        self.version = definitions.version
        own = definitions.links or definitions.limits
        self.links = Links((*shipped_links(), *definitions.links), definitions.limits) if own else shipped()
        self.next_schema = next_number(definitions.schemas)
        self.schemas = tuple(schema for schema in definitions.schemas if schema.gone is None)
        self.teams = tuple(definitions.teams)
        self._definitions = definitions
        self._types: dict[str, ObjectType] = {}
        live = (schema for schema in self.schemas if schema.archived is None)
        self._custom = {schema.type_id: self._data(schema) for schema in live}
        self._by_alias = _spelled(self._custom.values())

    def type(self, alias: str) -> ObjectType:
        """The object type that a path names, in any case; raises `UnknownObjectType` (behaviour 1.24, 1.25)."""
        found = _by_alias().get(alias.lower()) or self._by_alias.get(alias.lower())
        if found is None:
            raise UnknownObjectType(alias)
        return self._types.get(found.type_id) or self._made(found)

    @property
    def types(self) -> tuple[ObjectType, ...]:
        """All of them."""
        return tuple(self.type(data.type_id) for data in (*shipped_types(), *self._custom.values()))

    def schema(self, type_: ObjectType) -> Schema | None:
        """The schema of a custom object; None for a type that comes with Trunkline."""
        return next((schema for schema in self.schemas if schema.type_id == type_.id), None)

    def of_schema(self, schema: Schema) -> ObjectType:
        """The object type of a schema, also of an archived one."""
        return self._types.get(schema.type_id) or self._made(self._data(schema))

    def _data(self, schema: Schema) -> TypeData:
        own = self._definitions.custom.get(schema.type_id, ())
        return of_schema(schema, self.portal, {definition.name for definition in own if definition.archived is None})

    def _made(self, data: TypeData) -> ObjectType:
        own, id_ = self._definitions, data.type_id
        made = ObjectType(
            data,
            own.custom.get(id_, ()),
            own.groups.get(id_, ()),
            own.pipelines.get(id_, ()),
            own.teams,
            own.rules.get(id_, ()),
        )
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


def _spelled(custom: Collection[TypeData]) -> Mapping[str, TypeData]:
    """Custom objects by their spellings; where two are alike, the one that is nobody else's counts."""
    short = {alias.lower(): data for data in custom for alias in (data.singular, *data.spellings)}
    return short | {alias.lower(): data for data in custom for alias in (data.plural, data.type_id)}


def of_schema(schema: Schema, portal: int, own: Collection[str]) -> TypeData:
    """A custom object as an object type; `own` are its live properties beside those that all custom objects have."""
    known = {definition.name for definition in custom_type().properties} | set(own)
    group = msgspec.structs.replace(custom_type().groups[0], name=schema.group, label=f"{schema.singular} information")
    return msgspec.structs.replace(
        custom_type(),
        type_id=schema.type_id,
        name=schema.qualified(portal),
        singular=schema.name,
        plural=schema.qualified(portal),
        labels={"singular": schema.singular, "plural": schema.plural},
        required_properties=tuple(name for name in schema.required if name in known),
        searchable_properties=tuple(name for name in schema.searchable if name in known),
        spellings=(schema.short,),
        groups=(group,),
        properties=tuple(msgspec.structs.replace(one, group_name=group.name) for one in custom_type().properties),
    )


@cache
def custom_type() -> TypeData:
    """What all custom objects have in common: scopes, products, and the properties that are there from the start."""
    text = (files("trunkline") / "data" / "custom.json").read_bytes()
    return msgspec.json.decode(text, type=TypeData)
