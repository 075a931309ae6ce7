"""What the authorization server tells of tokens, and how they are given back."""

import base64
import hashlib

from msgspec import Struct

from trunkline.errors import MalformedForm, OAuthRefusal, UnreadableToken
from trunkline.http.call import Answer, Call, State
from trunkline.http.gate import EVERYTHING, Caller
from trunkline.http.guard import event, hold_back
from trunkline.http.oauth import asking
from trunkline.http.oauth.asking import HUBLET
from trunkline.http.oauth.tokens import UNCACHED
from trunkline.http.scopes import known_scopes
from trunkline.identity.app import App
from trunkline.identity.consent import ALWAYS
from trunkline.identity.credential import Credential, digest
from trunkline.identity.moves import Moves
from trunkline.wire import oauth as wire
from trunkline.wire.batch import encode

FOREVER = 3_153_600_000
"""Seconds for which a token is told to be good that does not expire: a hundred years."""


class Holder(Struct, frozen=True):
    """Whom a token is made out to, in the words of every answer about it."""

    user: str
    user_id: int
    hub_id: int
    hub_domain: str
    app_id: int
    scopes: list[str]


async def access_token(call: Call) -> Answer:
    """Tell for which portal, person and app an access token is, with which scopes and for how long."""
    text = call.path["token"]
    caller = await call.state.gate.holder(text)
    if caller is None or _seconds(call.state, caller) <= 0 or await _gone(call.state, caller):
        await hold_back(call.state, call.request, "token.refused", "access token")
        raise UnreadableToken("access")
    holder = await _holder(call.state, caller)
    told = wire.AccessTokenInfo(
        token=text,
        user=holder.user,
        hub_domain=holder.hub_domain,
        scopes=holder.scopes,
        signed_access_token=_signed(text, caller.expires, holder, private=not caller.public),
        user_id=holder.user_id,
        is_private_distribution=not caller.public,
        hub_id=holder.hub_id,
        expires_in=_seconds(call.state, caller),
        app_id=holder.app_id,
    )
    return Answer(call.status, encode(told), UNCACHED)


async def refresh_token(call: Call) -> Answer:
    """Tell for which portal, person and app a refresh token is."""
    found = await _refresh(call)
    holder, app = await _holder(call.state, found), await call.state.accounts.app(found.app)
    told = wire.RefreshTokenInfo(
        token=call.path["token"],
        user=holder.user,
        hub_domain=holder.hub_domain,
        scopes=holder.scopes,
        hub_id=holder.hub_id,
        client_id=_client_id(app),
        user_id=holder.user_id,
    )
    return Answer(call.status, encode(told), UNCACHED)


async def delete_refresh_token(call: Call) -> Answer:
    """Revoke a refresh token; access tokens that came of it stay good until they expire."""
    await _end(call, await _refresh(call))
    return Answer(call.status, None)


async def introspect(call: Call) -> Answer:
    """Tell an app about one of its own tokens; of any other only that it is not active (RFC 7662)."""
    app, text = await _asked(call)
    found = await _of_app(call.state, app, text)
    if found is None:
        return Answer(call.status, encode(wire.Introspection(active=False)), UNCACHED)
    holder, is_access = await _holder(call.state, found), found.kind == "access"
    told = wire.Introspection(
        active=True,
        token=text,
        hub_id=holder.hub_id,
        user_id=holder.user_id,
        client_id=_client_id(app),
        app_id=holder.app_id,
        user=holder.user,
        hub_domain=holder.hub_domain,
        scopes=holder.scopes,
        token_use="access_token" if is_access else "refresh_token",
        token_type="Bearer",
    )
    if is_access:
        told.signed_access_token = _signed(text, found.expires, holder, private=False)
        told.expires_in = _seconds(call.state, found)
        told.is_private_distribution = False
    return Answer(call.status, encode(told), UNCACHED)


async def revoke(call: Call) -> Answer:
    """Revoke one of an app's own tokens; one that is unknown is revoked already (RFC 7009)."""
    app, text = await _asked(call)
    found = await _of_app(call.state, app, text)
    if found is not None:
        await _end(call, found)
    return Answer(call.status, None, UNCACHED)


async def private_token(call: Call) -> Answer:
    """Tell for which portal and app the token of a private app is, and with which scopes."""
    caller = await call.state.gate.holder(wire.decode_private(call.body))
    if caller is None or _seconds(call.state, caller) <= 0 or await _gone(call.state, caller):
        await hold_back(call.state, call.request, "token.refused", "private token")
        raise UnreadableToken("access")
    holder = await _holder(call.state, caller)
    told = wire.PrivateTokenInfo(
        user_id=holder.user_id, hub_id=holder.hub_id, app_id=holder.app_id, scopes=holder.scopes
    )
    return Answer(call.status, encode(told), UNCACHED)


async def _asked(call: Call) -> tuple[App, str]:
    """The app that asks, once it proved itself, and the token that it asks about."""
    try:
        asked = await asking.asking(call)
        asked.require_client()
        app = asked.authority(call.state).verify(asked.fields, asked.authorization)
        if "token" not in asked.fields:
            raise MalformedForm
    except OAuthRefusal as refusal:
        await asking.refuse(call, refusal)
        raise
    return app, asked.fields["token"]


async def _of_app(state: State, app: App, text: str) -> Credential | None:
    """A token that is good and the app's own."""
    found = await state.accounts.credential(digest(text))
    if found is None or found.app != app.id or found.kind not in ("access", "refresh"):
        return None
    return found if found.good(state.clock.now(found.portal)) and not await _gone(state, found) else None


async def _refresh(call: Call) -> Credential:
    found = await asking.held(call.state, "refresh", call.path["token"])
    if found is None or not found.good(call.state.clock.now(found.portal)) or await _gone(call.state, found):
        await hold_back(call.state, call.request, "token.refused", "refresh token")
        raise UnreadableToken("refresh")
    return found


async def _end(call: Call, found: Credential) -> None:
    events = (event(call.state, call.request, "token.revoked", found),)
    await call.state.accounts.keep(Moves(end=(found.digest,), events=events))
    call.state.gate.forget()


async def _holder(state: State, of: Caller | Credential) -> Holder:
    portal = await state.gate.portal(of.portal)
    person = await state.accounts.person(of.user)
    scopes = known_scopes() if EVERYTHING in of.scopes else sorted(of.scopes)
    return Holder(
        user=person.email if person is not None else "",
        user_id=of.user,
        hub_id=of.portal,
        hub_domain=portal.domain if portal is not None else "",
        app_id=of.app,
        scopes=list(dict.fromkeys((ALWAYS, *scopes))),
    )


async def _gone(state: State, of: Caller | Credential) -> bool:
    """Whether the portal of a token was removed."""
    return await state.gate.portal(of.portal) is None


def _client_id(app: App | None) -> str:
    return (app.client_id if app is not None else None) or ""


def _seconds(state: State, of: Caller | Credential) -> int:
    return FOREVER if of.expires is None else -((state.clock.now(of.portal) - of.expires) // 1000)


def _signed(text: str, expires: int | None, holder: Holder, *, private: bool) -> wire.SignedAccessToken:
    seal = hashlib.sha256(b"signed:" + text.encode()).digest()
    packed = base64.b64encode(" ".join(holder.scopes).encode()).decode()
    return wire.SignedAccessToken(
        expires_at=expires or 0,
        scopes=packed,
        hub_id=holder.hub_id,
        user_id=holder.user_id,
        app_id=holder.app_id,
        signature=base64.b64encode(seal[:20]).decode(),
        scope_to_scope_group_pks=packed,
        new_signature=base64.b64encode(seal).decode(),
        hublet=HUBLET,
        installing_user_id=holder.user_id,
        is_private_distribution=private,
        app_install_id=f"{holder.app_id}-{holder.hub_id}",
    )
