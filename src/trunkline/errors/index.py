"""Searches that cannot be answered for now, through no fault of the request."""

from collections.abc import Sequence

from trunkline.errors.request import Unexpected


class SearchTooSlow(Unexpected):
    """The search took longer than a search may take, and was stopped (`TRUNKLINE_SEARCH_TIMEOUT`)."""

    status = 503
    advice = "Ask for less, with a filter that few records meet, or raise TRUNKLINE_SEARCH_TIMEOUT."

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The search took longer than {seconds:g} seconds and was stopped.")


class IndexNotReady(Unexpected):
    """A property that the search asks for is being indexed for the first time; that goes on meanwhile."""

    status = 503
    advice = "Send the search again in a few seconds."

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Still being indexed for searches: {', '.join(names)}. Send the search again.")
