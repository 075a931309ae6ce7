"""An OAuth app that was let into a test's portal, as by a person with a browser."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx

from trunkline.testing.operator import Operator, Refused

CALLBACK = "http://localhost:3000/callback"
SCOPES = (
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)


@dataclass(frozen=True)
class InstalledApp:
    """An app, what it proves itself with, and the tokens that it was given: for `expires_in` seconds the access token.

    `token_url` is where the refresh token brings another one.
    """

    number: int
    client_id: str
    client_secret: str
    redirect_uri: str
    access_token: str
    refresh_token: str
    expires_in: int
    token_url: str


def install(
    url: str, portal: int, operator: Operator, scopes: Sequence[str], members: Mapping[str, object]
) -> InstalledApp:
    """Registers an app and lets it into a portal; raises `Refused` where nobody can do so without signing in."""
    asked = {"name": "test", "redirectUris": [CALLBACK], "scopes": list(scopes or SCOPES), **members}
    app = operator.ask("POST", "/apps", asked)
    who = {"client_id": app["clientId"], "client_secret": app["clientSecret"], "redirect_uri": CALLBACK}
    with httpx.Client(base_url=url, trust_env=False, verify=url.startswith("https://")) as http:
        code = _code(http, portal, app["clientId"], " ".join(app["scopes"]))
        answer = http.post("/oauth/v1/token", data={"grant_type": "authorization_code", "code": code, **who})
    told = answer.json()
    if "access_token" not in told:
        raise Refused(f"The app was given no tokens: {answer.status_code} {told.get('message')}.")
    return InstalledApp(
        number=app["id"],
        **who,
        access_token=told["access_token"],
        refresh_token=told["refresh_token"],
        expires_in=told["expires_in"],
        token_url=f"{url}/oauth/v1/token",
    )


def _code(http: httpx.Client, portal: int, client_id: str, scopes: str) -> str:
    """Opens the page of consent and allows."""
    link = httpx.URL(
        f"/oauth/{portal}/authorize",
        params={"client_id": client_id, "redirect_uri": CALLBACK, "scope": scopes},
    )
    page = http.get(link)
    seal = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    if seal is None:
        raise Refused(f"Nobody can let an app in here: {link} answers {page.status_code}, and has no form.")
    answer = http.post(link, data={"csrf": seal[1], "portal": str(portal), "decision": "allow"})
    told = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    if "code" not in told:
        raise Refused(f"The app was not let in: {link} answers {answer.status_code} and {told}.")
    return str(told["code"][0])
