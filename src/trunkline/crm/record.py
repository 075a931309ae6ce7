"""What a store keeps of one call, contact or deal."""

from msgspec import Struct

Moment = int
"""Whole milliseconds since 1970, UTC."""


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """One record of one object type in one portal.

    `properties` holds what was written, as text; a property that was cleared is kept as "" and one that was never
    set is absent. What the service derives by itself is not kept here (see `trunkline.crm.derivation`).
    `app` is the app that created it, `last_change` the journal position of its newest update, if it had one.
    """

    id: int
    properties: dict[str, str]
    created: Moment
    updated: Moment
    app: int
    archived: Moment | None = None
    last_change: int | None = None


class Change(Struct, frozen=True, kw_only=True, gc=False):
    """One update of one record, as the journal tells it: from and to of each changed property, when and by which app.

    A `None` in the place of the first value says that the property was not set before.
    """

    at: Moment
    app: int
    values: dict[str, tuple[str | None, str]]
    previous: int | None = None


def changed_by(app: int) -> tuple[str, str]:
    """Who changed something: an app, or a person at our own pages, whose number is below zero (behaviour 9.6)."""
    return ("INTEGRATION", str(app)) if app >= 0 else ("CRM_UI", f"userId:{-app}")
