"""The definition of a property, as HubSpot ships it or as a portal made it."""

from msgspec import Struct, field

from trunkline.crm.record import Moment


class Option(Struct, frozen=True, rename="camel"):
    """One choice of an enumeration."""

    value: str
    label: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""


class Property(Struct, frozen=True, rename="camel", kw_only=True):
    """The definition of one property, HubSpot's or the portal's own.

    `derivation` and `check` name rules of the engine (`trunkline.crm.derivation`, `trunkline.crm.values`); `hints` are
    members of a definition that are stored and shown and mean nothing to the engine.
    """

    name: str
    label: str
    type: str
    field_type: str
    description: str = ""
    group_name: str = ""
    options: tuple[Option, ...] = ()
    display_order: int = -1
    calculated: bool = False
    external_options: bool = False
    has_unique_value: bool = False
    hidden: bool = False
    read_only: bool = False
    form_field: bool = False
    referenced_object_type: str | None = None
    hints: dict[str, str | bool] = field(default_factory=dict)
    derivation: str | None = None
    check: str | None = None
    hubspot_defined: bool = True
    created: Moment = 0
    updated: Moment = 0
    archived: Moment | None = None

    @property
    def many(self) -> bool:
        """Whether a value is a list of options, parted by semicolons (behaviour 4.10)."""
        return self.type == "enumeration" and self.field_type == "checkbox"


class Group(Struct, frozen=True, rename="camel"):
    """A named group of properties."""

    name: str
    label: str
    display_order: int = -1
