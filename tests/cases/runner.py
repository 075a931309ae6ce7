"""Runs one case against one server."""

import documented
from cases import checks, given, invariants
from cases.case import Case
from cases.world import Server, World

SERVED = frozenset(
    {
        "archive",
        "associations",
        "batch_archive",
        "batch_create",
        "batch_read",
        "batch_update",
        "calling",
        "contacts",
        "create",
        "erase",
        "exports",
        "imports",
        "later",
        "legacy",
        "limits",
        "list",
        "lists",
        "merge",
        "oauth",
        "owners",
        "pipelines",
        "properties",
        "read",
        "routing",
        "rules",
        "schemas",
        "search",
        "tracking",
        "update",
        "upsert",
    }
)
"""The route families that the server has. A case that needs another waits: move the family here when it is built."""

PLANNED: frozenset[str] = frozenset()
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
        path = reply.path.partition("?")[0]
        described = documented.complaints(reply.method, path, reply.status, reply.body)
        return [
            *checks.complaints({"warnings": [], **case.expect}, reply, world),
            *invariants.complaints(reply),
            *described,
        ]
