"""The token endpoint: an app exchanges a code, a refresh token or its own secret for an access token."""

from msgspec import UNSET

from trunkline.errors import BadAuthCode, BadClientId, BadGrantType, BadRefreshToken, ExpiredAuthCode, OAuthRefusal
from trunkline.http.call import Answer, Call
from trunkline.http.guard import event
from trunkline.http.oauth import asking
from trunkline.http.oauth.asking import Asking
from trunkline.identity.credential import Credential
from trunkline.identity.event import EventKind
from trunkline.identity.grants import Issued
from trunkline.identity.moves import Moves
from trunkline.store.accounts import AlreadySpent
from trunkline.wire import oauth as wire
from trunkline.wire.batch import encode

UNCACHED = {"cache-control": "no-store", "pragma": "no-cache"}
"""Headers of every answer with a token in it (RFC 6749, 5.1)."""

GRANTS = ("authorization_code", "refresh_token", "client_credentials")


async def create(call: Call) -> Answer:
    """Give an access token for an authorization code, a refresh token, or an app's own credentials."""
    try:
        issued = await _issue(call, await asking.asking(call))
    except OAuthRefusal as refusal:
        await asking.refuse(call, refusal)
        raise
    return Answer(call.status, encode(_told(issued)), UNCACHED)


async def _issue(call: Call, asked: Asking) -> Issued:
    """Decides, and keeps what was decided; of two that come with the same code one gets a token."""
    asked.require_client()
    kind = asked.fields.get("grant_type")
    if kind not in GRANTS or (kind == "client_credentials" and call.request.url.path.startswith("/oauth/v1/")):
        raise BadGrantType
    await _require_good(call, asked, kind)
    if asked.known.app is None:
        raise BadClientId
    authority = asked.authority(call.state)
    issued = authority.issue(asked.fields, asked.authorization)
    told: EventKind = "token.refreshed" if kind == "refresh_token" else "token.issued"
    moves = Moves(
        spend=tuple(authority.spent),
        credentials=tuple(authority.new),
        events=(event(call.state, call.request, told, issued.holder),),
    )
    try:
        await call.state.accounts.keep(moves)
    except AlreadySpent as cause:
        raise (BadAuthCode if kind == "authorization_code" else BadRefreshToken) from cause
    return issued


async def _require_good(call: Call, asked: Asking, kind: str) -> None:
    """Refuses a code or a refresh token that is not good, before anything else is looked at (chosen: differences).

    Who comes with one that was used before ends all that came of the same consent, since one of two who had it was
    not meant to (RFC 6749, 4.1.2; RFC 9700, 4.14.2).
    """
    found = {"authorization_code": asked.known.code, "refresh_token": asked.known.refresh}.get(kind)
    works_once = kind == "authorization_code" or call.state.settings.rotate_refresh
    if works_once and found is not None and found.ended is not None:
        asked.authority(call.state).verify(asked.fields, asked.authorization)
        await _end_all(call, found)
    if kind == "authorization_code":
        if found is None or found.ended is not None:
            raise BadAuthCode
        if not found.good(call.state.clock.now(found.portal)):
            raise ExpiredAuthCode
    elif kind == "refresh_token":
        await asking.good_refresh(call.state, found)


async def _end_all(call: Call, spent: Credential) -> None:
    told = event(call.state, call.request, "token.reused", spent)
    await call.state.accounts.keep(Moves(end_families=(spent.family,), events=(told,)))
    call.state.gate.forget()


def _told(issued: Issued) -> wire.TokenAnswer:
    holder = issued.holder
    return wire.TokenAnswer(
        refresh_token=issued.refresh or UNSET,
        access_token=issued.access,
        hub_id=holder.portal,
        scopes=holder.scopes,
        user_id=holder.user or UNSET,
        token_use=issued.use,
        expires_in=issued.expires_in,
    )
