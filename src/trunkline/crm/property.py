"""The definition of a property, as HubSpot ships it or as a portal made it."""

from msgspec import Struct, field

from trunkline.crm.record import Moment

NON_SENSITIVE = "non_sensitive"
"""The data sensitivity of a property for which no other was asked (behaviour 11.7)."""

LAST_PLACE = (1 << 31) - 1
"""The largest display order: the specification makes it an integer of 32 bits."""


class Option(Struct, frozen=True, rename="camel"):
    """One choice of an enumeration; a hidden one is as good as any other, only not offered to people."""

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
        """Whether a value is a list, parted by semicolons (behaviour 4.10)."""
        return self.type == "enumeration" and (self.field_type == "checkbox" or self.check == "emails")

    @property
    def formula(self) -> str | None:
        """What a portal's calculated property is made of (`trunkline.crm.formula`)."""
        own = self.calculated and not self.hubspot_defined
        return str(self.hints["calculationFormula"]) if own and "calculationFormula" in self.hints else None

    @property
    def sensitivity(self) -> str:
        """How sensitive its values are: `non_sensitive`, `sensitive` or `highly_sensitive`."""
        return str(self.hints.get("dataSensitivity", NON_SENSITIVE))


class Group(Struct, frozen=True, rename="camel"):
    """A named group of properties, HubSpot's or the portal's own; nothing tells the two apart (behaviour 11.10)."""

    name: str
    label: str
    display_order: int = -1
    archived: Moment | None = None
