"""The token endpoint and what is told of tokens: HubSpot's bodies, and what OAuth 2.0 asks of a server."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from consenting import READ, WRITE, Flow, flow
from structlog.testing import capture_logs

from trunkline.app import build
from trunkline.clock import Clock
from trunkline.http.call import state_of
from trunkline.settings import Settings
from trunkline.store.sqlite.store import SqliteStore

Test = Callable[[Flow], Awaitable[None]]

VERIFIER = "a" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def run(test: Test, **members: Any) -> None:
    async def whole() -> None:
        async with flow(**members) as made:
            await test(made)

    asyncio.run(whole())


def assert_refused(answer: httpx.Response, status: str, error: str, message: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"status": status, "message": message, "error": error, "error_description": message}
    assert answer.headers["x-hubspot-correlation-id"]


def test_a_code_becomes_tokens_that_open_the_portal_that_was_chosen() -> None:
    async def test(made: Flow) -> None:
        other = (await made.control("POST", "/portals", {"name": "Other"})).json()["id"]
        answer = await made.answer(made.link(), portal=str(other))
        code = httpx.URL(answer.headers["location"]).params["code"]
        token = (await made.exchange(code)).json()
        assert list(token) == [
            *("token_type", "refresh_token", "access_token", "hub_id", "scopes", "user_id", "token_use", "expires_in")
        ]
        assert (token["token_type"], token["expires_in"], token["hub_id"]) == ("bearer", 1800, other)
        assert token["scopes"] == ["oauth", READ, WRITE]
        assert (await made.calls(token["access_token"])).status_code == 200
        told = (await made.http.get(f"/oauth/v1/access-tokens/{token['access_token']}")).json()
        assert (told["hub_id"], told["app_id"], told["hub_domain"]) == (other, made.app, f"portal-{other}.localhost")

    run(test)


@pytest.mark.parametrize("version", ["v1", "v3", "2026-03", "2026-09"])
def test_every_version_gives_and_renews_tokens(version: str) -> None:
    async def test(made: Flow) -> None:
        fields = {"grant_type": "authorization_code", "redirect_uri": "https://dialer.example.com/callback"}
        first = (await made.token(version, code=await made.code(), **fields)).json()
        again = (await made.refresh(first["refresh_token"], version=version)).json()
        assert again["refresh_token"] == first["refresh_token"]
        assert again["access_token"] != first["access_token"]
        for token in (first, again):
            assert (await made.calls(token["access_token"])).status_code == 200

    run(test)


def test_a_code_works_once_and_its_second_use_ends_what_came_of_it() -> None:
    async def test(made: Flow) -> None:
        code = await made.code()
        token = (await made.exchange(code)).json()
        assert_refused(await made.exchange(code), "BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
        assert (await made.calls(token["access_token"])).status_code == 401
        assert (await made.refresh(token["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"

    run(test)


def test_of_many_who_come_with_one_code_at_once_one_gets_tokens() -> None:
    async def test(made: Flow) -> None:
        code = await made.code()
        answers = await asyncio.gather(*(made.exchange(code) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7

    run(test)


def test_a_code_expires() -> None:
    async def test(made: Flow) -> None:
        code = await made.code()
        made.clock.advance(minutes=10)
        assert_refused(await made.exchange(code), "EXPIRED_AUTH_CODE", "invalid_grant", "auth code is expired")

    run(test)


@pytest.mark.parametrize(
    ("fields", "status", "error", "message"),
    [
        ({"client_id": ""}, "BAD_CLIENT_ID", "invalid_request", "missing or unknown client id"),
        ({"client_id": "nobody"}, "BAD_CLIENT_ID", "invalid_request", "missing or unknown client id"),
        ({"client_secret": ""}, "BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"),
        ({"grant_type": ""}, "BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type"),
        ({"code": ""}, "BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code"),
        ({"code": "wrong"}, "BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code"),
        (
            {"redirect_uri": "https://dialer.example.com/callback/"},
            *("MISMATCH_REDIRECT_URI_AUTH_CODE", "invalid_grant", "redirect URI does not match initial auth code URI"),
        ),
        (
            {"redirect_uri": ""},
            *("MISMATCH_REDIRECT_URI_AUTH_CODE", "invalid_grant", "redirect URI does not match initial auth code URI"),
        ),
        ({"code_verifier": VERIFIER}, "BAD_CODE_VERIFIER", "invalid_grant", "missing or invalid code verifier"),
    ],
)
def test_an_exchange_is_refused_in_the_words_of_the_service(
    fields: dict[str, str], status: str, error: str, message: str
) -> None:
    async def test(made: Flow) -> None:
        code = await made.code()
        assert_refused(await made.exchange(**{"code": code} | fields), status, error, message)
        assert (await made.exchange(code)).status_code == 200, "a refusal must not use the code up"

    run(test)


@pytest.mark.parametrize(("verifier", "status"), [(VERIFIER, 200), ("b" * 60, 400), ("", 400), ("short", 400)])
def test_a_challenge_is_met_by_its_verifier_alone(verifier: str, status: int) -> None:
    async def test(made: Flow) -> None:
        code = await made.code(code_challenge=CHALLENGE, code_challenge_method="S256")
        answer = await made.exchange(code, code_verifier=verifier)
        assert answer.status_code == status
        assert status == 200 or answer.json()["status"] == "BAD_CODE_VERIFIER"

    run(test)


def test_what_one_app_was_given_is_nothing_to_another() -> None:
    async def test(made: Flow) -> None:
        code, token = await made.code(), await made.granted()
        await made.register(name="Another")
        assert (await made.exchange(code)).json()["status"] == "BAD_AUTH_CODE"
        assert (await made.refresh(token["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"
        for text in (token["access_token"], token["refresh_token"]):
            form = {"client_id": made.id, "client_secret": made.secret, "token": text}
            assert (await made.http.post("/oauth/v3/token/introspect", data=form)).json() == {"active": False}
            assert (await made.http.post("/oauth/v3/token/revoke", data=form)).status_code == 200
        assert (await made.calls(token["access_token"])).status_code == 200

    run(test)


def test_an_access_token_expires_and_says_since_when() -> None:
    async def test(made: Flow) -> None:
        token = (await made.granted())["access_token"]
        made.clock.advance(minutes=30, seconds=75)
        answer = await made.calls(token)
        assert answer.status_code == 401
        body = answer.json()
        assert body["message"] == "The OAuth token used to make this call expired 75 second(s) ago."
        assert body["category"] == "EXPIRED_AUTHENTICATION"
        assert list(body["context"]) == ["expire time"]
        assert (await made.http.get(f"/oauth/v1/access-tokens/{token}")).status_code == 400

    run(test)


@pytest.mark.parametrize(
    ("minutes", "told"), [(1.5, "90 second(s)"), (2, "2 minute(s)"), (125, "2 hour(s)"), (2881, "2 day(s)")]
)
def test_the_age_of_an_expired_token_is_told_in_one_unit(minutes: float, told: str) -> None:
    async def test(made: Flow) -> None:
        token = (await made.granted())["access_token"]
        made.clock.advance(minutes=1 + minutes)
        message = (await made.calls(token)).json()["message"]
        assert message == f"The OAuth token used to make this call expired {told} ago."

    run(test, token_minutes=1)


def test_refresh_tokens_can_be_made_to_work_once() -> None:
    async def test(made: Flow) -> None:
        first = (await made.granted())["refresh_token"]
        second = (await made.refresh(first)).json()
        assert second["refresh_token"] != first
        third = (await made.refresh(second["refresh_token"])).json()
        assert (await made.calls(third["access_token"])).status_code == 200
        assert (await made.refresh(second["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"
        assert (await made.calls(third["access_token"])).status_code == 401, "one of two who hold it is a thief"
        assert (await made.refresh(third["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"

    run(test, rotate_refresh=True)


def test_fewer_scopes_may_be_asked_for_at_a_refresh_and_no_others() -> None:
    async def test(made: Flow) -> None:
        refresh = (await made.granted())["refresh_token"]
        narrow = (await made.refresh(refresh, scope=READ)).json()
        assert narrow["scopes"] == [READ]
        body = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}}
        header = {"authorization": f"Bearer {narrow['access_token']}"}
        refused = await made.http.post("/crm/v3/objects/calls", json=body, headers=header)
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["context"] == {"requiredGranularScopes": [WRITE]}
        assert (await made.refresh(refresh, scope="crm.objects.deals.read")).json()["status"] == "BAD_SCOPES"

    run(test)


def test_an_app_of_a_portal_calls_it_with_its_own_credentials() -> None:
    async def test(made: Flow) -> None:
        own = {"grant_type": "client_credentials", "scope": READ}
        assert (await made.token("2026-03", **own)).json()["status"] == "BAD_GRANT_TYPE"
        await made.register(portal=1_000_001)
        token = (await made.token("2026-03", **own)).json()
        assert list(token) == ["token_type", "access_token", "hub_id", "scopes", "token_use", "expires_in"]
        assert (token["token_use"], token["hub_id"], token["scopes"]) == ("client_credentials", 1_000_001, [READ])
        assert (await made.calls(token["access_token"])).status_code == 200
        assert (await made.token("v1", **own)).json()["status"] == "BAD_GRANT_TYPE"
        assert (await made.token("v3", **own, client_id="nobody")).json()["status"] == "BAD_CLIENT_ID"
        for scope in ("", "crm.objects.deals.read"):
            assert (await made.token("v3", **own | {"scope": scope})).json()["status"] == "BAD_SCOPES"

    run(test)


def test_credentials_are_taken_from_a_basic_header_too() -> None:
    async def test(made: Flow) -> None:
        form = {"grant_type": "authorization_code", "redirect_uri": "https://dialer.example.com/callback"}
        for secret, status in (("wrong", 400), (made.secret, 200)):
            sent = form | {"code": await made.code()}
            answer = await made.http.post("/oauth/v3/token", data=sent, auth=(made.id, secret))
            assert answer.status_code == status, answer.text

    run(test)


def test_the_first_version_takes_fields_in_the_query() -> None:
    async def test(made: Flow) -> None:
        refresh = (await made.granted())["refresh_token"]
        query = {"client_secret": made.secret, "refresh_token": refresh}
        form = {"grant_type": "refresh_token", "client_id": made.id}
        assert (await made.http.post("/oauth/v1/token", params=query, data=form)).status_code == 200
        assert (await made.http.post("/oauth/v3/token", params=query, data=form)).status_code == 400

    run(test)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % n for n in range(60)), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe=%zz", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
)
def test_what_is_no_form_is_refused(content: bytes, content_type: str, status: int) -> None:
    async def test(made: Flow) -> None:
        for path in ("v1/token", "v3/token/introspect", "v3/token/revoke"):
            if path != "v1/token" or status:
                answer = await made.http.post(f"/oauth/{path}", content=content, headers={"content-type": content_type})
                assert answer.status_code == status, answer.text

    run(test)


def test_a_refresh_token_can_be_given_back_and_access_tokens_stay_good() -> None:
    async def test(made: Flow) -> None:
        token = await made.granted()
        place = f"/oauth/v1/refresh-tokens/{token['refresh_token']}"
        told = (await made.http.get(place)).json()
        assert list(told) == ["token", "user", "hub_domain", "scopes", "hub_id", "client_id", "user_id", "token_type"]
        assert (told["client_id"], told["token_type"]) == (made.id, "refresh")
        assert (await made.http.delete(place)).status_code == 204
        assert (await made.http.get(place)).status_code == (await made.http.delete(place)).status_code == 400
        assert (await made.refresh(token["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"
        assert (await made.calls(token["access_token"])).status_code == 200

    run(test)


def test_an_app_asks_about_its_tokens_and_gives_them_back() -> None:
    async def test(made: Flow) -> None:
        token = await made.granted()
        for kind in ("access_token", "refresh_token"):
            form = {"client_id": made.id, "client_secret": made.secret, "token": token[kind]}
            told = (await made.http.post("/oauth/2026-03/token/introspect", data=form)).json()
            assert (told["active"], told["token_use"], told["token_type"]) == (True, kind, "Bearer")
            assert ("expires_in" in told) == (kind == "access_token")
            gone = await made.http.post("/oauth/2026-09/token/revoke", data=form)
            assert (gone.status_code, gone.content) == (200, b"")
            assert (await made.http.post("/oauth/v3/token/introspect", data=form)).json() == {"active": False}
            wrong = form | {"client_secret": "wrong"}
            refused = await made.http.post("/oauth/v3/token/introspect", data=wrong)
            assert refused.json()["status"] == "BAD_CLIENT_SECRET"
        assert (await made.calls(token["access_token"])).status_code == 401

    run(test)


@pytest.mark.parametrize("text", ["unknown", "x" * 4000, "%00", "a%2Fb"])
def test_nothing_is_told_of_what_is_no_token(text: str) -> None:
    async def test(made: Flow) -> None:
        for kind in ("access", "refresh"):
            answer = await made.http.get(f"/oauth/v1/{kind}-tokens/{text}")
            assert answer.status_code in (400, 404)
            assert text not in answer.text
            if answer.status_code == 400:
                assert answer.json()["message"] == f"The {kind} token must have the correct format"

    run(test)


def test_a_private_token_is_told_of_in_both_ways() -> None:
    async def test(made: Flow) -> None:
        made_ = (await made.control("POST", "/tokens", {"name": "x", "scopes": [READ]})).json()
        told = (await made.http.get(f"/oauth/v1/access-tokens/{made_['token']}")).json()
        assert (told["app_id"], told["scopes"], told["hub_id"]) == (made_["app"], ["oauth", READ], 1_000_001)
        body = {"tokenKey": made_["token"]}
        told = (await made.http.post("/oauth/v2/private-apps/get/access-token-info", json=body)).json()
        assert told == {
            "userId": 10_000_001,
            "hubId": 1_000_001,
            "appId": made_["app"],
            "scopes": ["oauth", READ],
            "isUserToken": False,
        }
        wrong = await made.http.post("/oauth/v2/private-apps/get/access-token-info", json={"tokenKey": "no"})
        assert wrong.status_code == 400

    run(test)


def test_a_removed_portal_takes_its_consents_along() -> None:
    async def test(made: Flow) -> None:
        other = (await made.control("POST", "/portals", {"name": "Other"})).json()["id"]
        answer = await made.answer(made.link(), portal=str(other))
        token = (await made.exchange(httpx.URL(answer.headers["location"]).params["code"])).json()
        assert (await made.control("DELETE", f"/portals/{other}")).status_code == 204
        assert (await made.calls(token["access_token"])).status_code == 401
        assert_refused(
            await made.refresh(token["refresh_token"]), "BAD_HUB", "access_denied", "missing or unknown hub id"
        )

    run(test)


def test_secrets_rotate_with_a_time_in_which_both_are_good() -> None:
    async def test(made: Flow) -> None:
        refresh, old = (await made.granted())["refresh_token"], made.secret
        new = (await made.control("POST", f"/apps/{made.app}/rotate", {"keepHours": 1})).json()["clientSecret"]
        for secret in (old, new):
            assert (await made.refresh(refresh, client_secret=secret)).status_code == 200
        made.clock.advance(minutes=60)
        assert (await made.refresh(refresh, client_secret=old)).json()["status"] == "BAD_CLIENT_SECRET"
        last = (await made.control("POST", f"/apps/{made.app}/rotate")).json()["clientSecret"]
        assert (await made.refresh(refresh, client_secret=new)).json()["status"] == "BAD_CLIENT_SECRET"
        assert (await made.refresh(refresh, client_secret=last)).status_code == 200

    run(test)


def test_what_was_allowed_is_listed_and_taken_back() -> None:
    async def test(made: Flow) -> None:
        token = await made.granted()
        (listed,) = (await made.control("GET", f"/apps/{made.app}/consents")).json()["results"]
        assert (listed["portal"], listed["scopes"]) == (1_000_001, ["oauth", READ, WRITE])
        await made.control("DELETE", f"/apps/{made.app}/consents?portal=5")
        assert (await made.calls(token["access_token"])).status_code == 200
        assert (await made.control("DELETE", f"/apps/{made.app}/consents?portal=1000001")).status_code == 204
        assert (await made.calls(token["access_token"])).status_code == 401
        assert (await made.refresh(token["refresh_token"])).json()["status"] == "BAD_REFRESH_TOKEN"
        again = await made.granted()
        assert (await made.control("DELETE", f"/apps/{made.app}")).status_code == 204
        assert (await made.calls(again["access_token"])).status_code == 401
        assert (await made.refresh(again["refresh_token"])).status_code == 400

    run(test)


def test_no_secret_is_in_the_trail() -> None:
    async def test(made: Flow) -> None:
        token = await made.granted()
        await made.refresh(token["refresh_token"], client_secret="wrong-secret")
        await made.calls("wrong-token")
        told = (await made.control("GET", "/events")).text
        kinds = [event["kind"] for event in (await made.control("GET", "/events")).json()["results"]]
        assert kinds == ["app.created", "consent.granted", "token.issued", "client.refused", "request.refused"]
        for secret in (made.secret, token["access_token"], token["refresh_token"], "wrong-secret", "wrong-token"):
            assert secret not in told

    run(test)


@pytest.mark.parametrize("method", ["PUT", "POST", "GET"])
def test_a_token_in_a_path_is_not_repeated(method: str) -> None:
    async def test(made: Flow) -> None:
        for path in ("/oauth/v1/access-tokens/hidden", "/oauth/v1/refresh-tokens/hidden/more"):
            answer = await made.http.request(method, path)
            assert answer.status_code in (400, 404, 405)
            assert "hidden" not in answer.text

    run(test)


def test_a_failure_tells_no_token_in_the_log() -> None:
    async def test() -> None:
        store, clock = SqliteStore(":memory:", Clock()), Clock()
        await store.open()
        app = build(await state_of(store, clock, Settings(), "secret"))
        store._connection.execute("DROP TABLE credential")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
            with capture_logs() as logs:
                assert (await http.get("/oauth/v1/access-tokens/hidden")).status_code == 500
        assert "hidden" not in str([{**log, "exc_info": ""} for log in logs])
        assert "hidden" not in str(logs[0]["exc_info"])
        await store.close()

    asyncio.run(test())
