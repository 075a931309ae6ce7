"""Callers that failed to prove themselves too often."""

from trunkline.errors.refusal import Refusal


class TooManyFailures(Refusal):
    """Too many refusals of one address, or of all together, wait to be told (chosen: differences)."""

    status = 429
    category = "RATE_LIMITS"
    advice = "Check the token, the secret or the password that is sent, and wait a minute before trying again."

    def __init__(self) -> None:
        super().__init__("Too many attempts to authenticate have failed. Try again in a minute.")
