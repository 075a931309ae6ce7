"""A request of an app to the authorization server: what it sends, and what is known of that."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.util import extract_basic_authorization
from msgspec import Struct

from trunkline.errors import BadClientId, BadClientSecret, BadHub, BadRefreshToken, OAuthRefusal
from trunkline.http.call import Call, State
from trunkline.http.guard import hold_back
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, Kind, digest
from trunkline.identity.grants import Authority, Known, Terms
from trunkline.wire import oauth as wire

CODE_LIFE = 600_000
"""Milliseconds in which a code is to be used: the longest that OAuth 2.0 advises (RFC 6749, 4.1.2)."""

HUBLET = "local"
"""Where a token is good, as it begins with; HubSpot's begin with na1 or eu1."""


class Asking(Struct, frozen=True):
    """The fields of a form, the Authorization header beside it, and what the store has of both."""

    fields: Mapping[str, str]
    authorization: str | None
    known: Known

    def authority(self, state: State) -> Authority:
        """The server of this request, which goes by the clock of the portal that it is about."""
        known = self.known
        about = known.code or known.refresh or known.app
        return Authority(known, terms(state, (about.portal if about is not None else None) or 0))

    def require_client(self) -> None:
        """Raises `BadClientId` and `BadClientSecret` for who names no app, or does not try to prove to be it."""
        id_, secret = self._client()
        if not id_:
            raise BadClientId
        if not secret:
            raise BadClientSecret

    def _client(self) -> tuple[str | None, str | None]:
        if self.authorization and self.authorization.lower().startswith("basic "):
            basic: tuple[Any, Any] = extract_basic_authorization({"Authorization": self.authorization})
            return basic
        return self.fields.get("client_id"), self.fields.get("client_secret")


async def asking(call: Call) -> Asking:
    """What a call asks; raises `MalformedForm`. HubSpot's first version takes fields in the query, too."""
    more = call.request.url.query if call.request.url.path.startswith("/oauth/v1/") else ""
    fields, authorization = wire.fields(call.body, more), call.request.headers.get("authorization")
    asked = Asking(fields, authorization, Known())
    return Asking(fields, authorization, await _known(call.state, fields, asked._client()[0]))


def terms(state: State, portal: int) -> Terms:
    """How long codes and tokens of a portal are good, and where new ones come from."""
    settings = state.settings
    return Terms(
        now=state.clock.now(portal),
        code_life=CODE_LIFE,
        token_life=settings.token_minutes * 60_000,
        rotate=settings.rotate_refresh,
        mint=lambda: f"{HUBLET}-{state.clock.secret()}",
    )


async def _known(state: State, fields: Mapping[str, str], client_id: str | None) -> Known:
    accounts, now = state.accounts, state.clock.now()
    app = await accounts.client(client_id) if client_id else None
    secrets = await accounts.credentials("secret", app.id) if app is not None else ()
    return Known(
        app=app,
        secrets=[secret for secret in secrets if secret.good(now)],
        code=_own(state, app, await held(state, "code", fields.get("code"))),
        refresh=_own(state, app, await held(state, "refresh", fields.get("refresh_token"))),
    )


def _own(state: State, app: App | None, found: Credential | None) -> Credential | None:
    """A credential that was given to an app: of another app's nothing is known to it.

    Raises `BadClientId` for who has a good one and no app: a client id that was typed wrong.
    """
    if app is None and found is not None and found.good(state.clock.now(found.portal)):
        raise BadClientId
    return found if found is not None and app is not None and found.app == app.id else None


async def held(state: State, kind: Kind, text: str | None) -> Credential | None:
    """The credential of a kind that a text is, in whatever state."""
    found = await state.accounts.credential(digest(text)) if text else None
    return found if found is not None and found.kind == kind else None


async def good_refresh(state: State, refresh: Credential | None) -> Credential:
    """A refresh token that is good; raises `BadHub` when its portal is gone, `BadRefreshToken` when it is not."""
    if refresh is not None and await state.gate.portal(refresh.portal) is None:
        raise BadHub
    if refresh is None or not refresh.good(state.clock.now(refresh.portal)):
        raise BadRefreshToken
    return refresh


async def refuse(call: Call, refusal: OAuthRefusal) -> None:
    """Notes that an app could not prove itself, and slows it down when that happens too often."""
    await hold_back(call.state, call.request, "client.refused", refusal.fault)
