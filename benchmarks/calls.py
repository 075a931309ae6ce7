"""The calls that are measured with: made from their number alone, so that both sides of a comparison get the same."""

import random
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec import Struct

Mode = Literal["new", "updates", "mix"]
MODES: tuple[Mode, ...] = ("new", "updates", "mix")

BATCH = 100
"""Inputs of one request."""

KEY = "call_key"
"""The unique property that addresses a call; its values are 128 random bits in hexadecimal."""

DEFINITION = {
    "name": KEY,
    "label": "Call key",
    "type": "string",
    "fieldType": "text",
    "groupName": "call",
    "hasUniqueValue": True,
}

Values = dict[str, str]

_NAMES = ("Dana Whitfield", "Jürgen Hollerbach", "Amara Okafor", "Li Na", "Tomás Rivera", "Priya Raman", "Noor Haddad")
_SUBJECTS = ("the renewal", "a late delivery", "an invoice", "the pilot", "a new branch office", "a complaint")
_NOTES = (
    "Agreed to send the quote by Friday; asks for the delivery date of the second lot.",
    "Left a message with the front desk and asked for a call back after lunch.",
    "Wants the contract in two copies, signed by both directors, before the end of the month.",
    "Not the right person; purchasing is handled by the office in Rotterdam.",
)
_STATUSES = ("COMPLETED", "COMPLETED", "COMPLETED", "NO_ANSWER", "BUSY", "MISSED")


class Round(Struct, frozen=True):
    """One stretch of load: so many batches of one mode, on a store that knows the calls 0 to `known` - 1.

    New calls are numbered from `known` on; updates fall on the known ones with equal chance and carry versions from
    `version` on, one for each batch, so that each of them changes something.
    """

    mode: Mode
    known: int
    batches: int
    version: int

    @property
    def created(self) -> int:
        """Calls that the round adds."""
        return self.batches * {"new": BATCH, "updates": 0, "mix": BATCH // 2}[self.mode]

    @property
    def changes(self) -> int:
        """Rows that the round adds to the journal: one for each update, one for all that a batch creates."""
        updates = self.batches * BATCH - self.created
        return updates + (self.batches if self.created else 0)

    def plan(self) -> list[list[tuple[int, int]]]:
        """Number and version of each input of each batch; version 0 is a new call."""
        chance = random.Random(f"{self.mode} {self.known} {self.version}")
        new = self.created // self.batches
        planned = []
        for batch in range(self.batches):
            first = self.known + batch * new
            created = [(number, 0) for number in range(first, first + new)]
            updated = [(number, self.version + batch) for number in chance.sample(range(self.known), BATCH - new)]
            inputs = created + updated
            chance.shuffle(inputs)
            planned.append(inputs)
        return planned


def key(number: int) -> str:
    """The unique value of a call."""
    return _bits(number)[:16].hex()


def call(number: int, version: int) -> Values:
    """The nine properties of a call; the three of `later` differ from one version to the next."""
    bits = _bits(number)
    name, subject = _NAMES[bits[16] % len(_NAMES)], _SUBJECTS[bits[17] % len(_SUBJECTS)]
    return {
        "hs_timestamp": f"2025-{bits[18] % 12 + 1:02}-{bits[19] % 28 + 1:02}T{bits[20] % 24:02}:{bits[21] % 60:02}:07Z",
        "hs_call_title": f"Call with {name} about {subject}",
        "hs_call_status": _STATUSES[bits[22] % len(_STATUSES)],
        "hs_call_direction": "INBOUND" if bits[23] % 2 else "OUTBOUND",
        "hs_call_from_number": f"+4930{bits[24]:03}{bits[25]:03}{bits[26]:03}",
        "hs_call_to_number": f"+1212{bits[27]:03}{bits[28]:03}{bits[29]:03}",
    } | later(number, version)


def later(number: int, version: int) -> Values:
    """The three properties that an update changes."""
    bits = _bits(number)
    return {
        "hs_call_body": f"{_NOTES[bits[30] % len(_NOTES)]} Note {version}.",
        "hs_call_duration": str((bits[31] + version) * 1000),
        "hs_call_recording_url": f"https://recordings.example.com/{bits[:6].hex()}/{version}.mp3",
    }


def _bits(number: int) -> bytes:
    return blake2b(number.to_bytes(8, "big"), digest_size=32, key=b"trunkline").digest()


def body(inputs: list[tuple[int, int]]) -> bytes:
    """The request body of one batch, all nine properties in each input."""
    return msgspec.json.encode(
        {"inputs": [{"idProperty": KEY, "id": key(n), "properties": call(n, version)} for n, version in inputs]}
    )
