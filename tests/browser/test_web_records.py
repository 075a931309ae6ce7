"""The table of records and the page of one in a browser: anyone can read and use them, by keyboard too."""

import pytest
from playwright.sync_api import expect
from sight import LOOKS, Onlooker
from threaded import ThreadedServer

CALLS = 60
TABLE = "/portal/1000001/records/calls"


@pytest.fixture
def ids(trunkline: ThreadedServer) -> list[str]:
    """The ids of some calls, the first of them changed and with a recording."""
    with trunkline.client() as client:
        inputs = [
            {
                "properties": {
                    "hs_timestamp": f"2026-11-{1 + number % 28:02}T10:00:00Z",
                    "hs_call_title": f"Call {number} <b>bold</b>",
                    "hs_call_direction": "INBOUND" if number % 2 else "OUTBOUND",
                    "hs_call_duration": str(number * 1000),
                    "hs_call_recording_url": "https://calls.example/1.mp3",
                }
            }
            for number in range(CALLS)
        ]
        made = client.post("/crm/v3/objects/calls/batch/create", json={"inputs": inputs}).raise_for_status().json()
        found = [str(each["id"]) for each in made["results"]]
        change = {"properties": {"hs_call_title": "Changed"}}
        client.patch(f"/crm/v3/objects/calls/{found[0]}", json=change).raise_for_status()
    return found


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_read_and_use_them(onlooker: Onlooker, ids: list[str]) -> None:
    onlooker.check(f"{TABLE}?p=hs_call_direction&o=EQ&v=INBOUND&q=call")
    onlooker.check(TABLE)
    onlooker.check(f"{TABLE}/{ids[0]}")


def test_it_is_used_by_keyboard(onlooker: Onlooker, ids: list[str]) -> None:
    page = onlooker.check(TABLE)
    page.keyboard.press("/")
    page.keyboard.type("bold")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=bold**")
    page.keyboard.press("n")
    page.wait_for_url("**after=50**")
    page.keyboard.press("p")
    page.wait_for_url(lambda url: "after=0" in url or "after" not in url)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/calls/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<b>bold</b>")


def test_a_change_is_undone_by_a_click(onlooker: Onlooker, ids: list[str], trunkline: ThreadedServer) -> None:
    page = onlooker.check(f"{TABLE}/{ids[0]}")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_have_text("The change was undone.")
    with trunkline.client() as client:
        record = client.get(f"/crm/v3/objects/calls/{ids[0]}?properties=hs_call_title").json()
    assert record["properties"]["hs_call_title"] == "Call 0 <b>bold</b>"


def test_columns_and_filters_stand_in_the_address(onlooker: Onlooker, ids: list[str]) -> None:
    page = onlooker.check(TABLE)
    page.get_by_text("Filters").click()
    page.get_by_label("Property").fill("hs_call_duration")
    page.get_by_label("Comparison").select_option("is at least")
    page.get_by_label("Value").fill("58000")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**p=hs_call_duration**")
    expect(page.locator("tbody tr")).to_have_count(2)
