"""Rules for the values of a property that cannot be made, or are not there."""

from trunkline.errors.refusal import Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidRule(ValidationFailure):
    """A rule for values that its property cannot have, or with other arguments than it takes (text chosen)."""

    advice = "See which rules a property of this type can have, and what each takes; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class RuleNotFound(Refusal):
    """No such rule for the values of the property (text chosen)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "List the rules of the property to see which it has."

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"No {kind} validation rule for property {name}")
