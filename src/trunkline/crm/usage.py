"""How much of HubSpot's limits a portal uses: counts beside the limits that are documented (behaviour 16.14).

Most of these limits are only told: this server takes more, where nothing else says that it does not.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from trunkline.crm.capping import MOST as MOST_TIED
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.custom import MOST as MOST_SCHEMAS
from trunkline.crm.labelling import MOST_LABELS, own
from trunkline.crm.link import LinkType
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.schema import CUSTOM

RECORDS: Mapping[str, int] = {"0-421": 500_000}
"""Records of an object type, where there are not so many as of most."""

MOST_RECORDS = 15_000_000
MOST_CUSTOM_RECORDS = 1_500_000
MOST_PROPERTIES = 1_000
MOST_CALCULATED = 200
MOST_PIPELINES = 100
NEAR = 0.8
"""From which share of its limit on a record is near it."""

Subject = Literal["records", "properties", "calculated", "pipelines"]


class Share(Struct, frozen=True):
    """So many of so many; `of` is the object type that it is about, None for all together."""

    of: ObjectType | None
    usage: int
    limit: int

    @property
    def percentage(self) -> float:
        """Of a hundred, with three decimals at most."""
        return round(100 * self.usage / self.limit, 3)


class Tied(Struct, frozen=True):
    """To how many records of another type one is tied."""

    other: str
    record: int
    count: int


class Labelled(Struct, frozen=True):
    """The portal's own labels from one object type to another."""

    source: ObjectType
    target: ObjectType
    types: tuple[LinkType, ...]

    @property
    def share(self) -> Share:
        """How many there are, and may be."""
        return Share(None, len(self.types), MOST_LABELS)


def custom(type_: ObjectType) -> bool:
    """Whether the portal defined the object type itself."""
    return type_.id.startswith(CUSTOM)


def records(catalog: Catalog, counts: Mapping[str, int]) -> list[Share]:
    """The live records of each object type; of custom ones the limit is that of all together."""
    return [
        Share(type_, counts.get(type_.id, 0), MOST_CUSTOM_RECORDS if custom(type_) else _most_records(type_))
        for type_ in catalog.types
    ]


def _most_records(type_: ObjectType) -> int:
    return RECORDS.get(type_.id, MOST_RECORDS)


def properties(catalog: Catalog) -> list[Share]:
    """The properties that the portal added to each object type."""
    return [Share(type_, len(_own(type_)), MOST_PROPERTIES) for type_ in catalog.types]


def calculated(catalog: Catalog) -> list[Share]:
    """Those of them that are calculated; the limit is that of all together."""
    counts = ((type_, [name for name in _own(type_) if type_.properties[name].formula]) for type_ in catalog.types)
    return [Share(type_, len(names), MOST_CALCULATED) for type_, names in counts]


def _own(type_: ObjectType) -> list[str]:
    return [name for name, definition in type_.properties.items() if not definition.hubspot_defined]


def pipelines(catalog: Catalog) -> list[Share]:
    """The live pipelines of the object types that have some; of custom ones the limit is that of all together."""
    staged = (type_ for type_ in catalog.types if type_.data.staging is not None)
    return [Share(type_, len(_live(type_.pipelines.values())), MOST_PIPELINES) for type_ in staged]


def _live(known: Iterable[Pipeline]) -> list[Pipeline]:
    return [pipeline for pipeline in known if pipeline.archived is None]


def schemas(catalog: Catalog) -> Share:
    """The custom objects."""
    return Share(None, sum(custom(type_) for type_ in catalog.types), MOST_SCHEMAS)


def labels(catalog: Catalog, source: str | None, target: str | None) -> list[Labelled]:
    """The pairs of object types between which the portal has labels, or those that start or end at one of them."""
    pairs = ((one, other) for one in catalog.types for other in catalog.types)
    asked = ((one, other) for one, other in pairs if source in (None, one.id) and target in (None, other.id))
    found = (Labelled(one, other, tuple(own(one.id, other.id, catalog.links))) for one, other in asked)
    return [labelled for labelled in found if labelled.types]


def most_tied(source: str, target: str, catalog: Catalog) -> int:
    """To how many records of one type a record of another may be tied."""
    plain = catalog.links.default(source, target)
    return MOST_TIED if plain is None else catalog.links.most(plain) or MOST_TIED


def least_near(source: str, catalog: Catalog) -> int:
    """The fewest records with which a record of a type can be near a limit."""
    return min((_near(most_tied(source, other.id, catalog)) for other in catalog.types), default=1)


def near(source: str, tied: Iterable[Tied], catalog: Catalog) -> dict[str, list[tuple[int, Share]]]:
    """By the other type the records that are near their limit, or at it, those with the most first."""
    found: dict[str, list[tuple[int, Share]]] = {}
    for one in tied:
        most = most_tied(source, one.other, catalog)
        if one.count >= _near(most):
            found.setdefault(one.other, []).append((one.record, Share(None, one.count, most)))
    for some in found.values():
        some.sort(key=lambda pair: (-pair[1].usage, pair[0]))
    return found


def _near(most: int) -> int:
    return max(1, -int(-most * NEAR // 1))
