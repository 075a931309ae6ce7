"""The reference under /docs as a reader has it: found, read in each language, and tried."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from server import SECONDS, TOKEN, Server, start

from trunkline.language import LANGUAGES, TAGS, text

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KINDS = {"contents": "/docs", "chapter": "/docs/v3/search", "oauth": "/docs/2026-03/oauth"}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
UPSERT = "#batches-upsert"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real program, with a property by which calls are upserted."""
    server = start(tmp_path_factory.mktemp("reference") / "calls.db")
    server.define(name="call_key")
    yield server
    server.stop()


@pytest.fixture
def tab(page: Page) -> Iterator[Page]:
    """A tab in which nothing may be complained of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    # That a request was answered with an error is what some of these tests are about.
    assert [each for each in complaints if "Failed to load resource" not in each] == []


def judged(page: Page) -> dict[str, Any]:
    """What axe finds."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return found


JUDGED = {"light": [*LANGUAGES], "dark": ["en"], "phone": ["de"]}
"""The languages in which axe looks at a look: colours are the same in all, and German words are the longest."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("look", "language"), [(look, code) for look in LOOKS for code in LANGUAGES])
def test_everybody_can_read_and_use_it(look: str, language: str, kind: str, server: Server, browser: Browser) -> None:
    context = browser.new_context(locale=TAGS[language], **LOOKS[look])
    page = context.new_page()
    page.goto(server.url + KINDS[kind], timeout=SECONDS * 1000)
    assert page.locator("html").get_attribute("lang") == TAGS[language]
    if kind != "contents":
        page.locator(".try > summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == LOOKS[look]["viewport"]["width"]
    if language in JUDGED[look]:
        found = judged(page)
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
        assert len(found["passes"]) > 15
    context.close()


def test_an_operation_is_found_from_the_keyboard(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs")
    tab.keyboard.press("/")
    box = tab.get_by_role("combobox", name="Find an operation")
    expect(box).to_be_focused()
    tab.keyboard.type("upsert objectWriteTraceId")
    expect(tab.locator("#found li").first).to_contain_text("Create or update a batch of records")
    expect(box).to_have_attribute("aria-activedescendant", "found-0")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{server.url}/docs/v3/batches{UPSERT}")


def test_a_search_goes_down_and_up_and_away(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/records")
    box = tab.get_by_role("combobox")
    box.fill("pipeline")
    options = tab.locator("#found li")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(tab.locator("#found")).to_be_hidden()
    box.fill("no such thing as that")
    expect(tab.locator("#found-state")).to_have_text("Nothing found.")


def test_a_search_is_in_the_language_and_by_path(server: Server, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{server.url}/docs/2026-03/lists")
    box = page.get_by_role("combobox", name="Operation suchen")
    box.fill("papierkorb batch")
    page.locator("#found li").first.click()
    expect(page).to_have_url(f"{server.url}/docs/2026-03/batches#batches-archive")
    box.fill("oauth introspect")
    expect(page.locator("#found li").first).to_contain_text("/oauth/2026-03/token/introspect")
    context.close()


def test_the_language_is_chosen_by_hand_at_the_same_place_and_kept(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches#batches-read")
    tab.get_by_role("link", name="Português").click()
    expect(tab).to_have_url(f"{server.url}/docs/v3/batches?lang=pt#batches-read")
    title = text("pt", "Read a batch of records by their ids, or by the values of a unique property")
    expect(tab.locator("#batches-read h2")).to_have_text(title)
    tab.goto(f"{server.url}/docs/v3/lists")
    expect(tab.locator("html")).to_have_attribute("lang", "pt-BR")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Listas")


def test_another_version_opens_at_the_same_operation(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches#batches-read")
    tab.get_by_role("link", name="2026-09").first.click()
    expect(tab).to_have_url(f"{server.url}/docs/2026-09/batches#batches-read")


def test_a_short_address_leads_to_the_operation(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs#segments-create")
    expect(tab).to_have_url(f"{server.url}/docs/v3/lists#segments-create")


def test_an_upsert_is_tried_and_done(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches{UPSERT}")
    form = opened(tab, UPSERT)
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply")).to_have_text("Fill in Your access token first.")
    expect(tab.get_by_label("Your access token")).to_be_focused()
    tab.get_by_label("Your access token").fill(TOKEN)
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply strong")).to_have_text("200")
    answered = json.loads(form.locator(".reply > pre").inner_text())
    assert [each["new"] for each in answered["results"]] == [True, True]
    with server.client() as http:
        call = http.get("/crm/v3/objects/calls/A-1?idProperty=call_key&properties=hs_call_title").json()
    assert call["properties"]["hs_call_title"] == "First call"
    form.get_by_text("Headers").click()
    expect(form.locator(".reply details pre")).to_contain_text("x-hubspot-ratelimit-remaining")


def test_another_example_fills_the_form(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches")
    tab.get_by_label("Your access token").fill(TOKEN)
    form = opened(tab, UPSERT)
    form.get_by_label("Example").select_option("One input fails")
    form.get_by_label("X-Trunkline-Detail").select_option("full")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply strong")).to_have_text("207")
    expect(form.locator(".reply > pre")).to_contain_text('"subCategory"')
    form.get_by_label("Body").fill("{nonsense")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply strong")).to_have_text("400")


def test_a_path_a_query_and_a_form_are_sent(server: Server, tab: Page) -> None:
    server.upsert({"idProperty": "call_key", "id": "x y&ä", "properties": {"hs_timestamp": "2026-01-01T00:00:00Z"}})
    tab.goto(f"{server.url}/docs/2026-03/records")
    tab.get_by_label("Your access token").fill(TOKEN)
    form = opened(tab, "#records-get")
    form.locator("[name=id]").fill("x y&ä")
    form.locator("[name=idProperty]").fill("call_key")
    form.locator("[name=properties]").fill("call_key")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply > pre")).to_contain_text('"call_key": "x y&ä"')
    tab.goto(f"{server.url}/docs/2026-03/oauth")
    form = opened(tab, "#tokens-create")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply")).to_have_text("Fill in $CLIENT_ID first.")
    for field in ("client_id", "client_secret", "code"):
        form.locator(f"[name={field}]").fill("none")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply > pre")).to_contain_text("BAD_AUTH_CODE")


def test_a_file_is_sent(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/imports")
    tab.get_by_label("Your access token").fill(TOKEN)
    form = opened(tab, "#imports-start-import")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".reply strong")).to_have_text("200")
    expect(form.locator(".reply > pre")).to_contain_text('"STARTED"')


def test_the_token_stays_in_the_tab_and_goes_nowhere_else(server: Server, context: BrowserContext) -> None:
    page, other = context.new_page(), context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(json.dumps([request.url, request.all_headers()])))
    page.goto(f"{server.url}/docs/v3/batches")
    page.get_by_label("Your access token").fill(TOKEN)
    page.goto(f"{server.url}/docs/v3/records")
    expect(page.get_by_label("Your access token")).to_have_value(TOKEN)
    other.goto(f"{server.url}/docs/v3/records")
    expect(other.get_by_label("Your access token")).to_have_value("")
    assert [each for each in sent if TOKEN in each] == []
    assert context.cookies() == []
    assert page.evaluate("Object.values(localStorage)") == []


def test_the_known_token_is_offered_on_loopback_alone(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/docs/v3/batches")
    ready = page.get_by_role("button", name="pat-local-development")
    ready.click()
    expect(page.get_by_label("Your access token")).to_have_value("pat-local-development")
    page.route("http://trunkline.test/**", lambda route: route.continue_(url=server.url + path_of(route.request.url)))
    page.goto("http://trunkline.test/docs/v3/batches")
    expect(page.get_by_label("Your access token")).to_have_value("")
    expect(ready).to_be_hidden()


def test_no_page_has_the_token_of_the_server(server: Server) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, verify=False) as http:
        for path in (*KINDS.values(), "/openapi.json", "/docs/v3/search.json"):
            answer = http.get(path, headers={"origin": "https://elsewhere.example"})
            assert TOKEN not in answer.text
            assert "access-control-allow-origin" not in answer.headers


def test_who_reads_python_reads_on_in_python(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches")
    first = tab.locator(UPSERT).locator("figure").first
    expect(first.get_by_text("curl -s")).to_be_visible()
    first.get_by_text("Python", exact=True).click()
    expect(first.get_by_text("import requests")).to_be_visible()
    expect(first.get_by_text("curl -s")).to_be_hidden()
    tab.goto(f"{server.url}/docs/v3/records")
    expect(tab.locator("#records-get figure").first.get_by_text("import requests")).to_be_visible()


def test_without_scripts_it_reads_all_the_same(server: Server, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/docs")
    page.get_by_role("link", name=re.compile("^Create or update a batch")).click()
    expect(page.locator(f"{UPSERT} .route")).to_be_visible()
    expect(page.locator(".try").first).to_be_hidden()
    expect(page.locator(".search")).to_be_hidden()
    page.locator(UPSERT).get_by_text("Python", exact=True).first.click()
    expect(page.locator(UPSERT).get_by_text("import requests").first).to_be_visible()
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Batches")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    context.close()


def test_the_menu_of_a_phone_opens_and_closes(server: Server, browser: Browser) -> None:
    context = browser.new_context(**LOOKS["phone"])
    page = context.new_page()
    page.goto(f"{server.url}/docs/v3/batches")
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Contents").click()
    menu.get_by_role("link", name="Batches").focus()
    menu.locator("a[href='#batches-read']").click()
    expect(menu).to_be_hidden()
    context.close()


def test_it_can_be_printed(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/docs/v3/batches")
    tab.emulate_media(media="print")
    expect(tab.locator(f"{UPSERT} .route")).to_be_visible()
    for hidden in ("header", "#menu", ".token", f"{UPSERT} .try"):
        expect(tab.locator(hidden)).to_be_hidden()


def opened(page: Page, operation: str) -> Any:
    """The form of an operation."""
    page.locator(f"{operation} .try > summary").click()
    return page.locator(f"{operation} form")


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_there_is_a_translation_of_what_the_scripts_say(server: Server, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{server.url}/docs/v3/records")
    form = opened(page, "#records-get")
    form.get_by_role("button", name="Senden").click()
    expect(form.locator(".reply")).to_have_text("Füllen Sie zuerst Ihr Zugriffstoken aus.")
    context.close()
