"""The page on which a person lets an app in: what may be asked, who may answer, and what a forger cannot do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from consenting import CALLBACK, READ, WRITE, Flow, csrf_of, flow, sent_back

from trunkline.identity.app import usable_redirect

Test = Callable[[Flow], Awaitable[None]]
PASSWORD = "correct horse battery"


def run(test: Test, called: str = "localhost", **members: Any) -> None:
    async def whole() -> None:
        async with flow(called, **members) as made:
            await test(made)

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"client_id": ""}, "client id is missing or unknown"),
        ({"client_id": "nobody"}, "client id is missing or unknown"),
        ({"redirect_uri": ""}, "match the app&#39;s registered redirect URL"),
        ({"redirect_uri": CALLBACK + "/"}, "match the app&#39;s registered redirect URL"),
        ({"redirect_uri": CALLBACK.upper()}, "match the app&#39;s registered redirect URL"),
        ({"redirect_uri": "https://evil.example/"}, "match the app&#39;s registered redirect URL"),
        ({"scope": READ}, "the provided scopes are insufficient"),
        ({"scope": f"{READ} {WRITE} crm.objects.deals.read"}, "a mismatch between the scopes"),
        ({"optional_scope": "crm.objects.deals.read"}, "a mismatch between the scopes"),
        ({"response_type": "token"}, "response type is not code"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "not one of method S256"),
        ({"code_challenge": "short"}, "not one of method S256"),
        ({"code_challenge": "a" * 42 + "\0"}, "not one of method S256"),
        ({"code_challenge_method": "S256"}, "not one of method S256"),
        ({"redirect_uri": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_a_fault_is_told_on_a_page_and_never_to_the_app(members: dict[str, str], words: str) -> None:
    async def test(made: Flow) -> None:
        for answer in (await made.http.get(made.link(**members)), await made.http.post(made.link(**members))):
            assert answer.status_code in (400, 403)
            assert "location" not in answer.headers
        assert words in (await made.http.get(made.link(**members))).text

    run(test)


def test_a_parameter_that_is_sent_twice_is_refused() -> None:
    async def test(made: Flow) -> None:
        assert (await made.http.get(f"{made.link()}&client_id={made.id}")).status_code == 400
        assert (await made.http.get(made.link() + "".join(f"&a{n}=1" for n in range(60)))).status_code == 400

    run(test)


def test_the_state_comes_back_to_the_letter_and_denying_is_told() -> None:
    async def test(made: Flow) -> None:
        state = "a b&c=d/ä#?%"
        back = sent_back(await made.answer(made.link(state=state)))
        assert back["state"] == state
        assert set(back) == {"code", "state"}
        back = sent_back(await made.answer(made.link(state=state), decision="deny"))
        assert (back["error"], back["state"]) == ("access_denied", state)
        assert "code" not in back

    run(test)


def test_optional_scopes_are_granted_where_the_portal_has_them() -> None:
    async def test(made: Flow) -> None:
        optional = "crm.objects.deals.read"
        await made.register(optionalScopes=[optional])
        token = (await made.exchange(await made.code(optional_scope=optional))).json()
        assert token["scopes"] == ["oauth", READ, WRITE, optional]

    run(test)


@pytest.mark.parametrize("portal", ["", "1", "999", "1000001 ", "x"])
def test_a_portal_that_is_not_offered_cannot_be_chosen(portal: str) -> None:
    async def test(made: Flow) -> None:
        answer = await made.answer(made.link(), portal=portal)
        assert answer.status_code == 400
        assert "location" not in answer.headers

    run(test)


def test_the_portal_may_be_named_in_the_path() -> None:
    async def test(made: Flow) -> None:
        other = (await made.control("POST", "/portals", {"name": "Other"})).json()["id"]
        link = made.link().replace("/oauth/", f"/oauth/{other}/")
        page = await made.http.get(link)
        assert f'value="{other}"' in page.text
        assert 'value="1000001"' not in page.text
        assert (await made.answer(link, portal="1000001")).status_code == 400
        assert "code" in sent_back(await made.answer(link, portal=str(other)))
        assert (await made.http.get(made.link().replace("/oauth/", "/oauth/5/"))).status_code == 400

    run(test)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"origin": "https://evil.example"}, {}),
        ({"origin": "http://localhost:3000"}, {}),
        ({"origin": "null"}, {}),
        ({"sec-fetch-site": "cross-site"}, {}),
        ({"sec-fetch-site": "same-site"}, {}),
        ({}, {"csrf": ""}),
        ({}, {"csrf": "0" * 64}),
        ({}, {"csrf": "ä"}),
        ({"cookie": "trunkline_session=another"}, {}),
    ],
)
def test_a_forged_answer_does_nothing(headers: dict[str, str], fields: dict[str, str]) -> None:
    async def test(made: Flow) -> None:
        page = await made.http.get(made.link())
        sent = {"csrf": csrf_of(page), "portal": "1000001", "decision": "allow"} | fields
        if "cookie" in headers:
            made.http.cookies.clear()
        answer = await made.http.post(made.link(), data=sent, headers=headers)
        assert answer.status_code in (400, 403)
        assert "location" not in answer.headers
        kinds = [event["kind"] for event in (await made.control("GET", "/events")).json()["results"]]
        assert "consent.granted" not in kinds

    run(test)


def test_the_page_cannot_be_framed_kept_or_scripted() -> None:
    async def test(made: Flow) -> None:
        page = await made.http.get(made.link())
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        assert "form-action 'self' https://dialer.example.com" in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        cookie = page.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie

    run(test)


def test_what_an_app_is_called_is_only_text() -> None:
    async def test(made: Flow) -> None:
        await made.register(name="<script>alert(1)</script>\"'")
        assert "<script" not in (await made.http.get(made.link())).text

    run(test)


@pytest.mark.parametrize(
    ("uri", "usable"),
    [
        ("https://example.com/cb", True),
        ("https://example.com:8443/cb?x=1", True),
        ("http://localhost/cb", True),
        ("http://localhost:3000/cb", True),
        ("http://127.0.0.1:3000/cb", True),
        ("http://[::1]:3000/cb", True),
        ("com.example.app:/cb", True),
        ("http://example.com/cb", False),
        ("https://example.com/cb#part", False),
        ("https://user@example.com/cb", False),
        ("https://user:word@example.com/cb", False),
        ("https:///cb", False),
        ("https://example.com\\@evil.example/", False),
        ("https://example.com/a b", False),
        ("https://example.com/\n", False),
        ("https://exämple.com/", False),
        ("https://example.com:port/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com/cb", False),
        ("/cb", False),
        ("", False),
    ],
)
def test_where_codes_may_be_sent(uri: str, usable: bool) -> None:
    assert usable_redirect(uri) == usable

    async def test(made: Flow) -> None:
        answer = await made.control("POST", "/apps", {"name": "x", "redirectUris": [uri]})
        assert answer.status_code == (201 if usable else 400)

    run(test)


@pytest.mark.parametrize(
    ("email", "usable"), [("ada@example.com", True), ("a\0da@example.com", False), ("ada@example\x7f.com", False)]
)
def test_addresses_of_people_have_no_control_characters(email: str, usable: bool) -> None:
    async def test(made: Flow) -> None:
        answer = await made.control("POST", "/users", {"email": email, "password": PASSWORD})
        assert answer.status_code == (201 if usable else 400)

    run(test)


def test_redirects_that_must_not_lead_elsewhere() -> None:
    async def test(made: Flow) -> None:
        await made.control("POST", "/users", {"email": "ada@example.com", "password": PASSWORD})
        for place in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/oauth/\\evil", "/crm", ""):
            page = await made.http.get("/oauth/sign-in", params={"next": place})
            sent = {"csrf": csrf_of(page)} | {"email": "ada@example.com", "password": PASSWORD}
            answer = await made.http.post("/oauth/sign-in", params={"next": place}, data=sent)
            assert answer.status_code == 303
            assert answer.headers["location"] == "/"

    run(test, "trunkline.example")


class TestSigningIn:
    """Where a server is not for its own machine alone."""

    @pytest.mark.parametrize(
        ("called", "members", "must"),
        [
            ("localhost", {}, False),
            ("127.0.0.1", {}, False),
            ("[::1]", {}, False),
            ("localhost.evil.example", {}, True),
            ("trunkline.example", {}, True),
            ("localhost", {"host": "0.0.0.0"}, True),
            ("localhost", {"sign_in": "always"}, True),
            ("127.0.0.1", {"host": "192.168.1.5"}, True),
        ],
    )
    def test_who_must_sign_in(self, called: str, members: dict[str, Any], must: bool) -> None:
        async def test(made: Flow) -> None:
            page = await made.http.get(made.link())
            assert (page.status_code, page.headers.get("location", "").startswith("/oauth/sign-in?next=")) == (
                (303, True) if must else (200, False)
            )

        run(test, called, **members)

    def test_a_person_signs_in_lets_an_app_in_and_signs_out(self) -> None:
        async def test(made: Flow) -> None:
            other = (await made.control("POST", "/portals", {"name": "Other"})).json()["id"]
            user = {"email": "Ada@example.com", "password": PASSWORD, "portals": [other]}
            id_ = (await made.control("POST", "/users", user)).json()["id"]
            place = (await made.http.get(made.link())).headers["location"]
            page = await made.http.get(place)
            before = made.http.cookies["trunkline_session"]
            sent = {"csrf": csrf_of(page), "email": "ada@EXAMPLE.com", "password": PASSWORD}
            assert (await made.http.post(place, data=sent | {"password": "wrong"})).status_code == 401
            answer = await made.http.post(place, data=sent)
            assert answer.headers["location"] == made.link()
            assert made.http.cookies["trunkline_session"] != before, "a session must not be known beforehand"
            page = await made.http.get(made.link())
            assert f'value="{other}"' in page.text and 'value="1000001"' not in page.text
            fields = {"csrf": csrf_of(page), "decision": "allow"}
            assert (await made.http.post(made.link(), data=fields | {"portal": "1000001"})).status_code == 400
            code = sent_back(await made.http.post(made.link(), data=fields | {"portal": str(other)}))["code"]
            token = (await made.exchange(code)).json()
            assert (token["hub_id"], token["user_id"]) == (other, id_)
            assert (await made.http.post("/oauth/sign-out", data={})).status_code == 400
            assert (await made.http.post("/oauth/sign-out", data={"csrf": csrf_of(page)})).status_code == 303
            assert (await made.http.get(made.link())).status_code == 303
            kinds = [event["kind"] for event in (await made.control("GET", "/events")).json()["results"]]
            for kind in ("signed_in", "sign_in_refused", "signed_out", "consent.granted"):
                assert kind in kinds

        run(test, "trunkline.example")

    def test_a_new_password_and_the_time_end_sessions(self) -> None:
        async def test(made: Flow) -> None:
            user = {"email": "ada@example.com", "password": PASSWORD, "portals": [1_000_001]}
            id_ = (await made.control("POST", "/users", user)).json()["id"]

            async def sign_in(password: str) -> int:
                page = await made.http.get("/oauth/sign-in")
                sent = {"csrf": csrf_of(page), "email": "ada@example.com", "password": password}
                return (await made.http.post("/oauth/sign-in", data=sent)).status_code

            assert await sign_in(PASSWORD) == 303
            assert (await made.http.get(made.link())).status_code == 200
            made.clock.advance(minutes=12 * 60)
            assert (await made.http.get(made.link())).status_code == 303
            assert await sign_in(PASSWORD) == 303
            await made.control("PATCH", f"/users/{id_}", {"password": PASSWORD + "!"})
            assert (await made.http.get(made.link())).status_code == 303
            assert (await sign_in(PASSWORD), await sign_in(PASSWORD + "!")) == (401, 303)
            assert (await made.control("DELETE", f"/users/{id_}")).status_code == 204
            assert (await made.http.get(made.link())).status_code == 303
            await made.control("POST", "/users", {"email": "grace@example.com", "password": PASSWORD})
            assert await sign_in(PASSWORD + "!") == 401

        run(test, "trunkline.example")

    def test_nobody_signs_in_as_the_owner_who_has_no_password(self) -> None:
        async def test(made: Flow) -> None:
            assert "trunkline user create" in (await made.http.get("/oauth/sign-in")).text
            await made.control("POST", "/users", {"email": "ada@example.com", "password": PASSWORD})
            page = await made.http.get("/oauth/sign-in")
            for password in ("", "x"):
                sent = {"csrf": csrf_of(page), "email": "owner@trunkline.localhost", "password": password}
                assert (await made.http.post("/oauth/sign-in", data=sent)).status_code == 401

        run(test, "trunkline.example")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"email": "ada@example.com", "password": "short"}),
        ("POST", "/users", {"email": "nobody", "password": PASSWORD}),
        ("POST", "/users", {"email": "ada@example.com", "password": PASSWORD, "portals": [5]}),
        ("PATCH", "/users/10000001", {"portals": [5]}),
        ("POST", "/apps", {"name": ""}),
        ("POST", "/apps", {"name": "x", "scopes": ["a b"]}),
        ("POST", "/apps", {"name": "x", "portal": 5}),
        ("POST", "/tokens", {"name": "x", "scopes": []}),
        ("POST", "/tokens", {"name": "x", "scopes": [READ], "portal": 5}),
        ("POST", "/portals", {}),
        ("POST", "/portals", {"name": "x", "products": {"sales": "GOLD"}}),
        ("PATCH", "/portals/1000001", {"limits": "some"}),
        ("POST", "/portals", [1]),
    ],
)
def test_the_operator_is_told_what_is_wrong(method: str, path: str, body: object) -> None:
    async def test(made: Flow) -> None:
        answer = await made.control(method, path, body)
        assert answer.status_code == 400
        assert answer.json()["message"]

    run(test)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/portals/1000001", 409),
        ("DELETE", "/users/10000001", 409),
        ("DELETE", "/portals/5", 404),
        ("DELETE", "/apps/5", 404),
        ("DELETE", "/tokens/x", 404),
        ("PATCH", "/apps/99999999999999999999", 404),
        ("GET", "/events?after=x", 400),
        ("PUT", "/portals", 405),
    ],
)
def test_what_the_operator_cannot_do(method: str, path: str, status: int) -> None:
    async def test(made: Flow) -> None:
        body: object = {} if method in ("PATCH", "POST") else None
        assert (await made.control(method, path, body)).status_code == status

    run(test)


def test_an_app_and_a_portal_can_be_changed() -> None:
    async def test(made: Flow) -> None:
        changed = (await made.control("PATCH", f"/apps/{made.app}", {"scopes": [READ], "name": "New"})).json()
        assert (changed["name"], changed["scopes"], changed["redirectUris"]) == ("New", ["oauth", READ], [CALLBACK])
        assert (await made.http.get(made.link())).status_code == 400
        assert "New" in (await made.http.get(made.link(scope=READ))).text
        products = {"sales": "STARTER"}
        portal = (await made.control("PATCH", "/portals/1000001", {"products": products, "limits": "hubspot"})).json()
        assert (portal["products"], portal["limits"], portal["name"]) == (products, "hubspot", "default")
        portal = (await made.control("PATCH", "/portals/1000001", {"products": None, "limits": None})).json()
        assert (len(portal["products"]), portal["limits"]) == (7, None)

    run(test)


def test_limits_can_be_put_on_one_portal() -> None:
    async def test(made: Flow) -> None:
        token = (await made.granted())["access_token"]
        await made.control("PATCH", "/portals/1000001", {"limits": "hubspot"})
        answers = [await made.calls(token) for _ in range(111)]
        assert [answer.status_code for answer in answers] == [200] * 110 + [429]
        assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert answers[-1].headers["x-hubspot-ratelimit-remaining"] == "0"
        made.clock.advance(seconds=10)
        assert (await made.calls(token)).status_code == 200

    run(test)


def test_an_api_key_is_told_to_be_gone() -> None:
    async def test(made: Flow) -> None:
        answer: httpx.Response = await made.http.get("/crm/v3/objects/calls?hapikey=demo")
        assert answer.status_code == 401
        body = answer.json()
        assert body["message"].startswith("The API key provided is invalid.")
        assert body["category"] == "INVALID_AUTHENTICATION"
        assert list(body["links"]) == ["api key"]

    run(test)


def test_an_address_is_one_persons() -> None:
    async def test(made: Flow) -> None:
        for email, status in (("ada@example.com", 201), ("ADA@example.com", 409)):
            answer = await made.control("POST", "/users", {"email": email, "password": PASSWORD})
            assert answer.status_code == status

    run(test)


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "\x00"])
def test_a_name_is_one_plain_line(name: str) -> None:
    async def test(made: Flow) -> None:
        for path in ("/apps", "/portals"):
            assert (await made.control("POST", path, {"name": name})).status_code == 400

    run(test)
