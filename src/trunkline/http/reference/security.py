"""How the document says who may call: with an access token, made by hand or given to an app (OAuth 2.0)."""

from typing import Any

from trunkline.http.oauth.consent import AUTHORIZE
from trunkline.http.oauth.meaning import meaning
from trunkline.http.reference.examples import HERE
from trunkline.http.scopes import known_scopes

Json = dict[str, Any]

TOKENS = "/oauth/2026-03/token"
"""Where a standard client of OAuth gets its tokens, of the versions that have such a place."""


def required() -> list[Json]:
    """What every operation asks for that does not say otherwise: one of these."""
    return [{name: []} for name in schemes()]


def schemes() -> Json:
    """The ways to come by a token; it is sent in the same way whichever it was."""
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token that `trunkline token create` printed, or the server's fixed one: "
            "`Authorization: Bearer TOKEN`.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "An access token that an app was given, sent in the same way. Which scopes an operation "
            "needs depends on the object type (`x-required-scopes`).",
            "flows": _flows(),
        },
    }


def _flows() -> Json:
    scopes = {scope: meaning(scope) for scope in known_scopes()}
    tokens = {"tokenUrl": HERE + TOKENS, "scopes": scopes}
    return {
        "authorizationCode": {"authorizationUrl": HERE + AUTHORIZE, "refreshUrl": HERE + TOKENS, **tokens},
        "clientCredentials": tokens,
    }
