"""The first page of the setup: what a client needs, in the order in which it needs it."""

from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http import properties
from trunkline.web.setup.menu import page
from trunkline.web.visit import Visit

CALLS = "calls"


async def show(visit: Visit, wrong: str = "") -> Response:
    """Shows what is there of it, and what to paste."""
    type_ = (await visit.catalog()).type(CALLS)
    unique = [one for one in type_.unique.values() if one.archived is None and not one.hubspot_defined]
    url = str(visit.request.base_url).rstrip("/")
    return page(
        visit, "start", status=400 if wrong else 200, wrong=wrong, unique=unique, url=url, typed=visit.field("name")
    )


async def define(visit: Visit) -> Response:
    """Makes a unique property of calls, by which they are created or updated."""
    name = visit.field("name")
    made = {
        "name": name,
        "label": visit.field("label") or name,
        "type": "string",
        "fieldType": "text",
        "groupName": "callinformation",
        "hasUniqueValue": True,
    }
    try:
        await visit.call(properties.create, made, type=CALLS)
    except Refusal as refusal:
        return await show(visit, refusal.message)
    return visit.to(visit.place("setup"), f"Calls can be upserted by {name} now.")
