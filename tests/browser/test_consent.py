"""An app is let into a portal: stock OAuth clients, a person at a real browser, and those who would trick them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from landing import Landing, landing
from playwright.sync_api import Browser, BrowserContext, Page, expect
from requests_oauthlib import OAuth2Session
from server import SECONDS
from threaded import KNOWN, Stage, ThreadedServer

from trunkline.http.control import SECRET

READ, WRITE = "crm.objects.contacts.read", "crm.objects.contacts.write"
SCOPE = f"{READ} {WRITE}"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
STATE = "a state of the app's"
VERIFIER = "a-verifier-of-the-app-that-nobody-else-could-guess-0123"
CALLS = "/crm/v3/objects/calls"

Json = dict[str, object]


@dataclass(frozen=True)
class App:
    """An app, as the operator registered it."""

    server: ThreadedServer
    client_id: str
    client_secret: str
    redirect_uri: str

    @property
    def authorize(self) -> str:
        return f"{self.server.url}/oauth/authorize"

    @property
    def token(self) -> str:
        return f"{self.server.url}/oauth/v1/token"

    def link(self, path: str = "/oauth/authorize", **fields: str) -> str:
        """The link by which a person installs it."""
        asked = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": SCOPE, "state": STATE}
        return f"{self.server.url}{path}?{urlencode(asked | fields)}"


@pytest.fixture
def elsewhere() -> Iterator[Landing]:
    with landing() as made:
        yield made


def control(server: ThreadedServer, path: str, body: Json) -> Json:
    with httpx.Client(trust_env=False, verify=False) as client:
        made = client.post(f"{server.url}/_trunkline{path}", json=body, headers={SECRET: KNOWN}, timeout=SECONDS)
    return dict(made.raise_for_status().json())


def registered(server: ThreadedServer, elsewhere: Landing) -> App:
    body: Json = {"name": "Dialer <b>", "redirectUris": [elsewhere.redirect_uri], "scopes": [READ, WRITE]}
    made = control(server, "/apps", body)
    return App(server, str(made["clientId"]), str(made["clientSecret"]), elsewhere.redirect_uri)


@pytest.fixture
def app(trunkline: ThreadedServer, elsewhere: Landing) -> App:
    """An app of a server for this machine alone, where whoever is at the browser decides."""
    return registered(trunkline, elsewhere)


@pytest.fixture
def guarded(stage: Stage, elsewhere: Landing) -> Iterator[App]:
    """An app of a server where people sign in."""
    with stage.serving(sign_in="always") as server:
        yield registered(server, elsewhere)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")


def exchanged(app: App, back: str) -> Json:
    """What the app gets for the code with which somebody came back."""
    with AuthlibSession(
        app.client_id, app.client_secret, "client_secret_post", redirect_uri=app.redirect_uri
    ) as client:
        client.trust_env = False
        return dict(client.fetch_token(app.token, authorization_response=back, state=STATE))


def test_requests_oauthlib_goes_the_whole_way(
    app: App, elsewhere: Landing, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    north = control(app.server, "/portals", {"name": "North"})
    with OAuth2Session(app.client_id, redirect_uri=app.redirect_uri, scope=[READ, WRITE], pkce="S256") as session:
        session.trust_env = False
        link, state = session.authorization_url(app.authorize)
        page.goto(link)
        page.get_by_role("radio", name="North").check()
        press(page, "Allow")
        back, query = elsewhere.arrived()
        assert query["state"] == state
        token = session.fetch_token(
            app.token, authorization_response=back, client_secret=app.client_secret, include_client_id=True
        )
        assert token["hub_id"] == north["id"]
        assert session.get(app.server.url + CALLS).json() == {"results": []}
        again = session.refresh_token(app.token, client_id=app.client_id, client_secret=app.client_secret)
        assert again["access_token"] != token["access_token"]
        assert session.get(app.server.url + CALLS).status_code == 200


def test_authlib_goes_the_whole_way(app: App, elsewhere: Landing, page: Page) -> None:
    with AuthlibSession(
        app.client_id,
        app.client_secret,
        token_endpoint_auth_method="client_secret_post",
        redirect_uri=app.redirect_uri,
        scope=SCOPE,
        code_challenge_method="S256",
    ) as client:
        client.trust_env = False
        link, state = client.create_authorization_url(app.authorize, code_verifier=VERIFIER)
        page.goto(link)
        press(page, "Allow")
        back, _ = elsewhere.arrived()
        token = client.fetch_token(app.token, authorization_response=back, code_verifier=VERIFIER, state=state)
        assert token["token_type"] == "bearer"
        assert client.get(app.server.url + CALLS).json() == {"results": []}
        definition = {"name": "x", "label": "x", "type": "string", "fieldType": "text", "groupName": "call"}
        assert client.post(app.server.url + "/crm/v3/properties/calls", json=definition).status_code == 403


def test_the_consent_page_tells_what_is_asked(app: App, page: Page) -> None:
    page.goto(app.link())
    expect(page.get_by_role("heading", level=1)).to_have_text("Let “Dialer <b>” into your portal?")
    expect(page.get_by_role("listitem")).to_contain_text(["oauth", READ, WRITE])
    expect(page.get_by_text("Either way you are sent on to")).to_contain_text(urlsplit(app.redirect_uri).netloc)
    assert page.evaluate("document.cookie") == ""


def test_a_person_can_deny(app: App, elsewhere: Landing, page: Page) -> None:
    page.goto(app.link())
    press(page, "Deny")
    _, query = elsewhere.arrived()
    assert (query["error"], query["state"], query.get("code")) == ("access_denied", STATE, None)


def test_the_app_is_not_told_the_address_of_the_page(app: App, elsewhere: Landing, page: Page) -> None:
    page.goto(app.link())
    press(page, "Allow")
    elsewhere.arrived()
    assert elsewhere.referrers == [None]


def test_an_app_may_be_reached_by_an_address_that_no_policy_can_name(trunkline: ThreadedServer, page: Page) -> None:
    with contextlib.ExitStack() as stack:
        try:
            elsewhere = stack.enter_context(landing("::1"))
        except OSError:
            pytest.skip("this machine has no IPv6")
        page.goto(registered(trunkline, elsewhere).link())
        press(page, "Allow")
        assert "code" in elsewhere.arrived()[1]


def test_a_person_can_deny_without_choosing_a_portal(app: App, elsewhere: Landing, page: Page) -> None:
    control(app.server, "/portals", {"name": "North"})
    page.goto(app.link())
    press(page, "Deny")
    assert elsewhere.arrived()[1]["error"] == "access_denied"


def test_the_portal_of_a_link_is_the_only_one(app: App, elsewhere: Landing, page: Page) -> None:
    north = control(app.server, "/portals", {"name": "North"})
    page.goto(app.link(f"/oauth/{north['id']}/authorize"))
    expect(page.get_by_role("group", name="Portal")).to_contain_text("North")
    assert page.get_by_role("radio").count() == 0
    press(page, "Allow")
    assert "code" in elsewhere.arrived()[1]


def test_the_keyboard_alone_is_enough(guarded: App, elsewhere: Landing, page: Page) -> None:
    north = control(guarded.server, "/portals", {"name": "North"})
    control(
        guarded.server,
        "/users",
        {"email": EMAIL, "password": PASSWORD, "portals": [guarded.server.portal, north["id"]]},
    )
    page.goto(guarded.link())
    page.wait_for_function("document.activeElement.type === 'email'")
    keys = page.keyboard
    keys.type(EMAIL)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/oauth/authorize?*")
    for key in ("Tab", "Tab", "ArrowDown", "Tab", "Enter"):
        keys.press(key)
    back, _ = elsewhere.arrived()
    assert exchanged(guarded, back)["hub_id"] == north["id"]


def test_a_finger_is_enough(app: App, elsewhere: Landing, browser: Browser) -> None:
    control(app.server, "/portals", {"name": "North"})
    with browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 640}) as context:
        page = context.new_page()
        page.goto(app.link())
        page.get_by_text("North").tap()
        page.get_by_role("button", name="Allow").tap()
        assert "code" in elsewhere.arrived()[1]


def test_people_sign_in_before_they_decide(guarded: App, elsewhere: Landing, page: Page) -> None:
    control(guarded.server, "/users", {"email": EMAIL, "password": PASSWORD, "portals": [guarded.server.portal]})
    page.goto(guarded.link())
    expect(page).to_have_title("Sign in · Trunkline")
    sign_in(page, "wrong horse battery staple")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value(EMAIL)
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page)
    expect(page.get_by_text(f"Signed in as {EMAIL}")).to_be_visible()
    press(page, "Allow")
    assert "code" in elsewhere.arrived()[1]


def test_who_signed_out_decides_nothing_more(guarded: App, page: Page) -> None:
    control(guarded.server, "/users", {"email": EMAIL, "password": PASSWORD, "portals": [guarded.server.portal]})
    page.goto(guarded.link())
    sign_in(page)
    expect(page.get_by_text(f"Signed in as {EMAIL}")).to_be_visible()
    other = page.context.new_page()
    other.goto(guarded.link())
    press(page, "Sign out")
    expect(page).to_have_title("Sign in · Trunkline")
    press(other, "Allow")
    expect(other).to_have_title("Sign in · Trunkline")


def test_nobody_is_shown_portals_of_others(guarded: App, page: Page) -> None:
    north = control(guarded.server, "/portals", {"name": "North"})
    control(guarded.server, "/users", {"email": EMAIL, "password": PASSWORD, "portals": [north["id"]]})
    page.goto(guarded.link())
    sign_in(page)
    expect(page.get_by_role("group", name="Portal")).to_contain_text("North")
    assert str(guarded.server.portal) not in page.content()
    page.goto(guarded.link(f"/oauth/{guarded.server.portal}/authorize"))
    expect(page).to_have_title("Couldn't complete the connection · Trunkline")


def test_a_server_without_people_says_how_to_add_one(guarded: App, page: Page) -> None:
    page.goto(guarded.link())
    expect(page.get_by_text("trunkline user create EMAIL")).to_be_visible()


def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(guarded: App, context: BrowserContext) -> None:
    context.new_page().goto(guarded.link())
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")


def test_no_one_is_sent_to_an_address_that_the_app_has_not_registered(app: App, elsewhere: Landing, page: Page) -> None:
    page.goto(app.link(redirect_uri=app.redirect_uri + "/"))
    expect(page.get_by_role("main")).to_contain_text("doesn't match the app's registered redirect URL")
    assert page.get_by_role("button").count() == 0
    assert elsewhere.arrivals.empty()


def test_no_site_can_frame_the_page(app: App, elsewhere: Landing, page: Page) -> None:
    elsewhere.pages["/frame"] = f'<iframe src="{app.link().replace("&", "&amp;")}"></iframe>'
    for site in (elsewhere.url, elsewhere.elsewhere):
        with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
            page.goto(f"{site}/frame")
        assert page.frame_locator("iframe").get_by_role("heading").count() == 0
        assert app.server.url not in {frame.url[: len(app.server.url)] for frame in page.frames}


def forged(app: App, **fields: str) -> str:
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    return f'<form method="post" action="{app.link().replace("&", "&amp;")}">{inputs}<button>Win</button></form>'


@pytest.mark.parametrize("site", ["url", "elsewhere"])
def test_a_form_of_another_site_does_nothing(app: App, elsewhere: Landing, page: Page, site: str) -> None:
    """Even with the seal of a page that this very browser was shown, should it have leaked."""
    page.goto(app.link())
    sealed = page.locator('main [name="csrf"]').get_attribute("value")
    elsewhere.pages["/win"] = forged(app, csrf=str(sealed), portal=str(app.server.portal), decision="allow")
    page.goto(f"{getattr(elsewhere, site)}/win")
    press(page, "Win")
    expect(page.get_by_role("main")).to_contain_text("This form came from another site. Nothing was done.")
    assert elsewhere.arrivals.empty()


def test_the_seal_of_one_browser_is_worth_nothing_in_another(app: App, browser: Browser, page: Page) -> None:
    page.goto(app.link())
    with browser.new_context() as theirs:
        other = theirs.new_page()
        other.goto(app.link())
        sealed = other.locator('main [name="csrf"]').get_attribute("value")
    page.evaluate("sealed => { document.querySelector('main [name=csrf]').value = sealed; }", sealed)
    press(page, "Allow")
    expect(page.get_by_role("main")).to_contain_text("This page is out of date.")
