"""HubSpot's shapes of the authorization server: forms in, JSON out (behaviour 10.1, 10.5, 10.7 to 10.9)."""

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl

from msgspec import UNSET, Struct, UnsetType

from trunkline.errors import MalformedForm
from trunkline.wire.body import Reader
from trunkline.wire.shape import Object, Text

MOST_FIELDS = 50


class TokenForm(Struct, kw_only=True):
    """What is sent to get a token."""

    grant_type: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


class TokenQuestion(Struct, kw_only=True):
    """What is sent to ask about a token, or to revoke it."""

    client_id: str | None = None
    client_secret: str | None = None
    token: str | None = None
    token_type_hint: str | None = None


class TokenAnswer(Struct, kw_only=True):
    """A new access token, with the refresh token of its app."""

    token_type: str = "bearer"
    refresh_token: str | UnsetType = UNSET
    access_token: str
    hub_id: int
    scopes: Sequence[str]
    user_id: int | UnsetType = UNSET
    token_use: Literal["access_token", "client_credentials"] = "access_token"
    expires_in: int


class SignedAccessToken(Struct, rename="camel", kw_only=True):
    """The token as HubSpot's own services pass it on. The signatures are nobody's here: texts of the right form."""

    expires_at: int
    scopes: str
    hub_id: int
    user_id: int
    app_id: int
    signature: str
    scope_to_scope_group_pks: str
    new_signature: str
    hublet: str
    trial_scopes: str = ""
    trial_scope_to_scope_group_pks: str = ""
    is_user_level: bool = False
    installing_user_id: int
    is_service_account: bool = False
    is_private_distribution: bool
    app_install_id: str
    audience: str = ""


class AccessTokenInfo(Struct, kw_only=True):
    """What `/oauth/v1/access-tokens/{token}` tells."""

    token: str
    user: str
    hub_domain: str
    scopes: Sequence[str]
    signed_access_token: SignedAccessToken
    token_type: str = "access"
    user_id: int
    is_private_distribution: bool
    hub_id: int
    expires_in: int
    app_id: int


class RefreshTokenInfo(Struct, kw_only=True):
    """What `/oauth/v1/refresh-tokens/{token}` tells."""

    token: str
    user: str
    hub_domain: str
    scopes: Sequence[str]
    hub_id: int
    client_id: str
    user_id: int
    token_type: str = "refresh"


class Introspection(Struct, kw_only=True):
    """What the introspection tells: of a token that is not active nothing else."""

    active: bool
    token: str | UnsetType = UNSET
    hub_id: int | UnsetType = UNSET
    user_id: int | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    app_id: int | UnsetType = UNSET
    user: str | UnsetType = UNSET
    hub_domain: str | UnsetType = UNSET
    scopes: Sequence[str] | UnsetType = UNSET
    signed_access_token: SignedAccessToken | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET
    is_private_distribution: bool | UnsetType = UNSET
    token_use: Literal["access_token", "refresh_token"] | UnsetType = UNSET
    token_type: str | UnsetType = UNSET


class PrivateTokenBody(Struct, rename="camel"):
    """What is sent to ask about the token of a private app."""

    token_key: str | None = None


class PrivateTokenInfo(Struct, rename="camel", kw_only=True):
    """What is told of the token of a private app."""

    user_id: int
    hub_id: int
    app_id: int
    scopes: Sequence[str]
    is_user_token: bool = False


_private = Reader(PrivateTokenBody, Object("com.hubspot.oauth.PrivateAppTokenRequest", {"tokenKey": Text()}))


def decode_private(body: bytes) -> str:
    """The token of a private app that is asked about; raises `MalformedBody`."""
    return _private.read(body).token_key or ""


def fields(body: bytes, more: str = "") -> Mapping[str, str]:
    """The fields of a form, and those of a query where they are not in the form; raises `MalformedForm`.

    An empty field counts as none at all.
    """
    return {**_parsed(more), **_parsed(body.decode(errors="replace"))}


def _parsed(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_FIELDS)
    except ValueError as cause:
        raise MalformedForm from cause
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedForm
    return found
