"""Each page of an authorization in a browser: anyone can read and use it, in light, in dark and on a phone."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from pages import CONSENT, PAGES, Context
from playwright.sync_api import Browser, Page, Route
from sight import judged

from trunkline.http.oauth.pages import STYLE, render

URL = "http://trunkline.test/"
PARTS = {
    STYLE: ("oauth/static/style.css", "text/css"),
    "/face/ground.css": ("static/ground.css", "text/css"),
    "/face/icon.svg": ("static/icon.svg", "image/svg+xml"),
}
LIGHT: Context = {"color_scheme": "light", "viewport": {"width": 1100, "height": 760}}
DARK: Context = LIGHT | {"color_scheme": "dark"}
PHONE: Context = {"color_scheme": "light", "viewport": {"width": 320, "height": 640}, "has_touch": True}
LOOKS = {"light": LIGHT, "dark": DARK, "phone": PHONE}

Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page without a server; whatever it asks for that is not its own fails the test, as do complaints."""
    contexts, complaints = [], []

    def open_(name: str, shown: Context, look: Context = LIGHT) -> Page:
        contexts.append(browser.new_context(**look))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.route("**/*", lambda route: _serve(route, name, shown))
        page.goto(URL)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _serve(route: Route, name: str, shown: Context) -> None:
    path = "/" + route.request.url.removeprefix(URL)
    if path in PARTS:
        file, content_type = PARTS[path]
        route.fulfill(body=(files("trunkline") / "http" / file).read_text(), content_type=content_type)
    elif path == "/":
        response = render(name, **shown)
        route.fulfill(headers=dict(response.headers), body=bytes(response.body))
    else:
        route.abort()


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize(("name", "shown"), PAGES.values(), ids=PAGES)
def test_everybody_can_read_and_use_it(visit: Visit, name: str, shown: Context, look: Context) -> None:
    page = visit(name, shown, look)
    found = judged(page)
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    # What it could not judge by itself is no excuse: contrast on one plain ground can always be told.
    assert [each["id"] for each in found["incomplete"]] == []
    assert len(found["passes"]) > 15


@pytest.mark.parametrize(("name", "shown"), PAGES.values(), ids=PAGES)
def test_nothing_is_wider_than_a_small_phone(visit: Visit, name: str, shown: Context) -> None:
    long = {
        key: value * 12 if key in ("app_name", "user_email", "destination", "title") else value
        for key, value in shown.items()
    }
    page = visit(name, long, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_both_decisions_are_equally_large(visit: Visit, look: Context) -> None:
    page = visit("consent.html", CONSENT, look)
    allow, deny = (page.get_by_role("button", name=name).bounding_box() for name in ("Allow", "Deny"))
    assert allow is not None and deny is not None
    assert (allow["width"], allow["height"], allow["y"]) == (deny["width"], deny["height"], deny["y"])
    assert allow["height"] >= 44


def test_what_has_the_focus_is_ringed(visit: Visit) -> None:
    page = visit("consent.html", CONSENT)
    seen = []
    for _ in range(4):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(RINGED))
    assert [each["name"] for each in seen] == ["Sign out", "1000001", "Allow", "Deny"]
    assert {each["ring"] for each in seen} == {"solid 3px"}


RINGED = """() => {
  const at = document.activeElement, radio = at.type === 'radio';
  const style = getComputedStyle(radio ? at.closest('label') : at);
  return {name: radio ? at.value : at.textContent, ring: `${style.outlineStyle} ${style.outlineWidth}`};
}"""


def test_enter_in_the_list_of_portals_decides_nothing(visit: Visit) -> None:
    page = visit("consent.html", CONSENT | {"chosen": 1_000_002})
    page.get_by_role("radio", name="Acme North").press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.url == URL
    assert page.locator(":checked").get_attribute("value") == "1000001"


def test_allowing_needs_a_portal(visit: Visit) -> None:
    page = visit("consent.html", CONSENT)
    page.get_by_role("button", name="Allow").click()
    assert page.url == URL
    assert page.evaluate("document.querySelector('form:has([name=portal])').checkValidity()") is False


def test_the_second_click_of_a_double_click_allows_nothing(visit: Visit) -> None:
    """A window on top can close between the two clicks, and the pointer is on the page from one moment to the next."""
    page = visit("consent.html", CONSENT | {"chosen": 1_000_001})
    page.get_by_role("button", name="Allow").hover(force=True)
    guard: dict[str, Any] = page.evaluate(GUARD)
    assert guard == {"at first": "none", "length": 700, "later": "auto", "deny": "auto"}


GUARD = """() => {
  const allow = document.querySelector('[value=allow]'), deny = document.querySelector('[value=deny]');
  const armed = allow.getAnimations()[0], reacts = at => getComputedStyle(at).pointerEvents;
  armed.pause();
  armed.currentTime = 0;
  const first = reacts(allow), length = armed.effect.getComputedTiming().duration;
  armed.finish();
  return {'at first': first, length, later: reacts(allow), deny: reacts(deny)};
}"""


def test_it_can_be_printed(visit: Visit) -> None:
    page = visit("consent.html", CONSENT)
    page.emulate_media(media="print")
    assert page.get_by_text("crm.objects.contacts.read").is_visible()
    assert not page.get_by_role("button", name="Allow").is_visible()
