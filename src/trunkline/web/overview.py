"""What is in a portal, at a glance."""

from starlette.responses import Response

from trunkline.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Shows how many records of each type there are."""
    catalog, tally = await visit.catalog(), await visit.state.store.tally(visit.portal.id)
    counted = [(type_, tally[type_.id]) for type_ in catalog.types if tally.get(type_.id)]
    return visit.page("overview.html", counted=counted)
