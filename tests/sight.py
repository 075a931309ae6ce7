"""How a page is judged in a browser: whether anybody can read and use it, and whether it fits."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, Page, Request

Look = dict[str, Any]

LIGHT: Look = {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}}
PHONE: Look = {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True}
LOOKS = {"light": LIGHT, "phone, dark": PHONE}

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

HEAVIEST = 200_000
"""Bytes that a first visit may weigh."""


def judged(page: Page) -> dict[str, Any]:
    """What axe finds; the package that brings it is not needed beyond its script."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return found


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that a page breaks, and where."""
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in judged(page)["violations"]]


ABORTED = "net::ERR_ABORTED"
"""What becomes of a request when the next page is opened meanwhile."""


class Onlooker:
    """Opens pages of a server; `complaints` are what the browser and the policy of the pages complained of."""

    def __init__(self, browser: Browser, url: str, look: Look) -> None:
        self.url, self.complaints, self.weight = url, list[str](), 0
        self.context = browser.new_context(**look)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", lambda response: self._weigh(len(response.body()) if response.status == 200 else 0))

    def _failed(self, request: Request) -> None:
        if request.failure != ABORTED:
            self.complaints.append(request.url)

    def _weigh(self, size: int) -> None:
        self.weight += size

    def check(self, path: str) -> Page:
        """Opens a page for the first time, and holds it to all that every page must keep."""
        self.weight = 0
        self.page.goto(self.url + path, wait_until="networkidle")
        broken = violations(self.page)
        assert broken == [], broken
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
        assert self.weight < HEAVIEST, self.weight
        assert self.complaints == [], self.complaints
        return self.page
