"""What a portal has of products, and what is needed."""

import pytest

from trunkline.identity.portal import Portal, everything


@pytest.mark.parametrize(
    ("had", "needed", "has"),
    [
        ({}, {}, True),
        ({}, {"sales": "FREE", "marketing": "FREE"}, True),
        ({}, {"sales": "STARTER"}, False),
        ({"sales": "STARTER"}, {"sales": "STARTER"}, True),
        ({"sales": "ENTERPRISE"}, {"sales": "PROFESSIONAL"}, True),
        ({"sales": "STARTER"}, {"sales": "PROFESSIONAL"}, False),
        ({"marketing": "ENTERPRISE"}, {"sales": "PROFESSIONAL", "marketing": "FREE"}, False),
        (
            {"service": "PROFESSIONAL"},
            {"marketing": "PROFESSIONAL", "sales": "STARTER", "service": "PROFESSIONAL"},
            True,
        ),
        (everything(), {"sales": "ENTERPRISE"}, True),
        (everything(), {"somethingNew": "STARTER"}, False),
    ],
)
def test_one_of_the_products_is_enough(had: dict, needed: dict[str, str], has: bool) -> None:  # type: ignore[type-arg]
    assert Portal(id=1, name="x", created=0, products=had).has(needed) == has


@pytest.mark.parametrize(
    ("had", "tier"),
    [({}, "FREE"), ({"sales": "STARTER", "cms": "PROFESSIONAL"}, "PROFESSIONAL"), (everything(), "ENTERPRISE")],
)
def test_the_tier_is_the_highest_of_any_product(had: dict, tier: str) -> None:  # type: ignore[type-arg]
    assert Portal(id=1, name="x", created=0, products=had).tier == tier
