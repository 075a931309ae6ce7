"""Reading a cell: from what a phone system writes to what a call property holds.

A reader takes the cell's text, which is not blank, and the time zone of times that name none. It answers the
property's value or None for nothing worth keeping, and raises ValueError saying what is wrong with the text. What a
table does not know goes out as it is: the service is the judge of its own options.
"""

import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal

from trunkline.load.times import instant

Reader = Callable[[str, tzinfo], str | None]

STATUSES = {
    "answered": "COMPLETED",
    "answer": "COMPLETED",
    "completed": "COMPLETED",
    "complete": "COMPLETED",
    "noanswer": "NO_ANSWER",
    "busy": "BUSY",
    "failed": "FAILED",
    "congestion": "FAILED",
    "missed": "MISSED",
    "canceled": "CANCELED",
    "cancelled": "CANCELED",
    "cancel": "CANCELED",
    "callingcrmuser": "CALLING_CRM_USER",
    "queued": "QUEUED",
    "initiated": "CONNECTING",
    "connecting": "CONNECTING",
    "ringing": "RINGING",
    "inprogress": "IN_PROGRESS",
}
"""Call states by their letters alone, to the options of hs_call_status (behaviour 9.8)."""

DIRECTIONS = {
    "inbound": "INBOUND",
    "incoming": "INBOUND",
    "in": "INBOUND",
    "inboundcall": "INBOUND",
    "outbound": "OUTBOUND",
    "outgoing": "OUTBOUND",
    "out": "OUTBOUND",
    "outboundcall": "OUTBOUND",
    "outboundapi": "OUTBOUND",
    "outbounddial": "OUTBOUND",
    # Twilio's trunks are named from the network's side: it terminates what we send.
    "trunkingoriginating": "INBOUND",
    "trunkingterminating": "OUTBOUND",
}
"""Directions by their letters alone, to the options of hs_call_direction."""

DISPOSITIONS = {
    "busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "leftlivemessage": "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",
    "leftvoicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "noanswer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "wrongnumber": "17b47fee-58de-441e-a44c-c6300d46f273",
}
"""The labels of the outcomes every account starts with, by their letters alone, to their ids (behaviour 9.8)."""

_CLID = re.compile(r'\s*"?(?P<name>[^"<]*?)"?\s*(<(?P<number>[^>]*)>)?\s*')
_NAMELESS = {"", "unknown", "anonymous", "unavailable", "restricted", "private", "withheld", "device", "asterisk"}
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})(?:\.\d+)?")
_INBOUND = ("inbound", "incoming", "from-trunk", "from-pstn", "from-did", "from-outside", "from-dahdi", "ext-did")
_OUTBOUND = ("outbound", "outgoing", "from-internal", "dialout", "to-pstn")


def verbatim(text: str, zone: tzinfo) -> str:
    """The text as it stands."""
    return text


def time(text: str, zone: tzinfo) -> str:
    """An instant; see `times.instant`."""
    return instant(text, zone)


def seconds(text: str, zone: tzinfo) -> str:
    """Seconds, or `H:MM:SS` or `M:SS`, to whole milliseconds."""
    text = text.strip()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        return str((hours * 3600 + minutes * 60 + rest) * 1000)
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError(f"{text!r} is not a number of seconds")
    return str(int(Decimal(text) * 1000))


def status(text: str, zone: tzinfo) -> str:
    """A state of a call, to an option of hs_call_status."""
    return STATUSES.get(_letters(text), text)


def direction(text: str, zone: tzinfo) -> str:
    """A direction, to an option of hs_call_direction."""
    return DIRECTIONS.get(_letters(text), text)


def disposition(text: str, zone: tzinfo) -> str:
    """The label of an outcome, to its id."""
    return DISPOSITIONS.get(_letters(text), text)


def clid(text: str, zone: tzinfo) -> str | None:
    """Asterisk's caller id with text, `"Name" <number>`, to a title; None when it names nobody."""
    found = _CLID.fullmatch(text)
    name = found["name"].strip() if found else ""
    if name.lower() in _NAMELESS or not re.search(r"[^\W\d_]", name):
        return None
    return f"Call from {name}"


def dcontext(text: str, zone: tzinfo) -> str | None:
    """Asterisk's destination context to a direction, where its name follows a known habit; else None."""
    name = text.lower()
    if any(part in name for part in _INBOUND):
        return "INBOUND"
    return "OUTBOUND" if any(part in name for part in _OUTBOUND) else None


BY_PROPERTY: dict[str, Reader] = {
    "hs_timestamp": time,
    "hs_call_status": status,
    "hs_call_direction": direction,
    "hs_call_disposition": disposition,
}
"""How a cell becomes a property's value when nothing is known of its column. A duration is in milliseconds then."""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
