"""Callers that may not pass: expired tokens, keys of the past, products that were not bought."""

from trunkline.errors.refusal import Refusal
from trunkline.errors.request import MissingScopes

API_KEY_URL = "https://app.hubspot.com/l/api-key/"

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


class ExpiredToken(Refusal):
    """The access token was good once, and is not any more (behaviour 6.2, 6.11)."""

    status = 401
    category = "EXPIRED_AUTHENTICATION"
    advice = "Ask for a new one with the refresh token."

    def __init__(self, ago: int, moment: str) -> None:
        super().__init__(
            f"The OAuth token used to make this call expired {_spoken(ago)} ago.", context={"expire time": [moment]}
        )


def _spoken(ago: int) -> str:
    """Milliseconds in the largest unit of which there are two."""
    seconds = max(ago // 1000, 0)
    for unit, size in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}(s)"
    return f"{seconds} second(s)"


class ApiKeyGone(Refusal):
    """The caller sends an API key, which HubSpot gave up in 2022 (behaviour 6.7)."""

    status = 401
    category = "INVALID_AUTHENTICATION"
    advice = "Send an access token in the Authorization header instead of `hapikey`."

    def __init__(self) -> None:
        message = f"The API key provided is invalid. View or manage your API key here: {API_KEY_URL}"
        super().__init__(message, links={"api key": API_KEY_URL})


class ProductMissing(MissingScopes):
    """The portal lacks the products that the operation needs: it is told as its scopes are missing (behaviour 6.8)."""

    advice = "Give the portal one of the products, with `trunkline portal change`."
