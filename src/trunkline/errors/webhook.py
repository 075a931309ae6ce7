"""Webhook settings and subscriptions that cannot be made, and those that are not there."""

from trunkline.errors.refusal import Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidWebhook(ValidationFailure):
    """Settings or a subscription that break a rule (behaviour 20.1; texts chosen: differences)."""

    advice = "Correct what the message names; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class JournalEntryNotFound(Refusal):
    """No such entry of the app's journal of webhooks, or none that is still kept (behaviour 21.2; text chosen)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Entries are kept for three days. Begin again with the earliest one, and read the records themselves."

    def __init__(self) -> None:
        super().__init__("No entry of that offset is kept.", path="offset")


class SubscriptionNotFound(Refusal):
    """No such webhook subscription of the app (behaviour 20.1)."""

    status = 404
    category = "SUBSCRIPTION_ID_NOT_FOUND"
    advice = "List the app's subscriptions to see their ids."

    def __init__(self, id_: str) -> None:
        super().__init__(f"Failed to find subscriptions by id `{id_[:100]}`.", path="subscriptionId")
