"""A real browser: pages as a person sees them, under the rules that browsers enforce."""

from collections.abc import Iterator

import chromium
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from server import SECONDS
from sight import LIGHT, Onlooker
from threaded import ThreadedServer


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program; without one the test is skipped."""
    found = chromium.find()
    if found is None:
        pytest.skip(f"no Chromium found: run tools/browser.py, or name one in {chromium.VARIABLE}")
    return found


@pytest.fixture(scope="module")
def browser(program: str) -> Iterator[Browser]:
    """A browser without a window. Playwright occupies the thread's event loop, so no other module may meet it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=chromium.arguments(), timeout=SECONDS * 1000, headless=True
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile that knows nothing yet."""
    context = browser.new_context()
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture
def onlooker(browser: Browser, trunkline: ThreadedServer, request: pytest.FixtureRequest) -> Iterator[Onlooker]:
    """Somebody at a server's machine, with the look that a parameter names."""
    made = Onlooker(browser, trunkline.url, getattr(request, "param", LIGHT))
    yield made
    made.context.close()
