"""What an app asks a person for, and whether it may: the request of `/oauth/authorize`, worked out.

A fault is told to the person on a page and never to the app, whose address may not be its own (behaviour 10.16). The
texts are the service's.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.identity.app import App, unknown, words
from trunkline.identity.credential import Credential

ALWAYS = "oauth"
"""The scope that every OAuth app has, whether it is asked for or not."""

CHALLENGE = re.compile("[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url (RFC 7636, 4.2); no verifier meets anything else."""

MISMATCH = (
    "Authorization failed because there is a mismatch between the scopes in the install URL and the app's configured "
    "scopes. Please contact the app developer."
)
INSUFFICIENT = "Authorization failed because the provided scopes are insufficient. Please contact the app developer."
NO_APP = "Authorization failed because the client id is missing or unknown. Please contact the app developer."
NO_CODE = "Authorization failed because the response type is not code. Please contact the app developer."
BAD_CHALLENGE = (
    "Authorization failed because the code challenge is not one of method S256. Please contact the app developer."
)
REPEATED = "Authorization failed because a parameter is sent twice. Please contact the app developer."
NO_ACCESS = (
    "Authorization failed because this account doesn't have access to the scopes required by the app. "
    "Please choose another account, or give this one the product."
)
NOT_YOURS = (
    "Authorization failed because you don't have permissions to authorize the scopes required by the app. "
    "Please contact your super admin to get the necessary permissions."
)


class ConsentRefused(Exception):
    """The request cannot be granted; the message is for the person."""


class Consent(Struct, frozen=True, kw_only=True):
    """A request that may be granted. `fields` are those that the protocol is about."""

    app: App
    scopes: tuple[str, ...]
    optional: tuple[str, ...]
    fields: Mapping[str, str]

    @property
    def redirect_uri(self) -> str:
        """Where the person is sent."""
        return self.fields["redirect_uri"]

    def granted(self, portal: int, user: int, now: Moment, family: str, offered: Sequence[str]) -> Credential:
        """Whom the code is made out to: with the scopes that the portal offers of those that were asked for.

        Raises `ConsentRefused` when a required one is not offered.
        """
        if unknown(self.scopes, offered):
            raise ConsentRefused(NO_ACCESS)
        optional = [scope for scope in self.optional if scope in offered]
        scopes = tuple(dict.fromkeys((*self.scopes, *optional)))
        return Credential(
            digest=b"",
            kind="code",
            app=self.app.id,
            portal=portal,
            user=user,
            scopes=scopes,
            family=family,
            created=now,
        )


def consent(fields: Sequence[tuple[str, str]], app: App | None) -> Consent:
    """What an app asks for; raises `ConsentRefused`."""
    given = dict(fields)
    if len(given) != len(fields):
        raise ConsentRefused(REPEATED)
    if app is None:
        raise ConsentRefused(NO_APP)
    uri = given.get("redirect_uri", "")
    if uri not in app.redirect_uris:
        raise ConsentRefused(
            f"Authorization failed as the redirect URL '{uri}' doesn't match the app's registered redirect URL"
        )
    _require_protocol(given)
    scopes = (ALWAYS, *(scope for scope in words(given.get("scope")) if scope != ALWAYS))
    optional = words(given.get("optional_scope"))
    _require_scopes(app, scopes, optional)
    names = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
    return Consent(
        app=app, scopes=scopes, optional=optional, fields={name: given[name] for name in names if given.get(name)}
    )


def _require_protocol(given: Mapping[str, str]) -> None:
    if given.get("response_type", "code") != "code":
        raise ConsentRefused(NO_CODE)
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if (challenge or method) and not (challenge and CHALLENGE.fullmatch(challenge) and method in ("S256", None)):
        raise ConsentRefused(BAD_CHALLENGE)


def _require_scopes(app: App, scopes: Sequence[str], optional: Sequence[str]) -> None:
    if unknown(app.scopes, scopes):
        raise ConsentRefused(INSUFFICIENT)
    if unknown(scopes, (ALWAYS, *app.scopes)) or unknown(optional, (*app.scopes, *app.optional_scopes)):
        raise ConsentRefused(MISMATCH)
