"""The scopes that mean something here, and which of them a portal can give."""

from collections.abc import Iterable
from functools import cache

from trunkline.crm.catalog import custom_type, shipped_types
from trunkline.identity.portal import Portal

OWNERS = ("crm.objects.owners.read",)
"""What lets an app see the people of a portal."""

IMPORTS = ("crm.import",)
EXPORTS = ("crm.export",)
"""What lets an app import and export; it needs the scopes of the object types as well."""

WEBHOOKS = ("developers-read", "private-apps-read")
WEBHOOKS_CHANGED = ("developers-write", "private-apps-write")
"""What lets an app see what it is told of, and change it."""

JOURNAL = ("developer.webhooks_journal.read",)
WATCHES = ("developer.webhooks_journal.subscriptions.read",)
WATCHES_CHANGED = ("developer.webhooks_journal.subscriptions.write",)
SNAPSHOTS = ("developer.webhooks_journal.snapshots.read", "developer.webhooks_journal.snapshots.write")
SNAPSHOTS_CHANGED = ("developer.webhooks_journal.snapshots.write",)
"""What lets an app read the journal of webhooks, see and change its subscriptions there, and make snapshots."""

LISTS = ("crm.lists.read",)
LISTS_CHANGED = ("crm.lists.write", "cms.membership.access_groups.write")
"""What lets an app see lists, and change them."""


@cache
def _products() -> dict[str, list[dict[str, str]]]:
    """For each scope that some operation of some object type asks for, the products that each such type needs."""
    found: dict[str, list[dict[str, str]]] = {}
    for type_ in (*shipped_types(), custom_type()):
        for scope in {scope for scopes in type_.scopes.values() for scope in scopes}:
            found.setdefault(scope, []).append(dict(type_.products))
    return found


def known_scopes() -> list[str]:
    """Every scope that some operation asks for."""
    others = (IMPORTS, EXPORTS, LISTS, LISTS_CHANGED, OWNERS, WEBHOOKS, WEBHOOKS_CHANGED)
    journal = (JOURNAL, WATCHES, WATCHES_CHANGED, SNAPSHOTS, SNAPSHOTS_CHANGED)
    return sorted({*_products(), *(scope for scopes in (*others, *journal) for scope in scopes)})


def offered(scopes: Iterable[str], portal: Portal) -> list[str]:
    """Those of the scopes with which an app could do something in a portal, or that mean nothing here."""
    return [s for s in scopes if s not in _products() or any(portal.has(needed) for needed in _products()[s])]
