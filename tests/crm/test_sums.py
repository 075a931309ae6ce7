"""What the service works out of a deal's amount, its stage and its dates."""

import pytest

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.pipeline import Pipeline, Stage
from trunkline.crm.record import Record
from trunkline.crm.values import milliseconds

CREATED = milliseconds("2026-03-12T07:36:06.332Z")
DEALS = Catalog(7, Definitions()).type("deals")
MONEY = (
    "amount_in_home_currency",
    "hs_closed_amount",
    "hs_closed_amount_in_home_currency",
    "hs_forecast_amount",
    "hs_open_amount_in_home_currency",
    "hs_projected_amount",
    "hs_projected_amount_in_home_currency",
)


def derived(**sent: str) -> dict[str, str | None]:
    record = Record(id=1, properties=sent, created=CREATED, updated=CREATED, app=1)
    return DEALS.derived.all(record)


def test_a_deal_as_it_was_recorded() -> None:
    found = derived(amount="15000", closedate="2026-12-31T00:00:00Z", dealstage="qualifiedtobuy", pipeline="default")
    weighted = "6000.00000000000033306690738754696212708950042724609375000"
    expected = {
        "amount_in_home_currency": "15000",
        "days_to_close": "293",
        "hs_closed_amount": "0",
        "hs_closed_amount_in_home_currency": "0",
        "hs_days_to_close_raw": "293.68326",
        "hs_deal_stage_probability": "0.40000000000000002220446049250313080847263336181640625",
        "hs_forecast_amount": "15000",
        "hs_open_amount_in_home_currency": "15000",
        "hs_projected_amount": weighted,
        "hs_projected_amount_in_home_currency": weighted,
    }
    assert {name: found[name] for name in expected} == expected


def test_a_deal_that_is_won() -> None:
    found = derived(amount="99.50", dealstage="closedwon", pipeline="default")
    assert (found["hs_closed_amount"], found["hs_open_amount_in_home_currency"]) == ("99.50", "0")
    assert found["hs_projected_amount"] == "99.50"


def test_a_deal_that_is_lost() -> None:
    found = derived(amount="99.50", dealstage="closedlost", pipeline="default")
    assert (found["hs_closed_amount"], found["hs_open_amount_in_home_currency"]) == ("0", "0")
    assert float(found["hs_projected_amount"] or "x") == 0


@pytest.mark.parametrize("amount", ["", "1e9999", "1e-9999"])
def test_a_deal_without_an_amount_or_with_one_that_is_out_of_reason(amount: str) -> None:
    found = derived(amount=amount, dealstage="qualifiedtobuy", pipeline="default")
    assert "hs_projected_amount" not in found
    if not amount:
        assert not found.keys() & set(MONEY)


def test_days_before_the_creation() -> None:
    found = derived(closedate="2026-03-11T07:36:06.332Z")
    assert (found["days_to_close"], found["hs_days_to_close_raw"]) == ("-1", "-1")


def test_a_changed_stage_makes_another_rule() -> None:
    """By the text of its rule an index knows whether a derived value is still the same."""
    stage = Stage(id="mine", label="M", display_order=0, metadata={"probability": "0.5"}, created=1, updated=1)
    mine = Pipeline(id="p", label="P", display_order=0, stages=(stage,), created=1, updated=1)
    other = Catalog(7, Definitions(pipelines={"0-3": [mine]})).type("deals")
    for name in ("hs_projected_amount", "hs_closed_amount"):
        assert other.properties[name].derivation != DEALS.properties[name].derivation
    record = Record(id=1, properties={"amount": "10", "dealstage": "mine"}, created=1, updated=1, app=1)
    assert other.derived.one(record, "hs_projected_amount") == "5.0"


def test_what_follows_from_an_address() -> None:
    contacts = Catalog(7, Definitions()).type("contacts")
    record = Record(id=1, properties={"email": "ann@example.com"}, created=1, updated=1, app=1)
    found = contacts.derived.all(record)
    assert (found["hs_email_domain"], found["hs_is_contact"]) == ("example.com", "true")
    nobody = Record(id=1, properties={}, created=1, updated=1, app=1)
    assert "hs_email_domain" not in contacts.derived.all(nobody)
