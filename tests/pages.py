"""Pages of an authorization with something in them, as the endpoints would fill them."""

from dataclasses import dataclass
from typing import Any

from trunkline.http.oauth.meaning import explained

Context = dict[str, Any]


@dataclass(frozen=True)
class Portal:
    """What the consent page shows of a portal."""

    id: int
    name: str
    domain: str


ACME = Portal(1_000_001, "Acme", "portal-1000001.localhost")
NORTH = Portal(1_000_002, "Acme North", "portal-1000002.localhost")
SANDBOX = Portal(1_000_003, "Sandbox", "portal-1000003.localhost")

CONSENT: Context = {
    "app_name": "Dialer",
    "user_email": "ada@example.com",
    "signed_in": True,
    "portals": [ACME, NORTH, SANDBOX],
    "chosen": None,
    "scopes": explained(
        ["crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.calls.write", "oauth"]
    ),
    "optional": explained(["tickets"]),
    "csrf": "csrf-token",
    "action": "/oauth/authorize?client_id=1",
    "destination": "dialer.example.com",
    "sign_out": "/oauth/sign-out",
}
ALONE: Context = CONSENT | {"portals": [ACME], "chosen": ACME.id, "optional": [], "signed_in": False, "sign_out": None}
SIGN_IN: Context = {"action": "/oauth/sign-in", "csrf": "csrf-token", "email": "", "failed": False, "no_users": False}
FAILED = SIGN_IN | {"email": "ada@example.com", "failed": True}
NO_USERS = SIGN_IN | {"no_users": True}
REFUSED: Context = {
    "title": "This link does not work",
    "message": "The app that sent you here asked for a redirect URI that it has not registered.",
    "advice": "Tell whoever made the app.",
    "correlation_id": "0196759a-55a4-7d0c-8ad7-1f1a6f3c1f01",
}

PAGES: dict[str, tuple[str, Context]] = {
    "consent": ("consent.html", CONSENT),
    "consent, one portal": ("consent.html", ALONE),
    "sign-in": ("sign_in.html", SIGN_IN),
    "sign-in, failed": ("sign_in.html", FAILED),
    "sign-in, no users": ("sign_in.html", NO_USERS),
    "refused": ("refused.html", REFUSED),
}
"""Every template in each of its states, by a name for the test."""
