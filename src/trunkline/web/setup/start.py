"""The first page of the setup: what a client needs, in the order in which it needs it."""

from functools import partial

from starlette.responses import Response

from trunkline.http import properties
from trunkline.web.setup.menu import page
from trunkline.web.visit import Visit

CALLS = "calls"


async def show(visit: Visit, wrong: str = "") -> Response:
    """Shows what is there of it, and what to paste."""
    type_ = (await visit.catalog()).type(CALLS)
    unique = [one for one in type_.unique.values() if one.archived is None and not one.hubspot_defined]
    return page(visit, "start", wrong=wrong, unique=unique, typed=visit.field("name"))


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

    async def work() -> str:
        await visit.call(properties.create, made, type=CALLS)
        return f"Calls can be upserted by {name} now."

    return await visit.done(visit.place("setup"), partial(show, visit), work)
