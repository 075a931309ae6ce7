"""Runs one case against one server."""

from cases import checks, given, invariants
from cases.case import Case
from cases.world import Server, World

SERVED = frozenset({"archive", "properties", "read", "routing", "upsert"})
"""The route families that the server has. A case that needs another waits: move the family here when it is built."""

PLANNED = frozenset(
    {
        "associations",
        "batch_archive",
        "batch_create",
        "batch_read",
        "batch_update",
        "contacts",
        "create",
        "limits",
        "list",
        "oauth",
        "search",
        "update",
    }
)
"""The families that cases wait for."""


def waiting(case: Case) -> str:
    """Why a case cannot be run yet, or nothing."""
    missing = [family for family in case.needs if family not in SERVED]
    return f"not served yet: {', '.join(missing)}" if missing else ""


def run(case: Case, server: Server) -> list[str]:
    """Everything in which the server's answer is not as the case expects, or breaks what holds for every answer."""
    with server.client() as client:
        world = World(server, client, f"Bearer {server.token}")
        for step in case.given:
            given.take(world, step)
        reply = world.send(case.request)
        return [*checks.complaints(case.expect, reply, world), *invariants.complaints(reply)]
