"""Columns become properties, format by format."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from trunkline.load.formats import CDR_COLUMNS, Format
from trunkline.load.mapping import ALIASES, Call, Columns, Unmappable, read_wishes
from trunkline.load.rows import Row
from trunkline.load.stopped import Stopped


def columns_of(kind: Format, *wishes: str, zone: str = "UTC") -> Columns:
    return Columns(kind, "call_key", read_wishes(wishes), ZoneInfo(zone))


def mapped(kind: Format, cells: Mapping[str, str | None], *wishes: str, declared: bool = False) -> Call:
    row = Row(2, tuple(cells), tuple(cells.values()), declared=declared)
    return columns_of(kind, *wishes).call(row)


CSV_CASES: list[tuple[dict[str, str | None], dict[str, str]]] = [
    ({"hs_call_title": " A ", "hubspot_owner_id": "5"}, {"hs_call_title": " A ", "hubspot_owner_id": "5"}),
    ({"hs_timestamp": "1745524893123"}, {"hs_timestamp": "2025-04-24T20:01:33.123Z"}),
    ({"Started At": "2025-04-24 20:01:33"}, {"hs_timestamp": "2025-04-24T20:01:33.000Z"}),
    ({"from": "+15550100", "to": "+15550101"}, {"hs_call_from_number": "+15550100", "hs_call_to_number": "+15550101"}),
    ({"duration": "61"}, {"hs_call_duration": "61000"}),
    ({"duration_ms": "61"}, {"hs_call_duration": "61"}),
    ({"hs_call_duration": "61"}, {"hs_call_duration": "61"}),
    ({"duration": "61", "hs_call_duration": "60900"}, {"hs_call_duration": "60900"}),
    ({"Status": "no answer"}, {"hs_call_status": "NO_ANSWER"}),
    ({"hs_call_status": "COMPLETED"}, {"hs_call_status": "COMPLETED"}),
    ({"direction": "incoming"}, {"hs_call_direction": "INBOUND"}),
    ({"Outcome": "Connected"}, {"hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"}),
    ({"notes": "well", "subject": "Hi"}, {"hs_call_body": "well", "hs_call_title": "Hi"}),
    ({"colour": "red", "hs_object_id": "1", "hs_lastmodifieddate": "x"}, {}),
    ({"hs_call_title": "", "hs_call_body": "  ", "to": None}, {}),
]


@pytest.mark.parametrize(("cells", "expected"), CSV_CASES)
def test_csv(cells: dict[str, str | None], expected: dict[str, str]) -> None:
    call = mapped(Format.CSV, {"call_key": " K1 ", **cells})
    assert (call.key, call.properties) == ("K1", expected)


@pytest.mark.parametrize("column", ["call_key", "Call Key", "uniqueid", "call_id", "CallSid", "Call UUID"])
def test_the_key_is_found(column: str) -> None:
    assert mapped(Format.CSV, {column: "K1"}).key == "K1"


def test_the_property_itself_beats_aliases_for_the_key() -> None:
    columns = columns_of(Format.CSV)
    call = columns.call(Row(2, ("call_id", "call_key", "sid"), ("a", "b", "c")))
    assert call.key == "b"
    assert list(columns.ignored) == ["call_id", "sid"]


def cdr(**changes: str) -> dict[str, str | None]:
    usual = (
        *("", "+15550100", "+15550101", "from-internal", '"Ada" <200>', "PJSIP/200-1", "PJSIP/trunk-1", "Dial", "x"),
        *("2025-01-06 07:02:18", "2025-01-06 07:02:43", "2025-01-06 07:04:57", "159", "134", "ANSWERED"),
        *("DOCUMENTATION", "1736146938.1", ""),
    )
    return {**dict(zip(CDR_COLUMNS, usual, strict=True)), **changes}


def test_asterisk() -> None:
    call = mapped(Format.ASTERISK, cdr())
    assert call.key == "1736146938.1"
    assert call.properties == {
        "hs_timestamp": "2025-01-06T07:02:18.000Z",
        "hs_call_from_number": "+15550100",
        "hs_call_to_number": "+15550101",
        "hs_call_duration": "134000",
        "hs_call_status": "COMPLETED",
        "hs_call_title": "Call from Ada",
        "hs_call_direction": "OUTBOUND",
    }


@pytest.mark.parametrize(
    ("changes", "wishes", "target", "expected"),
    [
        ({"disposition": "CONGESTION"}, (), "hs_call_status", "FAILED"),
        ({"disposition": "NO ANSWER"}, (), "hs_call_status", "NO_ANSWER"),
        ({"clid": '"200" <200>'}, (), "hs_call_title", None),
        ({"dcontext": "default"}, (), "hs_call_direction", None),
        ({}, ("billsec=",), "hs_call_duration", "159000"),
        ({}, ("duration=hs_call_duration",), "hs_call_duration", "159000"),
        ({}, ("clid=",), "hs_call_title", None),
        ({}, ("channel=hs_call_title",), "hs_call_title", "PJSIP/200-1"),
        ({}, ("answer=hs_timestamp",), "hs_timestamp", "2025-01-06T07:02:43.000Z"),
        ({}, ("accountcode=my_account",), "my_account", None),
        ({"accountcode": "sales"}, ("accountcode=my_account",), "my_account", "sales"),
        ({}, ("channel=call_key",), "hs_call_title", "Call from Ada"),
    ],
)
def test_asterisk_in_part(changes: dict[str, str], wishes: tuple[str, ...], target: str, expected: str | None) -> None:
    assert mapped(Format.ASTERISK, cdr(**changes), *wishes).properties.get(target) == expected


def test_times_without_a_zone_are_in_the_one_given() -> None:
    call = columns_of(Format.ASTERISK, zone="America/New_York").call(Row(1, CDR_COLUMNS, tuple(cdr().values())))
    assert call.properties["hs_timestamp"] == "2025-01-06T12:02:18.000Z"


@pytest.mark.parametrize(
    "names",
    [
        ("sid", "from", "to", "start_time", "duration", "status", "direction"),
        ("Call Sid", "From", "To", "Start Time", "Duration", "Status", "Direction"),
        ("sid", "from", "to", "startTime", "duration", "status", "direction"),
    ],
)
@pytest.mark.parametrize("start", ["Mon, 06 Jan 2025 07:02:18 +0000", "2025-01-06T07:02:18Z"])
def test_twilio(names: tuple[str, ...], start: str) -> None:
    cells = ("CA0", "+15550100", "+15550101", start, "12", "no-answer", "outbound-api")
    call = columns_of(Format.TWILIO).call(Row(2, names, cells))
    assert call.key == "CA0"
    assert call.properties == {
        "hs_timestamp": "2025-01-06T07:02:18.000Z",
        "hs_call_from_number": "+15550100",
        "hs_call_to_number": "+15550101",
        "hs_call_duration": "12000",
        "hs_call_status": "NO_ANSWER",
        "hs_call_direction": "OUTBOUND",
    }


def test_declared_properties_go_as_they_are_called() -> None:
    cells = {"call_key": "K", "my_own": "x", "from": "y", "hs_object_id": "1", "hs_timestamp": "2025-01-06"}
    expected = {"my_own": "x", "from": "y", "hs_timestamp": "2025-01-06T00:00:00.000Z"}
    assert mapped(Format.NDJSON, cells, declared=True).properties == expected


def test_one_column_may_fill_two_properties() -> None:
    call = mapped(Format.CSV, {"ref": "K"}, "ref=call_key", "ref=hs_call_external_id")
    assert (call.key, call.properties) == ("K", {"hs_call_external_id": "K"})


def test_a_wish_beats_the_default_of_another_column() -> None:
    cells = {"call_key": "K", "hs_call_title": "a", "topic": "b"}
    assert mapped(Format.CSV, cells, "topic=hs_call_title").properties == {"hs_call_title": "b"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"call_key": " "}, "no key: call_key is empty"),
        ({"call_key": None}, "no key: call_key is empty"),
        ({"hs_call_title": "x"}, "no key: no column is known to hold call_key"),
        ({"call_key": "K", "start": "soon"}, "start: 'soon' is not a time"),
        ({"call_key": "K", "hs_timestamp": "soon"}, "hs_timestamp: 'soon' is not a time"),
        ({"call_key": "K", "duration": "long"}, "duration: 'long' is not a number of seconds"),
    ],
)
def test_what_makes_no_call(cells: dict[str, str | None], reason: str) -> None:
    with pytest.raises(Unmappable, match=reason):
        mapped(Format.CSV, cells)


def test_a_row_at_fault_makes_no_call() -> None:
    with pytest.raises(Unmappable, match="broken"):
        columns_of(Format.CSV).call(Row(2, ("call_key",), ("K",), fault="broken"))


def test_unused_columns_and_unmet_wishes_are_remembered() -> None:
    columns = columns_of(Format.NDJSON, "here=x", "gone=y")
    columns.call(Row(1, ("call_key", "here", "odd"), ("K", "1", "2")))
    columns.call(Row(2, ("call_key", "odder"), ("K", "1")))
    assert list(columns.ignored) == ["odd", "odder"]
    assert list(columns.unmet) == ["gone"]


def test_ever_new_columns_do_not_fill_the_memory() -> None:
    columns = columns_of(Format.NDJSON)
    for number in range(1000):
        columns.call(Row(number, ("call_key", f"column{number}"), ("K", "1")))
    assert len(columns.ignored) <= 100
    assert len(columns._plans) <= 256


@pytest.mark.parametrize("wish", ["nothing", "=x", ""])
def test_wishes_that_cannot_be_read(wish: str) -> None:
    with pytest.raises(Stopped, match="COLUMN=PROPERTY"):
        read_wishes([wish])


def test_a_column_name_may_hold_an_equals_sign() -> None:
    assert read_wishes(["a=b=c"]) == {"a=b": ("c",)}


@pytest.mark.parametrize("kind", list(ALIASES))
def test_no_column_is_listed_twice(kind: Format) -> None:
    named = [(alias.column, alias.target) for alias in ALIASES[kind]]
    assert len(named) == len(set(named))
