"""Searches that were read and cannot be answered."""

from trunkline.errors.refusal import Refusal
from trunkline.errors.validation import ValidationFailure


class Unsearchable(Refusal):
    """A search for what is not there, or cannot be compared so; the service does not say what (behaviour 7.5).

    The cause is the exception's own; with X-Trunkline-Detail `in` says where.
    """

    advice = "Check the property that `in` leads to: its name, whether it can be filtered, its operator and its values."

    def __init__(self, path: str) -> None:
        super().__init__("There was a problem with the request.", path=path)


class TooManyFilterGroups(ValidationFailure):
    """A search with more groups of filters than one may have (behaviour 7.4)."""

    advice = "Split the search, or ask for several values of one property with IN."

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"too many filterGroups (count: {count}, max allowed: {limit})", path="filterGroups")


class TooManyFilters(ValidationFailure):
    """A search with more filters in a group, or in all, than one may have (behaviour 7.4; text chosen: differences)."""

    advice = "Split the search, or ask for several values of one property with IN."

    def __init__(self, count: int, limit: int, path: str) -> None:
        super().__init__(f"too many filters (count: {count}, max allowed: {limit})", path=path)


class TooManyValues(ValidationFailure):
    """A filter with a longer list of values than one may have (behaviour 7.24; text chosen: differences)."""

    advice = "Split the list over several searches."

    def __init__(self, count: int, limit: int, path: str) -> None:
        super().__init__(f"too many values (count: {count}, max allowed: {limit})", path=path)


class TooManySorts(ValidationFailure):
    """A search with more than one rule of order (behaviour 7.8; text chosen: differences)."""

    advice = "Sort by one property; equal records come in the order of their ids."

    def __init__(self, count: int) -> None:
        super().__init__(f"too many sorts (count: {count}, max allowed: 1)", path="sorts")


class PageOutOfRange(ValidationFailure):
    """A page that starts before the first result, or beyond those that can be paged to (7.6; text chosen)."""

    advice = "Narrow the search, for instance by hs_object_id GT the last id seen, and start again without after."

    def __init__(self, after: int, limit: int) -> None:
        super().__init__(
            f"after must be between 0 and {limit - 1}, but was {after}. Only the first {limit} results of a search can "
            "be paged through.",
            path="after",
        )


class QueryTooLong(ValidationFailure):
    """A query of more characters than are looked for (behaviour 7.7; limit and text chosen: differences)."""

    advice = "Search for fewer words."

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"query is too long (length: {length}, max allowed: {limit})", path="query")
