"""The page of the traffic, and that of one request: what was sent, what became of it, and why."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import httpx
import pytest
from consenting import Flow, csrf_of, flow
from selectolax.lexbor import LexborHTMLParser
from server import TOKEN
from visiting import JSON, Person, run, text

from trunkline.http.control import SECRET
from trunkline.http.listening import LARGEST
from trunkline.web.traffic.content import MOST

CALLS = "/crm/v3/objects/calls"
CREATE = f"{CALLS}/batch/create"
CALL = {"hs_timestamp": "2026-11-30T10:00:00Z"}
SCRIPT = "<script>alert('x')</script>"
KEY = {SECRET: "secret"}
PASSWORD = "correct horse battery"


async def send(one: Person, method: str, path: str, **sent: object) -> str:
    """The correlation id of a request to the API."""
    answer = await one.api.request(method, path, **({"headers": JSON} | sent))  # type: ignore[arg-type]
    return str(answer.headers["x-hubspot-correlation-id"])


async def opened(one: Person, id_: str) -> LexborHTMLParser:
    """The page of a request."""
    return await one.see(f"/requests/{id_}")


def rows(page: LexborHTMLParser) -> list[str]:
    """The paths of the requests that a page lists."""
    return [node.text() for node in page.css("[data-row] a")]


def test_requests_are_shown_newest_first() -> None:
    async def work(one: Person) -> None:
        assert "No request has come yet" in text(await one.see("/requests"))
        await send(one, "GET", f"{CALLS}?nothing=1")
        await send(one, "POST", CREATE, json={"inputs": [{"properties": CALL}]})
        await send(one, "GET", f"{CALLS}/1")
        page = await one.see("/requests")
        told = [" ".join(row.text(separator=" ").split()[1:-2]) for row in page.css("[data-row]")]
        assert told == [
            f"404 GET {CALLS}/1 resource not found fixed token",
            f"201 POST {CREATE} 1 change fixed token",
            f"200 GET {CALLS}?nothing=1 1 warning fixed token",
        ]
        link = page.css_first("[data-row] a")
        assert link is not None
        assert (await one.browser.get(link.attributes["href"] or "")).status_code == 200

    run(work)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("status=404", [1, 2]),
        ("status=4xx&path=/crm/*", [1]),
        ("path=nowhere", [2]),
        ("failed=1", [1, 2]),
        ("warned=1", [3]),
        ("app=1", [0, 1, 3, 4]),
        ("app=7", []),
        ("status=nonsense&app=x&path=+", [0, 1, 2, 3, 4]),
    ],
)
def test_the_address_says_which(query: str, places: Sequence[int]) -> None:
    paths = [CALLS, f"{CALLS}/1", "/nowhere", f"{CALLS}?a=b", CALLS]

    async def work(one: Person) -> None:
        for path in paths:
            await send(one, "GET", path)
        page = await one.see(f"/requests?{query}")
        assert rows(page) == [paths[place] for place in reversed(places)]
        if not places:
            assert "No request like this" in text(page)

    run(work)


async def second_portal(api: httpx.AsyncClient) -> tuple[int, dict[str, str]]:
    """Another portal, and the header of a token of it."""
    made = (await api.post("/_trunkline/portals", json={"name": "Other"}, headers=KEY)).json()["id"]
    asked = {"name": "t", "scopes": ["crm.objects.contacts.read"], "portal": made}
    token = (await api.post("/_trunkline/tokens", json=asked, headers=KEY)).json()["token"]
    return made, {"authorization": f"Bearer {token}"}


def test_another_portals_requests_are_neither_shown_nor_forgotten() -> None:
    async def work(one: Person) -> None:
        other, token = await second_portal(one.api)
        theirs = await send(one, "GET", f"{CALLS}?theirs=1", headers=token)
        mine = await send(one, "GET", CALLS)
        assert rows(await one.see("/requests")) == [CALLS]
        assert rows(await one.see("/requests/new")) == [CALLS]
        await one.see(f"/requests/{theirs}", status=404)
        await one.see(f"/requests/{theirs}/answer", status=404)
        await one.send("/requests", "/requests/clear", {})
        await one.see(f"/requests/{mine}", status=404)
        answer = await one.browser.get(f"/portal/{other}/requests")
        assert rows(LexborHTMLParser(answer.text)) == [f"{CALLS}?theirs=1"]

    run(work)


def test_what_is_nobodys_is_for_who_runs_the_server() -> None:
    async def work(one: Flow) -> None:
        second = (await one.control("POST", "/portals", {"name": "Second"})).json()["id"]
        user = {"email": "ada@example.com", "password": PASSWORD, "portals": [second]}
        assert (await one.control("POST", "/users", user)).status_code == 201
        refused = await one.calls("nonsense")
        page = await one.http.get("/oauth/sign-in")
        sent = {"csrf": csrf_of(page), "email": "ada@example.com", "password": PASSWORD}
        await one.http.post("/oauth/sign-in", data=sent)
        listed = await one.http.get(f"/portal/{second}/requests")
        assert listed.status_code == 200 and rows(LexborHTMLParser(listed.text)) == []
        name = refused.headers["x-hubspot-correlation-id"]
        assert (await one.http.get(f"/portal/{second}/requests/{name}")).status_code == 404
        assert (await one.http.get(f"/portal/{second}/requests/{name}/answer")).status_code == 404
        assert [each["status"] for each in (await one.control("GET", "/requests")).json()["results"]].count(401) == 1

    async def all_of_it() -> None:
        async with flow("trunkline.example") as one:
            await work(one)

    async def owner(one: Person) -> None:
        id_ = await send(one, "GET", CALLS, headers={"authorization": "Bearer nonsense"})
        assert "401" in text(await one.see("/requests"), "[data-row]")
        assert "by nobody" in text(await opened(one, id_))

    asyncio.run(all_of_it())
    run(owner)


def test_news_are_what_came_after() -> None:
    async def work(one: Person) -> None:
        first = await send(one, "GET", CALLS)
        await send(one, "GET", f"{CALLS}/1")
        last = await send(one, "GET", f"{CALLS}/2")
        page = await one.see(f"/requests/new?after={first}")
        assert rows(page) == [f"{CALLS}/2", f"{CALLS}/1"] and page.css_first("[data-anew]") is None
        assert rows(await one.see(f"/requests/new?after={last}")) == []
        assert rows(await one.see(f"/requests/new?after={first}&path=calls/1")) == [f"{CALLS}/1"]
        unknown = await one.see("/requests/new?after=019cb2f4-5d6e-7a10-8c3b-2f1e0d9c8b7a")
        assert len(rows(unknown)) == 3 and unknown.css_first("[data-anew]") is not None

    run(work)


def test_more_news_than_a_page_holds_are_shown_anew() -> None:
    async def work(one: Person) -> None:
        first = await send(one, "GET", f"{CALLS}/1")
        for _ in range(100):
            await send(one, "GET", CALLS)
        page = await one.see(f"/requests/new?after={first}")
        assert len(rows(page)) == 100 and page.css_first("[data-anew]") is not None
        assert len(rows(await one.see("/requests"))) == 100
        assert len(rows(await one.see("/requests?all=1"))) == 101

    run(work)


def test_with_several_processes_the_page_says_whose_it_is() -> None:
    async def work(one: Person) -> None:
        assert "each keeps those that it answered" in text(await one.see("/requests"))
        assert "another one may have it" in text(await one.see("/requests/none", status=404))

    async def alone(one: Person) -> None:
        assert "processes" not in text(await one.see("/requests"))

    run(work, workers=2)
    run(alone)


def test_a_server_that_keeps_none_says_so() -> None:
    async def work(one: Person) -> None:
        await send(one, "GET", CALLS)
        page = await one.see("/requests")
        assert "keeps no requests" in text(page) and rows(page) == []
        assert rows(await one.see("/requests/new")) == []

    run(work, request_log=0)


def test_a_request_is_shown_with_both_bodies_headers_steps_and_changes() -> None:
    async def work(one: Person) -> None:
        record = await one.make("calls", **CALL)
        id_ = await send(one, "PATCH", f"{CALLS}/{record}", json={"properties": {"hs_call_title": "New"}})
        page = await opened(one, id_)
        asked, answered = (node.text() for node in page.css(".pair pre"))
        assert asked == '{\n  "properties": {\n    "hs_call_title": "New"\n  }\n}'
        assert json.loads(answered)["id"] == record
        assert "authorization Bearer masked" in text(page, "section[aria-labelledby=request]")
        assert TOKEN not in (page.html or "")
        assert "hs_call_title: → New" in text(page, "section[aria-labelledby=changes]")
        assert page.css_first(f"section[aria-labelledby=changes] a[href$='/records/calls/{record}']") is not None
        assert "making the answer" in text(page, ".steps")
        assert page.css_first(".causes") is None

    run(work)


@pytest.mark.parametrize(
    ("method", "path", "sent", "told"),
    [
        (
            "POST",
            CREATE,
            {"json": {"inputs": [{"properties": CALL | {"hs_call_duration": "long"}}]}},
            [
                "inputs[0].properties.hs_call_duration",
                "long was not a valid long",
                "Correct or leave out",
                "INVALID_VALUES",
            ],
        ),
        ("GET", f"{CALLS}/1", {}, ["resource not found", "archived=true", "RECORD_NOT_FOUND"]),
        (
            "POST",
            "/oauth/v1/token",
            {"data": {"grant_type": "refresh_token"}, "headers": {}},
            ["missing or unknown client id", "trunkline app list", "BAD_CLIENT_ID"],
        ),
        ("GET", "/crm/v3/object/calls", {}, ["There is no operation at this path", "the reference"]),
        ("PUT", CALLS, {}, ["none for PUT"]),
        ("GET", CALLS, {"headers": {"authorization": ""}}, ["does not begin with “Bearer ”"]),
        ("GET", CALLS, {"headers": {"authorization": "Bearer x"}}, ["a token that this server does not know"]),
        ("POST", CREATE, {"content": b"{"}, ["Invalid input JSON", "the line and the column", "MALFORMED_BODY"]),
        (
            "POST",
            CREATE,
            {"content": b"a=b", "headers": JSON | {"content-type": "text/plain"}},
            ["Send the content type", "Its body was not read"],
        ),
    ],
)
def test_it_is_told_why_a_request_failed(
    method: str, path: str, sent: Mapping[str, object], told: Sequence[str]
) -> None:
    async def work(one: Person) -> None:
        shown = text(await opened(one, await send(one, method, path, **sent)))
        assert "What was wrong" in shown
        for each in told:
            assert each in shown

    run(work)


def test_an_explanation_is_one_click_away() -> None:
    async def work(one: Person) -> None:
        page = await opened(one, await send(one, "GET", f"{CALLS}/1?nothing=1"))
        links = [node.attributes["href"] or "" for node in page.css(".causes a")]
        assert links == ["/_trunkline/errors/RECORD_NOT_FOUND", "/_trunkline/warnings/unknown-parameter"]
        for link in links:
            assert (await one.browser.get(link)).status_code == 200

    run(work)


def test_each_failed_input_of_a_batch_is_named() -> None:
    async def work(one: Person) -> None:
        inputs = [
            {"properties": CALL | {"hs_call_duration": duration}, "objectWriteTraceId": f"trace{n}"}
            for n, duration in enumerate(("1000", "long", "2000", "longer"))
        ]
        shown = text(await opened(one, await send(one, "POST", CREATE, json={"inputs": inputs})), ".causes")
        assert "2 of 4 inputs failed" in shown
        assert "inputs[1], trace trace1" in shown and "inputs[3], trace trace3" in shown and "trace0" not in shown
        read = {"inputs": [{"id": "404"}, {"id": "405"}]}
        shown = text(await opened(one, await send(one, "POST", f"{CALLS}/batch/read", json=read)), ".causes")
        assert "ids 404, 405" in shown

    run(work)


def test_the_fault_that_struck_is_told() -> None:
    async def work(one: Person) -> None:
        fault = {"kind": "bad-gateway", "name": "mine"}
        path = f"/_trunkline/portals/{one.portal}/faults"
        assert (await one.api.post(path, json=fault, headers=KEY)).status_code == 201
        page = await opened(one, await send(one, "GET", CALLS))
        assert "The fault “mine”" in text(page, ".causes")
        assert "502 Bad Gateway" in text(page)

    run(work)


def test_what_came_is_text_and_nothing_else() -> None:
    async def work(one: Person) -> None:
        body = {"inputs": [{"properties": CALL | {"hs_call_title": SCRIPT, SCRIPT: SCRIPT}, "id": SCRIPT}]}
        headers = JSON | {"x-mine": SCRIPT}
        id_ = await send(one, "POST", f"{CALLS}/batch/upsert?{SCRIPT}={SCRIPT}", json=body, headers=headers)
        await send(one, "GET", f"/{SCRIPT}")
        await send(one, "POST", CREATE, content=f"<b>{SCRIPT}".encode())
        for path in ("/requests", "/requests/new", f"/requests/{id_}", f"/requests?path={SCRIPT}&status={SCRIPT}"):
            answer = await one.browser.get(one.place(path))
            assert answer.status_code == 200 and SCRIPT not in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            assert not [node for node in LexborHTMLParser(answer.text).css("script") if "src" not in node.attributes]

    run(work)


def test_a_huge_body_is_cut_and_saved_as_far_as_it_is_kept() -> None:
    async def work(one: Person) -> None:
        inputs = [{"properties": CALL | {"hs_call_body": "<ü>" * 1_000}} for _ in range(90)]
        id_ = await send(one, "POST", CREATE, json={"inputs": inputs})
        answer = await one.browser.get(one.place(f"/requests/{id_}"))
        assert len(answer.content) < 200_000
        page = LexborHTMLParser(answer.text)
        assert all(len(node.text()) <= MOST for node in page.css(".pair pre"))
        assert "Only the beginning of a body as long as this is kept" in text(page)
        saved = await one.browser.get(one.place(f"/requests/{id_}/request"))
        assert len(saved.content) == LARGEST
        assert saved.headers["content-disposition"] == 'attachment; filename="body.txt"'
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["x-content-type-options"] == "nosniff"

    run(work)


def test_a_body_that_is_no_text_is_told_by_its_bytes() -> None:
    async def work(one: Person) -> None:
        sent = b"\xff\x00\x01 plain" + bytes(range(256)) * 4
        id_ = await send(one, "POST", CREATE, content=sent)
        page = await opened(one, id_)
        assert "ff 00 01 20 70 6c 61 69 6e" in text(page, ".pair pre") and "This is no text" in text(page)
        assert (await one.browser.get(one.place(f"/requests/{id_}/request"))).content == sent

    run(work)


@pytest.mark.parametrize("side", ["nothing", "spans", "__class__"])
def test_only_bodies_are_saved(side: str) -> None:
    async def work(one: Person) -> None:
        id_ = await send(one, "GET", CALLS)
        await one.see(f"/requests/{id_}/{side}", status=404)

    run(work)


def test_secrets_are_shown_nowhere() -> None:
    async def work(one: Person) -> None:
        secret = "sesame-0123456789"
        headers = JSON | {"cookie": f"a={secret}", SECRET: secret}
        id_ = await send(one, "POST", f"/oauth/v1/token?hapikey={secret}", content=b"", headers=headers)
        form = {"grant_type": "refresh_token", "refresh_token": secret, "client_secret": secret}
        token = await send(one, "POST", "/oauth/v1/token", data=form, headers={})
        for path in ("/requests", *(f"/requests/{name}{side}" for name in (id_, token) for side in ("", "/request"))):
            assert secret not in (await one.browser.get(one.place(path))).text
        assert "What reads “masked” was a secret" in text(await opened(one, token))

    run(work)


def test_clearing_asks_for_a_form_of_ours() -> None:
    async def work(one: Person) -> None:
        await send(one, "GET", CALLS)
        forged = await one.browser.post(one.place("/requests/clear"), data={"csrf": "guess"})
        assert forged.status_code == 400
        page = await one.send("/requests", "/requests/clear?failed=1", {})
        assert text(page, "[role=status]") == "The requests are forgotten."
        assert rows(await one.see("/requests")) == []

    run(work)
