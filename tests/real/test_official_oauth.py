"""OAuth 2.0 with stock clients against the real program: HubSpot's two clients, Authlib and requests-oauthlib."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import hubspot.oauth as official
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from consenting import CALLBACK
from hubspot import HubSpot
from hubspot.oauth import ApiException
from hubspot_sdk import APIStatusError
from hubspot_sdk import HubSpot as NewHubSpot
from real.installed import SCOPES, Installed, install
from requests_oauthlib import OAuth2Session
from server import Server, run


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """One server for all of it; the app was registered as an operator does."""
    installed = install(tmp_path_factory.mktemp("oauth") / "calls.db")
    yield installed
    installed.server.stop()


def test_the_official_client_gets_asks_about_and_gives_back_tokens(installed: Installed) -> None:
    client = HubSpot(host=installed.server.url)
    tokens = client.oauth.tokens_api
    form = installed.form(grant_type="authorization_code", redirect_uri=CALLBACK, code=installed.code())
    first = tokens.create(**form)
    assert (first.token_type, first.expires_in) == ("bearer", 1800)
    again = tokens.create(**installed.form(grant_type="refresh_token", refresh_token=first.refresh_token))
    assert again.refresh_token == first.refresh_token
    told = client.oauth.access_tokens_api.get(again.access_token)
    assert (told.hub_id, told.token_type, told.scopes) == (1_000_001, "access", ["oauth", *SCOPES])
    told = client.oauth.refresh_tokens_api.get(first.refresh_token)
    assert (told.client_id, told.token_type) == (installed.id, "refresh")
    caller = HubSpot(access_token=again.access_token, host=installed.server.url)
    assert caller.crm.objects.calls.basic_api.get_page().results == []
    client.oauth.refresh_tokens_api.archive(first.refresh_token)
    with pytest.raises(ApiException) as refused:
        tokens.create(**installed.form(grant_type="refresh_token", refresh_token=first.refresh_token))
    assert (refused.value.status, "BAD_REFRESH_TOKEN" in refused.value.body) == (400, True)


def test_every_oauth_class_of_the_official_client_is_exercised_here() -> None:
    methods = {
        f"{api.__name__}.{name}"
        for api in (official.AccessTokensApi, official.RefreshTokensApi, official.TokensApi)
        for name in vars(api)
        if not name.startswith("_") and not name.endswith("_with_http_info")
    }
    assert methods == {*("AccessTokensApi.get", "RefreshTokensApi.archive", "RefreshTokensApi.get", "TokensApi.create")}


def test_hubspots_new_client_sends_json_where_a_form_is_due_and_is_told_so(installed: Installed) -> None:
    # As the real service answers it, too (behaviour 10.9); a client that passed here would fail there.
    client = NewHubSpot(access_token="none", base_url=installed.server.url, max_retries=0)
    with client, pytest.raises(APIStatusError) as refused:
        client.auth.oauth.introspect_token(**installed.form(token="any"))
    assert refused.value.status_code == 415


def test_authlib_completes_the_flow_with_a_challenge(installed: Installed) -> None:
    options = {"redirect_uri": CALLBACK, "scope": " ".join(SCOPES), "code_challenge_method": "S256"}
    endpoint = f"{installed.server.url}/oauth/2026-03/token"
    with AuthlibSession(
        *(installed.id, installed.secret),
        **{"token_endpoint": endpoint, "token_endpoint_auth_method": "client_secret_post", **options},
    ) as client:
        client.trust_env = False
        verifier = "v" * 64
        link, state = client.create_authorization_url(f"{installed.server.url}/oauth/authorize", code_verifier=verifier)
        assert dict(parse_qsl(urlsplit(link).query))["code_challenge_method"] == "S256"
        token = client.fetch_token(
            endpoint, authorization_response=installed.allow(link), state=state, code_verifier=verifier
        )
        assert token["hub_id"] == 1_000_001
        assert client.get(f"{installed.server.url}/crm/v3/objects/calls").status_code == 200
        client.refresh_token(endpoint)
        assert client.token["access_token"] != token["access_token"]
        assert client.get(f"{installed.server.url}/crm/v3/objects/calls").status_code == 200


def test_requests_oauthlib_completes_the_flow(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setitem(os.environ, "OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    with OAuth2Session(installed.id, redirect_uri=CALLBACK, scope=list(SCOPES), pkce="S256") as session:
        session.trust_env = False
        link, _ = session.authorization_url(f"{installed.server.url}/oauth/authorize")
        endpoint = f"{installed.server.url}/oauth/v1/token"
        token = session.fetch_token(
            endpoint,
            authorization_response=installed.allow(link),
            client_secret=installed.secret,
            include_client_id=True,
        )
        assert token["expires_in"] == 1800
        assert session.get(f"{installed.server.url}/crm/v3/objects/calls").status_code == 200
        renewed = session.refresh_token(endpoint, client_id=installed.id, client_secret=installed.secret)
        assert renewed["access_token"] != token["access_token"]


def test_the_secret_of_a_server_is_not_an_api_token(trunkline: Server, tmp_path: Path) -> None:
    made = run("app", "create", "Other", "--data", str(trunkline.data)).stdout
    secret = made.split()[-1]
    with trunkline.client(secret) as client:
        assert client.get("/crm/v3/objects/calls").status_code == 401
        assert client.get("/_trunkline/apps", headers={"x-trunkline-secret": trunkline.token}).status_code == 401
