"""Cells: dates as people write them, options by their labels, owners by e-mail, numbers with their thousands parted."""

import pytest

from trunkline.crm.cell import Reading, read
from trunkline.crm.property import Option, Property
from trunkline.crm.values import Unfit

US = Reading("MONTH_DAY_YEAR", "UTC", {"ada@example.com": "7"})
EU = Reading("DAY_MONTH_YEAR", "Europe/Berlin", {})
ISO = Reading("YEAR_MONTH_DAY", "America/New_York", {})
OPTIONS = (
    Option("a", "First"),
    Option("b", "Second"),
    Option("c", "SECOND"),
    Option("second", "Third"),
)


def of(type_: str, **members: object) -> Property:
    kinds = {"name": "p", "label": "P", "type": type_, "field_type": "text"}
    return Property(**(kinds | members))  # type: ignore[arg-type]


DATE, DATETIME, NUMBER, TEXT = of("date"), of("datetime"), of("number"), of("string")
CHOICE = of("enumeration", options=OPTIONS)
MANY = of("enumeration", options=OPTIONS, field_type="checkbox")
TRUTH = of("bool", options=(Option("true", "Yes"), Option("false", "No")))
OWNER = of("enumeration", check="owner")


@pytest.mark.parametrize(
    ("cell", "definition", "reading", "expected"),
    [
        ("4/5/2025", DATE, US, "2025-04-05"),
        ("4/5/2025", DATE, EU, "2025-05-04"),
        ("04-05-2025", DATE, US, "2025-04-05"),
        ("04.05.2025", DATE, EU, "2025-05-04"),
        ("2025/4/5", DATE, ISO, "2025-04-05"),
        ("2025-04-05", DATE, EU, "2025-04-05"),
        ("0099-04-05", DATE, ISO, "0099-04-05"),
        ("1745452800000", DATE, US, "1745452800000"),
        ("4/5/2025", DATETIME, US, "2025-04-05T00:00:00Z"),
        ("4/5/2025 14:30", DATETIME, EU, "2025-05-04T12:30:00Z"),
        ("2025-04-05 2:30 PM", DATETIME, ISO, "2025-04-05T18:30:00Z"),
        ("4/5/2025 12:00:30 am", DATETIME, US, "2025-04-05T00:00:30Z"),
        ("1/15/2025, 23:00", DATETIME, Reading("MONTH_DAY_YEAR", "Europe/Berlin", {}), "2025-01-15T22:00:00Z"),
        ("2025-04-05T14:30:00Z", DATETIME, EU, "2025-04-05T14:30:00Z"),
        ("1,234,567.5", NUMBER, US, "1234567.5"),
        ("-1,234", NUMBER, US, "-1234"),
        ("1,23", NUMBER, US, "1,23"),
        ("17", NUMBER, US, "17"),
        ("1,234", TEXT, US, "1,234"),
        ("a", CHOICE, US, "a"),
        ("first", CHOICE, US, "a"),
        ("second", CHOICE, US, "second"),
        ("nobody", CHOICE, US, "nobody"),
        ("first; Third", MANY, US, "a;second"),
        (";first", MANY, US, ";a"),
        ("yes", TRUTH, US, "true"),
        ("TRUE", TRUTH, US, "TRUE"),
        ("Ada@Example.com", OWNER, US, "7"),
        ("12", OWNER, US, "12"),
    ],
)
def test_what_a_cell_comes_to(cell: str, definition: Property, reading: Reading, expected: str) -> None:
    assert read(cell, definition, reading) == expected


@pytest.mark.parametrize(
    ("cell", "definition", "reading", "code"),
    [
        ("13/13/2025", DATE, US, "COULD_NOT_PARSE_DATE"),
        ("31/12/2025", DATE, US, "COULD_NOT_PARSE_DATE"),
        ("1/2/25", DATE, US, "COULD_NOT_PARSE_DATE"),
        ("4/5/2025 13:00 PM", DATETIME, US, "COULD_NOT_PARSE_DATE"),
        ("4/5/2025 25:00", DATETIME, US, "COULD_NOT_PARSE_DATE"),
        ("1/1/0001", DATETIME, Reading("MONTH_DAY_YEAR", "Asia/Tokyo", {}), "COULD_NOT_PARSE_DATE"),
        ("SecOnd", CHOICE, US, "AMBIGUOUS_ENUMERATION_OPTION"),
        ("first;SecOnd", MANY, US, "AMBIGUOUS_ENUMERATION_OPTION"),
        ("nobody@example.com", OWNER, US, "COULD_NOT_FIND_OWNER"),
    ],
)
def test_what_a_cell_is_refused_with(cell: str, definition: Property, reading: Reading, code: str) -> None:
    with pytest.raises(Unfit) as told:
        read(cell, definition, reading)
    assert told.value.code == code
