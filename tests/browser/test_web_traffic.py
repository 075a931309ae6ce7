"""The page of the traffic in a browser: it follows what arrives, and anyone can read and use it."""

import pytest
from playwright.sync_api import expect
from sight import LOOKS, Onlooker
from threaded import ThreadedServer

CALLS = "/crm/v3/objects/calls"
CREATE = f"{CALLS}/batch/create"
TRAFFIC = "/portal/1000001/requests"
CALL = {"hs_timestamp": "2026-11-30T10:00:00Z", "hs_call_title": "<script>alert('x')</script>"}


@pytest.fixture
def ids(trunkline: ThreadedServer) -> list[str]:
    """The correlation ids of a request that failed in part, of a large one, and of one without a token."""
    inputs = [
        {"properties": CALL | {"hs_call_duration": value}, "objectWriteTraceId": f"t{n}", "other": n}
        for n, value in enumerate(("1000", "long"))
    ]
    many = [{"properties": CALL | {"hs_call_body": "word " * 500}}] * 100
    with trunkline.client() as client:
        answers = [
            client.post(CREATE, json={"inputs": inputs}),
            client.post(CREATE, json={"inputs": many}),
            client.get(CALLS, headers={"authorization": "none"}),
        ]
    assert [answer.status_code for answer in answers] == [207, 201, 401]
    return [answer.headers["x-hubspot-correlation-id"] for answer in answers]


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_read_it(onlooker: Onlooker, ids: list[str]) -> None:
    onlooker.check(TRAFFIC)
    onlooker.check(f"{TRAFFIC}?status=5xx&app=1")
    for id_ in ids:
        onlooker.check(f"{TRAFFIC}/{id_}")


def test_what_arrives_appears(onlooker: Onlooker, trunkline: ThreadedServer) -> None:
    page = onlooker.check(TRAFFIC)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(0)
    with trunkline.client() as client:
        client.get(f"{CALLS}/1")
        expect(rows).to_have_count(1)
        expect(page.get_by_text("No request has come yet")).to_be_hidden()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused.")).to_be_visible()
        client.get(f"{CALLS}/2")
        page.wait_for_timeout(2_000)
        expect(rows).to_have_count(1)
        page.get_by_role("button", name="Pause").click()
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text(f"{CALLS}/2")
        client.get(f"{CALLS}/3")
        expect(rows).to_have_count(3)
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{CALLS}/3")
    assert onlooker.complaints == []


def test_only_what_is_asked_for_appears(onlooker: Onlooker, trunkline: ThreadedServer) -> None:
    page = onlooker.check(TRAFFIC)
    page.get_by_label("Only failed").check()
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**failed=1**")
    with trunkline.client() as client:
        client.get(CALLS)
        client.get(f"{CALLS}/1")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("resource not found")


def test_it_is_cleared(onlooker: Onlooker, ids: list[str]) -> None:
    page = onlooker.check(TRAFFIC)
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("The requests are forgotten.")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(0)


def test_a_request_is_opened_by_keyboard_and_its_command_copied(onlooker: Onlooker, ids: list[str]) -> None:
    onlooker.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = onlooker.check(f"{TRAFFIC}?status=207")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{TRAFFIC}/{ids[0]}")
    expect(page.get_by_text("1 of 2 inputs failed")).to_be_visible()
    page.get_by_role("button", name="Copy curl").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl http") and "$TRUNKLINE_TOKEN" in copied
