"""The setup in a browser: anyone can read and use it, from nothing to a client that works."""

import httpx
import pytest
from playwright.sync_api import expect
from sight import LOOKS, Onlooker
from threaded import ThreadedServer

SETUP = "/portal/1000001/setup"


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_read_and_use_it(onlooker: Onlooker, trunkline: ThreadedServer) -> None:
    page = onlooker.check(SETUP)
    page.get_by_label("Name, as in dialer_id").fill("dialer_id")
    page.get_by_role("button", name="Make a unique property of calls").click()
    expect(page.get_by_role("status")).to_have_text("Calls can be upserted by dialer_id now.")
    page = onlooker.check(f"{SETUP}/tokens")
    page.get_by_label("What it is for").fill("Dialer")
    page.get_by_role("button", name="Make a token that may do everything").click()
    token = page.locator("#token").inner_text().strip()
    headers = {"authorization": f"Bearer {token}"}
    inputs = [{"idProperty": "dialer_id", "id": "A-1", "properties": {"hs_timestamp": "2026-01-01T12:00:00Z"}}]
    path = f"{trunkline.url}/crm/v3/objects/calls/batch/upsert"
    answer = httpx.post(path, json={"inputs": inputs}, headers=headers, trust_env=False)
    assert answer.status_code == 200
    page = onlooker.check(f"{SETUP}/apps")
    page.get_by_role("textbox", name="Name").fill("Report")
    page.get_by_label("Where people are sent back to, one address in a line").fill("https://report.example/back")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The secret of “Report”")
    for name in ("tokens", "apps", "webhooks", "people", "portals", "mirror"):
        onlooker.check(f"{SETUP}/{name}")


def test_a_token_is_revoked_by_two_clicks(onlooker: Onlooker) -> None:
    page = onlooker.check(f"{SETUP}/tokens")
    page.get_by_label("What it is for").fill("Dialer")
    page.get_by_role("button", name="Make a token that may do everything").click()
    page.get_by_role("link", name="To the tokens").click()
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke Dialer for good").click()
    expect(page.get_by_role("status")).to_contain_text("The token is revoked")
