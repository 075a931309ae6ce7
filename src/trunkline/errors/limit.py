"""Requests beyond the rate limits."""

from trunkline.errors.refusal import Refusal


class RateLimited(Refusal):
    """More requests than the app, or the portal, may send in the time of one policy (behaviour 6.4)."""

    status = 429
    error_type = "RATE_LIMIT"
    advice = "Wait until the time of the policy is over, and send fewer requests: one batch carries 100 inputs."

    def __init__(self, policy: str) -> None:
        super().__init__(f"You have reached your {policy.lower()} limit.")
        self.policy = policy
