"""What the authorization server refuses, in its own shape: `status` names the fault, `error` is the word of OAuth 2.0.

Statuses and texts: behaviour 10.2 to 10.4 and 10.6 to 10.14.
"""

from typing import ClassVar

from trunkline.errors.refusal import Refusal


class OAuthRefusal(Refusal):
    """A request to the authorization server that is refused. `fault` is the body's `status`."""

    fault: ClassVar[str]
    error: ClassVar[str] = "invalid_grant"
    text: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.text)


class BadClientId(OAuthRefusal):
    """No client id, or one of no app."""

    fault = "BAD_CLIENT_ID"
    error = "invalid_request"
    text = "missing or unknown client id"
    advice = "Send the client id that `trunkline app list` shows."


class BadClientSecret(OAuthRefusal):
    """No client secret, or not the app's."""

    fault = "BAD_CLIENT_SECRET"
    error = "invalid_client"
    text = "missing or invalid client secret"
    advice = "Send the secret that `trunkline app create` printed, or make a new one with `trunkline app rotate`."


class BadGrantType(OAuthRefusal):
    """No grant type, or one that this version of the API or this app does not have."""

    fault = "BAD_GRANT_TYPE"
    error = "unsupported_grant_type"
    text = "missing or unknown grant type"
    advice = "Send authorization_code, refresh_token or, where it is served, client_credentials."


class BadAuthCode(OAuthRefusal):
    """No authorization code, or one that is unknown or was used before."""

    fault = "BAD_AUTH_CODE"
    text = "missing or unknown auth code"
    advice = "Send the user through /oauth/authorize again: a code works once."


class ExpiredAuthCode(OAuthRefusal):
    """The authorization code was not used in time."""

    fault = "EXPIRED_AUTH_CODE"
    text = "auth code is expired"
    advice = "Exchange a code within ten minutes."


class MismatchedRedirect(OAuthRefusal):
    """The redirect URI is not the one that the code was asked for with."""

    fault = "MISMATCH_REDIRECT_URI_AUTH_CODE"
    text = "redirect URI does not match initial auth code URI"
    advice = "Send the same redirect_uri as to /oauth/authorize."


class BadCodeVerifier(OAuthRefusal):
    """The code was asked for with a challenge, and the verifier does not meet it, or the other way round."""

    fault = "BAD_CODE_VERIFIER"
    text = "missing or invalid code verifier"
    advice = "Send the code_verifier whose S256 challenge was sent to /oauth/authorize."


class BadRefreshToken(OAuthRefusal):
    """No refresh token, or one that is not this app's, or not any more."""

    fault = "BAD_REFRESH_TOKEN"
    text = "refresh token is invalid, expired or revoked"
    advice = "Send the user through /oauth/authorize again."


class BadHub(OAuthRefusal):
    """The portal that the token is for is gone."""

    fault = "BAD_HUB"
    error = "access_denied"
    text = "missing or unknown hub id"
    advice = "The portal was removed; send the user through /oauth/authorize again."


class BadScopes(OAuthRefusal):
    """No scopes, or some that were not granted to the app."""

    fault = "BAD_SCOPES"
    error = "invalid_scope"
    text = "missing or invalid scopes"
    advice = "Ask only for scopes that the app has."


class MalformedForm(OAuthRefusal):
    """A parameter of a form that is missing, or is sent twice."""

    fault = "BAD_REQUEST"
    error = "invalid_request"
    text = "missing or repeated parameter"
    advice = "Send each parameter once, and `token` to introspect or revoke one."


class UnreadableToken(Refusal):
    """A token that is none, where one is asked about."""

    advice = "Send a token that is good."

    def __init__(self, kind: str) -> None:
        super().__init__(f"The {kind} token must have the correct format")
