"""OAuth 2.0 as Authlib does it, on values: who asks and what is known go in, what is issued and to be kept come out.

Nothing is read or written here, so an `Authority` serves one request: it answers the library's questions from what was
found beforehand, and gathers what the library would have saved. Refusals are HubSpot's (`trunkline.errors.oauth`).
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.errors import BadAuthCode, BadClientSecret, BadCodeVerifier, BadGrantType, BadScopes, MismatchedRedirect
from trunkline.identity.app import App, unknown, words
from trunkline.identity.credential import Credential, Kind, digest

ENDPOINT = "https://localhost/oauth"
"""The library insists on a URL with TLS; whether there is TLS is the operator's affair."""

METHODS = ["client_secret_post", "client_secret_basic"]

Use = Literal["access_token", "client_credentials"]


class Known(Struct, frozen=True, kw_only=True):
    """What the store has of what a request names: the app with its good secrets, and the code or refresh token."""

    app: App | None = None
    secrets: Sequence[Credential] = ()
    code: Credential | None = None
    refresh: Credential | None = None


class Terms(Struct, frozen=True, kw_only=True):
    """The time, for how many milliseconds codes and tokens are good, and where new secrets come from.

    With `rotate` a refresh token works once and brings the next one.
    """

    now: Moment
    code_life: int
    token_life: int
    rotate: bool
    mint: Callable[[], str]


class Issued(Struct, frozen=True, kw_only=True):
    """What the client is given: the only place where the texts of new tokens are. `expires_in` is in seconds."""

    access: str
    refresh: str | None
    expires_in: int
    use: Use
    holder: Credential


class Client(ClientMixin):  # type: ignore[misc]
    """An app as the library sees it."""

    def __init__(self, app: App, secrets: Sequence[Credential]) -> None:
        self.app = app
        self._secrets = secrets

    def get_client_id(self) -> str:
        """Its client id."""
        return self.app.client_id or ""

    def get_default_redirect_uri(self) -> None:
        """None: a redirect URI is always named."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scopes as they were worked out before (`trunkline.identity.consent`)."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is exactly one of the app's (RFC 9700, 4.1.3)."""
        return redirect_uri in self.app.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compares in constant time, with each secret that is good."""
        given = digest(client_secret)
        return sum(hmac.compare_digest(secret.digest, given) for secret in self._secrets) > 0

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A secret is always asked for."""
        return method in METHODS

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """An app calls with its own credentials only where it has a portal of its own."""
        return grant_type != "client_credentials" or self.app.portal is not None


class _Held:
    """A code or refresh token as the library sees it."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self.code_challenge = credential.challenge or None
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.credential.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.credential.scopes)

    def check_client(self, client: Client) -> bool:
        return self.credential.app == client.app.id


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, method: str, fields: Mapping[str, str], authorization: str | None = None) -> None:
        super().__init__(method, ENDPOINT, headers={"Authorization": authorization} if authorization else {})
        self.payload = BasicOAuth2Payload(dict(fields))

    @property
    def form(self) -> Any:
        return self.payload.data


class Authority(AuthorizationServer):  # type: ignore[misc]
    """The library's server for one request; `new` and `spent` are what is to be kept of it."""

    def __init__(self, known: Known, terms: Terms) -> None:
        super().__init__()
        self.known = known
        self.terms = terms
        self.new: list[Credential] = []
        self.spent: list[bytes] = []
        self.holder: Credential | None = None
        self.register_token_generator("default", self._texts)
        self.register_grant(_Code, [_Challenge(required=False)])
        self.register_grant(_Refresh)
        self.register_grant(_Own)

    def issue(self, fields: Mapping[str, str], authorization: str | None) -> Issued:
        """What a client is given for a request to the token endpoint; raises an `OAuthRefusal`."""
        token: dict[str, Any] = self.create_token_response(_Request("POST", fields, authorization))
        assert self.holder is not None, "the library saves each token that it issues"
        refresh = token.get("refresh_token") or fields.get("refresh_token")
        own = self.holder.kind == "secret"
        use: Use = "client_credentials" if own else "access_token"
        access = str(token["access_token"])
        return Issued(
            access=access,
            refresh=None if own else refresh,
            expires_in=self.terms.token_life // 1000,
            use=use,
            holder=self.new[0],
        )

    def authorise(self, fields: Mapping[str, str], holder: Credential | None) -> str:
        """Where a person is sent who allowed (`holder` says for whom and what) or, with none, denied a request.

        Raises `OAuth2Error` for a request that breaks the protocol.
        """
        self.holder = holder
        request = _Request("GET", {"response_type": "code", **fields})
        grant = self.get_consent_grant(request)
        headers: dict[str, str] = self.create_authorization_response(request, grant_user=holder, grant=grant)
        return headers["Location"]

    def verify(self, fields: Mapping[str, str], authorization: str | None) -> App:
        """The app that proves itself with its secret; raises `BadClientSecret`."""
        try:
            client: Client = self.authenticate_client(_Request("POST", fields, authorization), METHODS)
        except OAuth2Error as cause:
            raise BadClientSecret from cause
        return client.app

    def query_client(self, client_id: str) -> Client | None:
        """The app, when it is the one that was found."""
        app = self.known.app
        return Client(app, self.known.secrets) if app is not None and app.client_id == client_id else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Gathers the new tokens. They are made out to the holder of the code or refresh token, or to the app."""
        assert self.holder is not None
        scopes = words(token.get("scope"))
        self.keep("access", token["access_token"], scopes, self.terms.token_life)
        if "refresh_token" in token:
            self.keep("refresh", token["refresh_token"], scopes, None)

    def keep(self, kind: Kind, text: str, scopes: Sequence[str], life: int | None, **members: Any) -> None:
        """Gathers a credential of the holder's, of which only the digest is kept."""
        assert self.holder is not None
        made = Credential(
            digest=digest(text),
            kind=kind,
            app=self.holder.app,
            portal=self.holder.portal,
            user=self.holder.user,
            scopes=tuple(scopes),
            family=self.holder.family,
            created=self.terms.now,
            expires=None if life is None else self.terms.now + life,
            **members,
        )
        self.new.append(made)

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """The request, which is one already."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        """The token, or the headers of a redirect."""
        return body or dict(headers)

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> Any:
        """A denial is told to the app; all else is refused in HubSpot's words."""
        if error.error == "access_denied":
            return self.handle_response(*error())
        raise _refusal(error.error) from error

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def _texts(self, *, scope: str | None, include_refresh_token: bool, **others: object) -> dict[str, Any]:
        made = {"token_type": "bearer", "access_token": self.terms.mint(), "scope": scope}
        return made | ({"refresh_token": self.terms.mint()} if include_refresh_token else {})


class _Code(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Authority

    def generate_authorization_code(self) -> str:
        return self.server.terms.mint()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        fields = request.payload.data
        members = {"redirect_uri": fields["redirect_uri"], "challenge": fields.get("code_challenge", "")}
        holder = self.server.holder
        assert holder is not None
        self.server.keep("code", code, holder.scopes, self.server.terms.code_life, **members)

    def query_authorization_code(self, code: str, client: Client) -> _Held:
        found = self.server.known.code
        if found is None or found.app != client.app.id:
            raise BadAuthCode
        if self.request.payload.redirect_uri != found.redirect_uri:
            raise MismatchedRedirect
        return _Held(found)

    def delete_authorization_code(self, authorization_code: _Held) -> None:
        self.server.spent.append(authorization_code.credential.digest)

    def authenticate_user(self, authorization_code: _Held) -> _Held:
        self.server.holder = authorization_code.credential
        return authorization_code


class _Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Authority

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:
        return self.server.terms.rotate

    def authenticate_refresh_token(self, refresh_token: str) -> _Held | None:
        found = self.server.known.refresh
        return _Held(found) if found is not None else None

    def authenticate_user(self, refresh_token: _Held) -> _Held:
        self.server.holder = refresh_token.credential
        return refresh_token

    def revoke_old_credential(self, refresh_token: _Held) -> None:
        if self.server.terms.rotate:
            self.server.spent.append(refresh_token.credential.digest)


class _Own(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Authority

    def validate_requested_scope(self) -> None:
        app = self.request.client.app
        asked = words(self.request.payload.scope)
        if not asked or unknown(asked, (*app.scopes, *app.optional_scopes)):
            raise BadScopes
        self.server.holder = Credential(
            digest=b"", kind="secret", app=app.id, portal=app.portal, created=self.server.terms.now
        )


class _Challenge(CodeChallenge):  # type: ignore[misc]
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        try:
            super().validate_code_verifier(grant, result)
        except OAuth2Error as cause:
            raise BadCodeVerifier from cause


def _refusal(error: str) -> Exception:
    """HubSpot's refusal for the library's; what names the code or the refresh token was refused before."""
    from trunkline.errors import BadRefreshToken

    refusals: Mapping[str, type[Exception]] = {
        "invalid_client": BadClientSecret,
        "invalid_grant": BadRefreshToken,
        "invalid_scope": BadScopes,
        "unauthorized_client": BadGrantType,
        "unsupported_grant_type": BadGrantType,
    }
    return refusals.get(error, BadAuthCode)()
