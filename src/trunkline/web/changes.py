"""What was written in a portal since a checkpoint, or at all: by whom, and from what to what."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.web.visit import Visit

PAGE = 100
"""Changes of one page."""


async def show(visit: Visit) -> Response:
    """Shows a page of changes, the oldest first; raises a 404 for a checkpoint that is not there."""
    since, after = visit.query.get("since", ""), visit.query.get("after", "0")
    query = {"after": after, "limit": PAGE} | ({"since": since} if since else {})
    try:
        found = await visit.ask("GET", f"/portals/{visit.portal.id}/changes", query=query)
    except Refusal as cause:
        raise HTTPException(404) from cause
    following = found["paging"]["next"]["after"] if "paging" in found else None
    return visit.page("changes.html", since=since, changes=found["results"], following=following, first=after == "0")
