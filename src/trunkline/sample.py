"""`trunkline sample`: a file of made-up calls, the same bytes for the same seed.

Phone numbers are from the ranges kept for fiction: 555-0100 to 555-0199 of North American area codes, and Ofcom's
+44 7700 900000 to 900999 and +44 20 7946 0000 to 0999. Days start on Monday, 6 January 2025; all times are UTC.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Annotated, NamedTuple, TextIO

import typer


class SampleFormat(StrEnum):
    """The kinds of file that can be written, as `trunkline load` reads them."""

    CSV = "csv"
    NDJSON = "ndjson"
    ASTERISK = "asterisk"
    TWILIO = "twilio"


class SampleCall(NamedTuple):
    """One made-up call. `ring` and `talk` are in seconds; `number` counts from 1 and is part of the key."""

    number: int
    key: str
    start: datetime
    inbound: bool
    contact: str
    name: str
    extension: int
    line: str
    status: str
    disposition: str
    ring: int
    talk: int
    title: str
    body: str


FIRST_DAY = datetime(2025, 1, 6, tzinfo=UTC)
DAYS = 56
"""The calls of a file are spread over eight weeks, whatever their number."""

BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
LEFT_MESSAGE = "a4c4c377-d246-4b32-a13b-75a56a4cd0ff"
LEFT_VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
WRONG_NUMBER = "17b47fee-58de-441e-a44c-c6300d46f273"

_WEEK = (22, 23, 22, 20, 16, 3, 1)
_HOURS = (0, 0, 0, 0, 0, 0, 0, 2, 9, 16, 18, 15, 8, 12, 16, 16, 13, 7, 3, 1, 0, 0, 0, 0)
_INBOUND_SHARE = 0.38
_UNANSWERED = {"BUSY": BUSY, "NO_ANSWER": NO_ANSWER}
_CONTACTS = 2400
_AREAS = (202, 206, 212, 303, 312, 404, 415, 503, 512, 702, 713, 808)
_LINES = ("+16175550100", "+16175550101", "+442079460100", "+442079460101")
_FIRST = (
    *("Ada", "Bruno", "Chidi", "Dana", "Elif", "Femi", "Grete", "Hanh", "Ivo", "June", "Kofi", "Lena", "Mateo"),
    *("Nadia", "Omar", "Petra", "Quentin", "Rosa", "Sven", "Tala", "Uma", "Viktor", "Wanda", "Yusuf", "Zofia"),
)
_LAST = (
    *("Abara", "Bergström", "Castell", "Dogan", "Ekwueme", "Fournier", "Greer", "Holt", "Ito", "Jansen", "Kaur"),
    *("Lindqvist", "Moreau", "Novak", "O'Dell", "Price", "Rossi", "Stone", "Tran", "Ueda", "Varga", "Weiss"),
)
_TOPICS = ("Renewal", "Support", "Onboarding", "Invoice question", "Demo", "Follow-up", "Delivery", "Contract")
_NOTES = (
    "Asked for a quote, wants it by Friday.",
    "Will call back after the holidays.",
    "Happy with the service; mentioned two colleagues who may be interested.",
    'Said: "send it by e-mail". Confirmed the address.',
    "Router replaced, line stable since.\nNo further action.",
    "Wrong invoice address, corrected & confirmed.",
)


class _Choice(NamedTuple):
    """Values and, for `Random.choices`, their weights added up."""

    values: tuple[str, ...]
    sums: tuple[int, ...]

    def draw(self, chance: Random) -> str:
        return chance.choices(self.values, cum_weights=self.sums)[0]


def _choice(**weights: int) -> _Choice:
    return _Choice(tuple(weights), tuple(accumulate(weights.values())))


_STATUS_IN = _choice(COMPLETED=79, MISSED=14, NO_ANSWER=4, BUSY=2, FAILED=1)
_STATUS_OUT = _choice(COMPLETED=58, NO_ANSWER=26, BUSY=7, CANCELED=6, FAILED=3)
_OUTCOME = _choice(**{CONNECTED: 83, LEFT_VOICEMAIL: 10, LEFT_MESSAGE: 5, WRONG_NUMBER: 2})
_HOUR_SUMS = tuple(accumulate(_HOURS))


def calls_of(count: int, seed: int) -> Iterator[SampleCall]:
    """`count` calls in the order of their start, from `seed` alone. Memory holds one day of them."""
    chance = Random(seed)
    shares = [_WEEK[day % 7] for day in range(DAYS)]
    number = before = 0
    for day in range(DAYS):
        due = count * sum(shares[: day + 1]) // sum(shares)
        for start in sorted(_moment(chance, day) for _ in range(due - before)):
            number += 1
            yield _call(chance, seed, number, start)
        before = due


def _moment(chance: Random, day: int) -> datetime:
    hour = chance.choices(range(24), cum_weights=_HOUR_SUMS)[0]
    return FIRST_DAY + timedelta(days=day, hours=hour, seconds=chance.randrange(3600))


def _call(chance: Random, seed: int, number: int, start: datetime) -> SampleCall:
    inbound = chance.random() < _INBOUND_SHARE
    contact, name = _contact(chance)
    status = (_STATUS_IN if inbound else _STATUS_OUT).draw(chance)
    disposition = _OUTCOME.draw(chance) if status == "COMPLETED" else _UNANSWERED.get(status, "")
    return SampleCall(
        number=number,
        key=f"call-{seed}-{number:07d}",
        start=start,
        inbound=inbound,
        contact=contact,
        name=name,
        extension=200 + chance.randrange(40),
        line=chance.choice(_LINES),
        status=status,
        disposition=disposition,
        ring=0 if status == "FAILED" else chance.randrange(2, 30),
        talk=_talk(chance, status, disposition),
        title=f"{chance.choice(_TOPICS)} call {'from' if inbound else 'to'} {name}",
        body=chance.choice(_NOTES) if status == "COMPLETED" and chance.random() < 0.35 else "",
    )


def _contact(chance: Random) -> tuple[str, str]:
    """A number and its owner. Few call often and many seldom, as it is in life."""
    who = int(_CONTACTS * chance.random() ** 2.5)
    name = f"{_FIRST[who % len(_FIRST)]} {_LAST[who % len(_LAST)]}"
    if who % 4 == 0:
        return f"+447700900{who // 4:03d}", name
    if who % 4 == 1:
        return f"+442079460{200 + who // 4:03d}", name
    place = who // 4 * 2 + who % 2
    return f"+1{_AREAS[place % len(_AREAS)]}55501{place // len(_AREAS):02d}", name


def _talk(chance: Random, status: str, disposition: str) -> int:
    """Seconds of talk: log-normal with a median of two and a half minutes; short for messages, none if not answered."""
    if status != "COMPLETED":
        return 0
    if disposition != CONNECTED:
        return chance.randrange(8, 55)
    return max(3, min(int(chance.lognormvariate(5.0, 0.95)), 7200))


def _properties(call: SampleCall) -> dict[str, str]:
    ours, theirs = call.line, call.contact
    return {
        "call_key": call.key,
        "hs_timestamp": f"{call.start:%Y-%m-%dT%H:%M:%SZ}",
        "hs_call_title": call.title,
        "hs_call_body": call.body,
        "hs_call_direction": "INBOUND" if call.inbound else "OUTBOUND",
        "hs_call_from_number": theirs if call.inbound else ours,
        "hs_call_to_number": ours if call.inbound else theirs,
        "hs_call_duration": str(call.talk * 1000),
        "hs_call_status": call.status,
        "hs_call_disposition": call.disposition,
    }


def _write_csv(calls: Iterator[SampleCall], file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    for call in calls:
        properties = _properties(call)
        if call.number == 1:
            writer.writerow(properties)
        writer.writerow(properties.values())


def _write_ndjson(calls: Iterator[SampleCall], file: TextIO) -> None:
    for call in calls:
        given = {name: value for name, value in _properties(call).items() if value}
        file.write(json.dumps(given, ensure_ascii=False) + "\n")


_CDR_DISPOSITIONS = {"COMPLETED": "ANSWERED", "BUSY": "BUSY", "FAILED": "FAILED"}


def _write_asterisk(calls: Iterator[SampleCall], file: TextIO) -> None:
    """Master.csv as cdr_csv writes it, with a unique id and a user field: text in quotes, numbers bare, no header."""
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for call in calls:
        phone, trunk = f"PJSIP/{call.extension}-{call.number:08x}", f"PJSIP/trunk-{call.number:08x}"
        answer = call.start + timedelta(seconds=call.ring)
        end = answer + timedelta(seconds=call.talk)
        writer.writerow(
            (
                *("", call.contact if call.inbound else str(call.extension)),
                *(call.line if call.inbound else call.contact, "from-trunk" if call.inbound else "from-internal"),
                f'"{call.name}" <{call.contact}>' if call.inbound else f'"" <{call.extension}>',
                *((trunk, phone) if call.inbound else (phone, trunk)),
                *("Dial", f"PJSIP/{call.extension},30" if call.inbound else f"PJSIP/{call.contact}@trunk"),
                *(_clock(call.start), _clock(answer) if call.talk else "", _clock(end), call.ring + call.talk),
                *(call.talk, _CDR_DISPOSITIONS.get(call.status, "NO ANSWER"), "DOCUMENTATION"),
                *(f"{int(call.start.timestamp())}.{call.number}", ""),
            )
        )


_TWILIO_STATUSES = {"NO_ANSWER": "no-answer", "MISSED": "no-answer"}


def _write_twilio(calls: Iterator[SampleCall], file: TextIO) -> None:
    """The fields of Twilio's call list, as CSV."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("sid", "from", "to", "start_time", "end_time", "duration", "status", "direction"))
    for call in calls:
        properties = _properties(call)
        end = call.start + timedelta(seconds=call.ring + call.talk)
        sid = "CA" + hashlib.blake2b(call.key.encode(), digest_size=16).hexdigest()
        status = _TWILIO_STATUSES.get(call.status, call.status.lower())
        direction = "inbound" if call.inbound else "outbound-dial"
        parties = properties["hs_call_from_number"], properties["hs_call_to_number"]
        writer.writerow((sid, *parties, _mailed(call.start), _mailed(end), call.talk, status, direction))


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _mailed(moment: datetime) -> str:
    """RFC 2822, without the locale that %a and %b follow."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} +0000"


WRITERS: dict[SampleFormat, Callable[[Iterator[SampleCall], TextIO], None]] = {
    SampleFormat.CSV: _write_csv,
    SampleFormat.NDJSON: _write_ndjson,
    SampleFormat.ASTERISK: _write_asterisk,
    SampleFormat.TWILIO: _write_twilio,
}


def sample(
    out: Annotated[Path, typer.Option(help="The file to write.", dir_okay=False)],
    calls: Annotated[int, typer.Option(min=0, help="How many.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 7,
    kind: Annotated[SampleFormat, typer.Option("--format", help="What to write.")] = SampleFormat.CSV,
) -> None:
    """Write a file of made-up, realistic calls for `trunkline load`. The key of each is in `call_key`.

    The Asterisk and Twilio formats carry their own key, uniqueid and sid.
    """
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            WRITERS[kind](calls_of(calls, seed), file)
    except OSError as cause:
        typer.echo(f"trunkline: {cause}", err=True)
        raise typer.Exit(2) from cause
    typer.echo(f"{calls} calls written to {out}")
