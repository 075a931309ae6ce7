"""A browser without a window: pages of a server in this process, as the person at that machine sees them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from inprocess import client
from selectolax.lexbor import LexborHTMLParser
from server import TOKEN

LOCAL = "http://127.0.0.1"
HTML = {"accept": "text/html"}
"""What a browser asks for."""
JSON = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}


class Person:
    """Somebody who looks at pages: `api` is an app that writes what they see."""

    def __init__(self, api: httpx.AsyncClient, browser: httpx.AsyncClient, portal: int) -> None:
        self.api, self.browser, self.portal = api, browser, portal

    def place(self, path: str = "") -> str:
        """The address of a page of the portal."""
        return f"/portal/{self.portal}{path}"

    async def see(self, path: str = "", status: int = 200) -> LexborHTMLParser:
        """The page at a path of the portal."""
        answer = await self.browser.get(self.place(path))
        assert answer.status_code == status, answer.text
        return LexborHTMLParser(answer.text)

    async def send(
        self, on: str, action: str, fields: Mapping[str, str | list[str]], status: int = 200
    ) -> LexborHTMLParser:
        """The page that follows when a form is sent that is on the page at a path; its action is another path."""
        (seal,) = {node.attributes["value"] for node in (await self.see(on)).css("[name=csrf]")}
        sent = {"csrf": seal or "", **fields}
        answer = await self.browser.post(self.place(action), data=sent, follow_redirects=True)
        assert answer.status_code == status, answer.text
        return LexborHTMLParser(answer.text)

    async def make(self, type_: str, **properties: str) -> str:
        """The id of a new record."""
        answer = await self.api.post(f"/crm/v3/objects/{type_}", json={"properties": properties}, headers=JSON)
        made: dict[str, Any] = answer.raise_for_status().json()
        return str(made["id"])


@asynccontextmanager
async def person(**settings: object) -> AsyncIterator[Person]:
    """The owner of a new, empty server, at its own machine."""
    async with client(**settings) as api:
        transport = api._transport
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL, headers=HTML) as browser:
            start = await browser.get("/")
            assert start.status_code == 303
            yield Person(api, browser, int(start.headers["location"].rpartition("/")[2]))


def run(work: Callable[[Person], Awaitable[None]], **settings: object) -> None:
    """Does something as a person on a new server."""

    async def all_of_it() -> None:
        async with person(**settings) as one:
            await work(one)

    asyncio.run(all_of_it())


def text(page: LexborHTMLParser, selector: str = "main") -> str:
    """The words of a part of a page, with single spaces."""
    found = page.css_first(selector)
    assert found is not None, selector
    return " ".join(found.text(separator=" ").split())
