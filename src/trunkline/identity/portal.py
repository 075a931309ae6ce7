"""A portal (HubSpot also says account): one customer's data, apart from that of all others, and what it has bought."""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct, field

from trunkline.crm.record import Moment

Product = Literal["marketing", "sales", "service", "cms", "commerce", "crmHub", "dataHub"]
Tier = Literal["FREE", "STARTER", "PROFESSIONAL", "ENTERPRISE"]
Enforcement = Literal["off", "hubspot"]
"""Whether rate limits only show in headers, or also refuse."""

PRODUCTS: tuple[Product, ...] = get_args(Product)
TIERS: tuple[str, ...] = get_args(Tier)
"""From the least to the most."""

Products = Mapping[Product, Tier]
"""The tier of each product that is had."""


def everything() -> Products:
    """All products in the highest tier: what a portal has unless told otherwise."""
    return dict.fromkeys(PRODUCTS, "ENTERPRISE")


class Portal(Struct, frozen=True, kw_only=True):
    """One portal. `limits` overrules the server's setting, `removed` is when it was given up."""

    id: int
    name: str
    created: Moment
    products: Products = field(default_factory=everything)
    limits: Enforcement | None = None
    removed: Moment | None = None

    @property
    def domain(self) -> str:
        """What stands for the portal's domain, as HubSpot tells it with a token."""
        return f"portal-{self.id}.localhost"

    @property
    def tier(self) -> str:
        """The highest tier that it has of any product."""
        return max(self.products.values(), key=TIERS.index, default="FREE")

    def has(self, needed: Mapping[str, str]) -> bool:
        """Whether the portal has one of the products that are needed, in that tier or a higher.

        What needs none but free ones is open to every portal.
        """
        paid = {product: tier for product, tier in needed.items() if tier != "FREE"}
        return not paid or any(self._has(product, tier) for product, tier in paid.items())

    def _has(self, product: str, tier: str) -> bool:
        return any(TIERS.index(had) >= TIERS.index(tier) for name, had in self.products.items() if name == product)
