"""What the pages of the setup have in common: their menu, and how a form of theirs ends."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from trunkline.web.visit import Visit


class Entry(NamedTuple):
    """A page of the setup: its name, what it is called, and whether it is for who runs the server alone."""

    name: str
    title: str
    runs: bool = False


MENU = (
    Entry("", "Start"),
    Entry("tokens", "Tokens"),
    Entry("apps", "OAuth apps", runs=True),
    Entry("properties", "Properties"),
    Entry("pipelines", "Pipelines"),
    Entry("webhooks", "Webhooks"),
    Entry("people", "People"),
    Entry("portals", "Portals", runs=True),
    Entry("mirror", "Mirror"),
)
"""All of them, in the order in which they stand."""


def page(visit: Visit, name: str, /, *, wrong: str = "", **shown: Any) -> Response:
    """A page of the setup, by the name of its template, with the menu that the person sees and what is `wrong`."""
    menu = [entry for entry in MENU if visit.runs or not entry.runs]
    return visit.page(f"setup/{name}.html", status=400 if wrong else 200, menu=menu, wrong=wrong, **shown)


Shown = Callable[[Visit, str], Awaitable[Response]]
"""Shows a page again, with why what was asked on it was refused."""


async def done(
    visit: Visit, name: str, again: Shown, work: Callable[[], Awaitable[str]], *steps: str, **query: object
) -> Response:
    """Does something and tells it on the page of this name, or shows the page `again` with why it was refused.

    `steps` lead on to one of several such pages.
    """
    return await visit.done(visit.place("setup", name, *steps, **query), partial(again, visit), work)
