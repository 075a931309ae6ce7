"""The process that answers, of those behind one port."""

import os

from trunkline.http.control.asked import Asked, Shown


async def show(asked: Asked) -> Shown:
    """Tells which process answers, and whether it is the one that carries out batches, imports and exports for all."""
    return {"id": os.getpid(), "leads": asked.state.leads}
