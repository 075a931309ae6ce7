"""An app on a running server, and the person who lets it in."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from consenting import CALLBACK, READ, WRITE, csrf_of
from hubspot.utils.oauth import AUTHORIZE_URL, get_auth_url
from server import Server, run, start

SCOPES = (READ, WRITE)


@dataclass
class Installed:
    """An app on a running server, and the person who lets it in."""

    server: Server
    id: str
    secret: str

    def allow(self, link: str) -> str:
        """Opens a link and allows; returns the address to which the browser is sent."""
        link = link.replace(AUTHORIZE_URL, f"{self.server.url}/oauth/authorize")
        with httpx.Client(trust_env=False, verify=False) as browser:
            page = browser.get(link)
            fields = {"csrf": csrf_of(page), "portal": "1000001", "decision": "allow"}
            return str(browser.post(link, data=fields).headers["location"])

    def code(self) -> str:
        """A new code, asked for with the address that the official client makes."""
        link = get_auth_url(client_id=self.id, redirect_uri=CALLBACK, scope=SCOPES, state="s")
        back = parse_qs(urlsplit(self.allow(link)).query)
        assert back["state"] == ["s"]
        return back["code"][0]

    def form(self, **fields: str) -> dict[str, str]:
        """The fields of a request for a token."""
        return {"client_id": self.id, "client_secret": self.secret} | fields


def install(data: Path, *options: str) -> Installed:
    """Registers an app as an operator does, and starts a server that knows it."""
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    made = run("app", "create", "Dialer", "--redirect-uri", CALLBACK, *scopes, "--data", str(data)).stdout
    told = dict(line.split("\t") for line in made.splitlines())
    return Installed(start(data, *options), told["client_id"], told["client_secret"])
