"""How a portal is mirrored with an account elsewhere. The mirror is a client, which keeps by itself how far it is."""

from starlette.responses import Response

from trunkline.web.setup.menu import page
from trunkline.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Shows the commands, for this portal, and where the journal is that they follow."""
    return page(visit, "mirror", end=await visit.state.store.bench.end(visit.portal.id))
