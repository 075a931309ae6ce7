"""The schema of a custom object: an object type that a portal defined itself (behaviour 13)."""

from collections.abc import Iterable

from msgspec import Struct

from trunkline.crm.record import Moment

CUSTOM = "2-"
"""What the type ids of custom objects begin with."""

FIRST_NUMBER = 1_000_001
"""The number of a portal's first schema: as long as the real service's."""


class Schema(Struct, frozen=True, rename="camel", kw_only=True):
    """What a portal says of one of its custom objects, beside its properties, which are kept as those of any type.

    `number` is its own in the portal, and never another's. `required`, `searchable`, `primary` and `secondary` name
    properties; `created_by` and `updated_by` are people, 0 for nobody. An `archived` schema is no object type any more
    but keeps its name; one that is `gone` was deleted for good, and keeps its number only.
    """

    number: int
    name: str
    singular: str
    plural: str
    description: str | None = None
    required: tuple[str, ...] = ()
    searchable: tuple[str, ...] = ()
    primary: str | None = None
    secondary: tuple[str, ...] = ()
    allows_sensitive: bool = False
    restorable: bool = True
    created: Moment = 0
    updated: Moment = 0
    created_by: int = 0
    updated_by: int = 0
    archived: Moment | None = None
    gone: Moment | None = None

    @property
    def type_id(self) -> str:
        """The id of its object type, as `2-1000001`."""
        return f"{CUSTOM}{self.number}"

    @property
    def group(self) -> str:
        """The name of the group that its properties are in (behaviour 13.3)."""
        return f"{self.name.lower()}_information"

    def qualified(self, portal: int) -> str:
        """The name that no other portal's schema has (behaviour 13.2)."""
        return f"p{portal}_{self.name}"

    @property
    def short(self) -> str:
        """The same without the portal, which knows itself."""
        return f"p_{self.name}"


def next_number(schemas: Iterable[Schema]) -> int:
    """The number of a portal's next schema."""
    return max((schema.number for schema in schemas), default=FIRST_NUMBER - 1) + 1
