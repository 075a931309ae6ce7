"""Who may see which pages, and that no other site's form does anything."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest
from consenting import Flow, csrf_of, flow
from selectolax.lexbor import LexborHTMLParser
from visiting import HTML, person

from trunkline.http.oauth.visitor import PASSED_ON
from trunkline.web.table import PAGES

PASSWORD = "correct horse battery"
FAR = "trunkline.example"


def run(work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Does something with a browser on the machine of a new server."""

    async def all_of_it() -> None:
        async with person() as one:
            await work(one.browser)

    asyncio.run(all_of_it())


def run_far(work: Callable[[Flow], Awaitable[None]]) -> None:
    """Does something with a browser far from a new server."""

    async def all_of_it() -> None:
        async with flow(FAR) as one:
            await work(one)

    asyncio.run(all_of_it())


def test_at_its_own_machine_nobody_signs_in() -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/portal", follow_redirects=True)).status_code == 200

    run(work)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""])
def test_under_another_name_one_signs_in(host: str) -> None:
    """A page of somebody else's whose name leads here (DNS rebinding) sees nothing."""

    async def work(browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/portal/1000001/records/calls?q=a", headers={"host": host})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/oauth/sign-in?next=%2Fportal%2F1000001%2Frecords%2Fcalls%3Fq%3Da"

    run(work)


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {}],
)
def test_a_form_of_another_site_does_nothing(headers: Mapping[str, str]) -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        place = "/portal/1000001/records/calls/1/undo"
        answer = await browser.post(place, data={"csrf": "guess", "position": "1"}, headers=headers)
        assert answer.status_code == 400

    run(work)


def test_a_person_sees_their_portals_and_no_other() -> None:
    async def work(one: Flow) -> None:
        second = (await one.control("POST", "/portals", {"name": "Second"})).json()["id"]
        user = {"email": "ada@example.com", "password": PASSWORD, "portals": [second]}
        assert (await one.control("POST", "/users", user)).status_code == 201
        await sign_in(one, "ada@example.com", "/portal")
        start = await one.http.get("/", headers=HTML)
        assert start.headers["location"] == f"/portal/{second}"
        page = await one.http.get(f"/portal/{second}/records/calls")
        assert page.status_code == 200 and "Sign out" in page.text
        assert (await one.http.get("/portal/1000001/records/calls")).status_code == 404

    run_far(work)


PLACES = {"type": "deals", "id": "1", "side": "request"}
"""What the paths of pages are filled with."""


def test_no_page_and_no_form_is_for_another_portal() -> None:
    async def work(one: Flow) -> None:
        second = (await one.control("POST", "/portals", {"name": "Second"})).json()["id"]
        user = {"email": "ada@example.com", "password": PASSWORD, "portals": [second]}
        assert (await one.control("POST", "/users", user)).status_code == 201
        await sign_in(one, "ada@example.com", "/portal")
        seal = {"csrf": csrf_of(await one.http.get(f"/portal/{second}/setup"))}
        for page in PAGES:
            path = re.sub(r"{(\w+)(:\w+)?}", lambda place: PLACES[place[1]], page.path)
            sent = seal if page.method == "POST" else None
            answer = await one.http.request(page.method, f"/portal/1000001{path}", data=sent)
            assert answer.status_code == 404, page
            if page.method == "GET" and page.path == path:
                own = await one.http.get(f"/portal/{second}{path}")
                assert own.status_code == (401 if page.runs else 200), page

    run_far(work)


async def sign_in(one: Flow, email: str, place: str) -> httpx.Response:
    """Signs somebody in, and returns where that leads."""
    page = await one.http.get("/oauth/sign-in", params={"next": place})
    sent = {"csrf": csrf_of(page), "email": email, "password": PASSWORD}
    return await one.http.post("/oauth/sign-in", params={"next": place}, data=sent)


def test_who_signed_in_goes_where_they_wanted() -> None:
    async def work(one: Flow) -> None:
        await one.control("POST", "/users", {"email": "ada@example.com", "password": PASSWORD})
        place = "/portal/1000001/records/calls?q=ü&since=2026-01-01"
        answer = await sign_in(one, "ada@example.com", place)
        assert answer.headers["location"] == "/portal/1000001/records/calls?q=%C3%BC&since=2026-01-01"

    run_far(work)


def test_what_pages_load_is_sent_once() -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        for place in ("/web/style.css", "/web/script.js", "/face/ground.css", "/face/icon.svg"):
            first = await browser.get(place)
            again = await browser.get(place, headers={"if-none-match": first.headers["etag"]})
            assert (first.status_code, again.status_code) == (200, 304)
        for place in ("/web/other.css", "/face/other.css"):
            assert (await browser.get(place)).status_code == 404

    run(work)


def test_pages_load_nothing_from_elsewhere() -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        page = await browser.get("/portal", follow_redirects=True)
        loaded = LexborHTMLParser(page.text).css("link, script")
        sources = [node.attributes.get("href") or node.attributes.get("src") or "" for node in loaded]
        assert sources and all(source.startswith(("/web/", "/face/")) for source in sources)
        assert "default-src 'none'" in page.headers["content-security-policy"]

    run(work)


@pytest.mark.parametrize("name", PASSED_ON)
def test_what_a_proxy_passed_on_is_nobody_at_this_machine(name: str) -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/portal/1000001", headers={name: "203.0.113.9"})
        assert answer.status_code == 303 and answer.headers["location"].startswith("/oauth/sign-in")

    run(work)


@pytest.mark.parametrize("path", [f"/portal/{'9' * 5000}", f"/portal/1000001/records/calls/{'9' * 5000}"])
def test_a_number_longer_than_any_is_no_page(path: str) -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        assert (await browser.get(path)).status_code == 404

    run(work)


def test_a_host_that_is_no_name_is_asked_to_sign_in() -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/portal/1000001", headers={"host": "["})).status_code == 303

    run(work)


def test_the_start_is_a_page_for_browsers_alone() -> None:
    async def work(browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/")).status_code == 303
        answer = await browser.get("/", headers={"accept": "*/*"})
        assert answer.status_code == 404 and "Error 404 Not Found" in answer.text

    run(work)
