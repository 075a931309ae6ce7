"""Properties and pipelines in a browser: anyone can read the pages, and make and change what is on them."""

import pytest
from playwright.sync_api import expect
from sight import LOOKS, Onlooker, violations

SETUP = "/portal/1000001/setup"


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_a_property_is_made_found_and_archived(onlooker: Onlooker) -> None:
    page = onlooker.check(f"{SETUP}/properties")
    page.get_by_text("Make a property").click()
    page.get_by_label("Name, as in dialer_id").fill("outcome")
    page.get_by_label("Kind").select_option("One of several, from a list")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("alert")).to_contain_text("needs options")
    assert violations(page) == []
    onlooker.complaints.clear()  # a browser complains of every answer that is a 400
    page.get_by_label("Options where there are several").fill("won = We won\nlost")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("status").first).to_have_text("The property outcome is there.")
    page = onlooker.check(f"{SETUP}/properties/calls?sort=own")
    page.get_by_label("2 options of outcome").click()
    expect(page.locator("tbody")).to_contain_text("We won")
    page.get_by_text("Archive…").click()
    page.get_by_role("button", name="Archive outcome now").click()
    expect(page.get_by_role("status").first).to_contain_text("The property outcome is archived.")
    onlooker.check(f"{SETUP}/properties/calls?sort=archived")
    onlooker.check(f"{SETUP}/properties/contacts")


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_a_pipeline_is_changed(onlooker: Onlooker) -> None:
    page = onlooker.check(f"{SETUP}/pipelines")
    page.get_by_role("button", name="Move Closed Lost up").click()
    expect(page.get_by_role("status")).to_have_text("The stage is moved.")
    expect(page.locator("tbody tr").nth(5)).to_contain_text("Closed Lost")
    page.get_by_text("Change…").click()
    assert violations(page) == []
    page.get_by_label("Label of a new stage").fill("Waiting")
    page.get_by_label("Probability, 0 to 1").last.fill("0.1")
    page.get_by_role("button", name="Add a stage to Sales Pipeline").click()
    expect(page.get_by_role("status")).to_have_text("The stage Waiting is there.")
    page.get_by_text("Make a pipeline").click()
    page.get_by_role("textbox", name="Label", exact=True).fill("Renewals")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Renewals")).to_be_visible()
    for type_ in ("tickets", "appointments"):
        onlooker.check(f"{SETUP}/pipelines/{type_}")
