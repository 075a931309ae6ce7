"""The process that answers, of those behind one port."""

import os

from trunkline.http.control.asked import Asked, Shown


async def show(asked: Asked) -> Shown:
    """Tells which process answers."""
    return {"id": os.getpid()}
