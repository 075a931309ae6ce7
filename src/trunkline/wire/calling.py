"""HubSpot's shape of a call outcome, as its calling API tells it."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from trunkline.crm.property import Option


class Disposition(Struct):
    """One outcome that a call may have: `id` is what `hs_call_disposition` holds.

    `deleted` is not documented, but clients that pass over such outcomes read it (chosen: differences).
    """

    id: str
    label: str
    deleted: bool


def encode_dispositions(options: Iterable[Option]) -> bytes:
    """The outcomes as a bare array, in the order in which they are shown; a hidden option is a deleted outcome."""
    ordered = sorted(options, key=lambda option: option.display_order)
    return msgspec.json.encode([Disposition(option.value, option.label, option.hidden) for option in ordered])
