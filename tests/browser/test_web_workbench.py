"""The workbench in a browser: anyone can read and use it."""

import pytest
from playwright.sync_api import expect
from sight import LOOKS, Onlooker
from threaded import ThreadedServer

BENCH = "/portal/1000001/workbench"


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_read_and_use_it(onlooker: Onlooker, trunkline: ThreadedServer) -> None:
    page = onlooker.check(BENCH)
    page.locator("#checkpoints").get_by_label("Name").fill("before")
    page.get_by_role("button", name="Make a checkpoint").click()
    expect(page.get_by_role("status")).to_have_text("The checkpoint before is made.")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Freeze now").click()
    page.locator("#checkpoints").get_by_label("Name").fill("later")
    with trunkline.client() as client:  # the first fault strikes once
        for _ in range(2):
            client.post("/crm/v3/objects/calls", json={"properties": {"hs_timestamp": "2026-11-30T10:00:00Z"}})
    for path in (BENCH, f"{BENCH}/changes?since=before", f"{BENCH}/sure?to=before", f"{BENCH}/sure"):
        onlooker.check(path)
    page.goto(f"{onlooker.url}{BENCH}/sure?to=before")
    page.get_by_role("button", name="Rewind").click()
    expect(page.get_by_role("status")).to_contain_text("1 records")
