"""The whole of it, with nothing of ours in between: the real program, its commands, and a person at a browser."""

import subprocess
from pathlib import Path
from urllib.parse import urlencode

import httpx
from landing import Landing, landing
from playwright.sync_api import Page, expect
from server import SECONDS, Server, command, environment, run, start

SCOPE = "crm.objects.contacts.read"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


def test_an_operator_an_app_and_a_person(tmp_path: Path, page: Page) -> None:
    data = tmp_path / "calls.db"
    server = start(data, "--sign-in", "always")
    try:
        with landing() as elsewhere:
            client = registered(server, elsewhere)
            ada = run_with(
                PASSWORD, "user", "create", EMAIL, "--portal", "1000001", "--password-stdin", "--data", str(data)
            )
            code = allowed(server, elsewhere, client, page)
        token = exchanged(server, client | {"redirect_uri": elsewhere.redirect_uri, "code": code})
        with server.client(token) as http:
            assert http.get("/crm/v3/objects/calls").json() == {"results": []}
        assert f"1000001\t{ada}\t" in run("app", "consents", client["id"], "--data", str(data)).stdout
        audit = run("audit", "--data", str(data)).stdout
    finally:
        said = told(server)
    assert all(kind in audit for kind in ("app.created", "person.created", "signed_in", "consent.granted"))
    assert [text for text in (PASSWORD, client["client_secret"], code, token) if text in audit + said] == []


def registered(server: Server, elsewhere: Landing) -> dict[str, str]:
    made = run(
        *("app", "create", "Dialer", "--redirect-uri", elsewhere.redirect_uri),
        *("--scope", SCOPE, "--data", str(server.data)),
    )
    return dict(line.split("\t") for line in made.stdout.splitlines())


def allowed(server: Server, elsewhere: Landing, client: dict[str, str], page: Page) -> str:
    """The code that the app gets, once a person signed in and let it in."""
    asked = {"client_id": client["client_id"], "redirect_uri": elsewhere.redirect_uri, "scope": SCOPE}
    page.goto(f"{server.url}/oauth/authorize?{urlencode(asked)}")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Let “Dialer” into your portal?")
    page.get_by_role("button", name="Allow").click()
    return elsewhere.arrived()[1]["code"]


def exchanged(server: Server, fields: dict[str, str]) -> str:
    """The access token for a code."""
    with httpx.Client(trust_env=False, verify=False) as http:
        form = fields | {"grant_type": "authorization_code"}
        return str(http.post(f"{server.url}/oauth/v1/token", data=form).raise_for_status().json()["access_token"])


def run_with(text: str, *arguments: str) -> str:
    """What the command prints that was given something to read."""
    done = subprocess.run(
        command(*arguments), input=text, text=True, check=True, capture_output=True, env=environment(), timeout=SECONDS
    )
    return done.stdout.strip()


def told(server: Server) -> str:
    """Stops the server; what it has said."""
    server.process.terminate()
    out, err = server.process.communicate(timeout=SECONDS)
    return str(out) + str(err)
