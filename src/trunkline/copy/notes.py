"""Notes as no engine has them: those of webhooks, whose positions are those of a portal's own journal.

What a test has set up in a portal (its clock, faults, checkpoints) is not copied, nor what apps read of in the journal
of webhooks.
"""

from collections.abc import Callable

import msgspec

COPIED = ("reading", "webhook")
"""The kinds of notes that are copied: how far apps were told, and what they are told of and where."""

Translate = Callable[[int, int], int | None]
"""Of a portal and a position of its journal, the position elsewhere; None when the portal is not there."""


def translated(portal: int, kind: str, detail: str, translate: Translate) -> str:
    """What a note says, with other positions."""
    told = msgspec.json.decode(detail)
    if kind == "reading":
        told["after"] = translate(portal, told["after"])
        told["parked"] = [[translate(portal, first), *rest] for first, *rest in told["parked"]]
    elif isinstance(told, dict) and "since" in told:
        found = {of: translate(int(of), position) for of, position in told["since"].items()}
        told["since"] = {of: position for of, position in found.items() if position is not None}
    return msgspec.json.encode(told).decode()
