"""The rate limits, as the document and the pages tell of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.http.operation import Operation
from trunkline.http.reference.fields import field
from trunkline.http.reference.markup import Html, element, joined, prose
from trunkline.identity.limit import shipped_limits
from trunkline.language import Say

Json = dict[str, Any]

PLACE = "rate-limits"
"""Where a page tells of them."""

PREFIX = "X-HubSpot-RateLimit-"
DAILY = ("Daily", "Daily-Remaining")
HEADERS: Mapping[str, str] = {
    "Daily": "Requests that the private apps of the portal may send in a day. An OAuth app is not told.",
    "Daily-Remaining": "Of these, how many are left. An OAuth app is not told.",
    "Interval-Milliseconds": "The time that the next two are about.",
    "Max": "Requests that the app may send in this time.",
    "Remaining": "Of these, how many are left.",
    "Secondly": "A tenth of `X-HubSpot-RateLimit-Max`. It is told for old clients, and nothing goes by it.",
    "Secondly-Remaining": "A tenth of `X-HubSpot-RateLimit-Remaining`, in the same way.",
}
"""By what follows the prefix of all of them."""

COUNTED = (
    "Each request with a good token is counted: those of a private app in ten seconds, and those of all private "
    "apps of a portal together in a day. How many there may be goes by the highest edition that the portal has of "
    "any product. The numbers are HubSpot's."
)
REFUSED = (
    "More are refused with a 429 where that is on (`trunkline serve --limits hubspot`, or for one portal), and "
    "otherwise only counted. What is left is in the headers of every answer to a good token:"
)


def references(operation: Operation) -> Json:
    """The headers of an operation that asks for a token, each as a reference into `components`.

    A search tells those of the day alone (behaviour 6.5).
    """
    names = [PREFIX + name for name in HEADERS if name in DAILY or not operation.search]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def components() -> Json:
    """All of these headers, as OpenAPI has them."""
    return {
        PREFIX + name: {"description": description, "schema": {"type": "integer", "minimum": 0}}
        for name, description in HEADERS.items()
    }


def section(say: Say) -> Html:
    """What the pages tell of the limits."""
    rows = (joined(element("dt", who), element("dd", most)) for who, most in _most(say))
    headers = (
        field(say, PREFIX + name, {"type": "integer", "description": say(text)}, None) for name, text in HEADERS.items()
    )
    return element(
        "section",
        element("h2", say("Rate limits"), id=PLACE),
        element("p", say(COUNTED)),
        element("dl", *rows, class_="facts"),
        element("p", prose(say(REFUSED))),
        element("ul", *headers, class_="fields"),
        class_="intro",
    )


def _most(say: Say) -> Iterator[tuple[str, str]]:
    """Who may send how many requests."""
    limits = shipped_limits()
    for edition, most in limits.private.items():
        told = say("{burst} in ten seconds, {daily} in a day", burst=most.burst, daily=f"{most.daily:,}")
        yield edition.capitalize(), told
    yield (
        say("An OAuth app"),
        say("{burst} in ten seconds to each portal, and no limit of a day", burst=limits.public.burst),
    )
    searches = say(
        "{searches} in a second to a portal; they count for the day, and not for ten seconds",
        searches=limits.searches.per_second,
    )
    yield say("Searches"), searches
