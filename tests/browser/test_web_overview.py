"""The overview in a browser: anyone can read its figures, and a click on one shows its calls."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect
from sight import LIGHT, LOOKS, Onlooker, violations
from threaded import ThreadedServer

HOME = "/portal/1000001"


@pytest.fixture
def calls(trunkline: ThreadedServer) -> None:
    """Some calls of four weeks."""
    inputs = [
        {
            "properties": {
                "hs_timestamp": f"2026-11-{1 + number % 28:02}T{number % 24:02}:00:00Z",
                "hs_call_direction": "INBOUND" if number % 3 else "OUTBOUND",
                "hs_call_duration": str(number * 1000),
            }
        }
        for number in range(100)
    ]
    with trunkline.client() as client:
        client.post("/crm/v3/objects/calls/batch/create", json={"inputs": inputs}).raise_for_status()


@pytest.fixture
def onlooker(browser: Browser, trunkline: ThreadedServer, request: pytest.FixtureRequest) -> Iterator[Onlooker]:
    """Somebody at the server's machine, with the look that a parameter names."""
    made = Onlooker(browser, trunkline.url, getattr(request, "param", LIGHT))
    yield made
    made.context.close()


@pytest.mark.parametrize("onlooker", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_read_the_figures(onlooker: Onlooker, calls: None) -> None:
    page = onlooker.check(HOME)
    for table in page.locator("summary", has_text="as a table").all():
        table.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    onlooker.check(f"{HOME}?since=2020-01-01&until=2020-01-31")
    onlooker.check(f"{HOME}/records/calls?hour=Mon-09")


def test_everybody_can_read_what_to_do_first(onlooker: Onlooker) -> None:
    expect(onlooker.check(HOME).get_by_role("heading", level=2)).to_have_text("What to do first")


def test_a_figure_leads_to_its_calls(onlooker: Onlooker, calls: None) -> None:
    page = onlooker.check(HOME)
    page.get_by_role("link", name="Outbound").click()
    page.wait_for_url("**/records/calls?**")
    expect(page.get_by_role("status")).to_contain_text("of 34")
    page.go_back()
    page.locator("svg.hours a").first.click()
    page.wait_for_url("**hour=**")
    page.go_back()
    page.locator("svg.columns-of a").first.click()
    page.wait_for_url("**since=2026-11-01&until=2026-11-01**")
    expect(page.get_by_role("status")).to_contain_text("of 4")


def test_a_span_is_chosen(onlooker: Onlooker, calls: None) -> None:
    page = onlooker.check(HOME)
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("main")).to_contain_text("from 2026-11-22 to 2026-11-28")
    page.get_by_label("From").fill("2026-11-28")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("main")).to_contain_text("from 2026-11-28 to 2026-11-28")


def test_what_is_being_counted_is_shown_once_it_is(onlooker: Onlooker, calls: None) -> None:
    seen: list[str] = []

    def answer(route: Route) -> None:
        found = route.fetch()
        body = found.text()
        if not seen:
            start, end = body.index("<main"), body.index("</main>")
            body = f'{body[:start]}<main id="main"><h1>Overview</h1><p data-again>Being counted</p>{body[end:]}'
        seen.append(route.request.url)
        route.fulfill(response=found, body=body)

    onlooker.page.route(onlooker.url + HOME, answer)
    onlooker.page.goto(onlooker.url + HOME)
    expect(onlooker.page.get_by_text("Being counted")).to_be_visible()
    expect(onlooker.page.get_by_role("heading", name="Calls by day")).to_be_visible()
    assert len(seen) == 2
