"""One rule per property type: what goes in, what is kept, what is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.property import Option, Property
from trunkline.crm.values import LONGEST, Scalar, Unfit, appended, checker, iso, text, unique_key


def kept(kind: str, value: Scalar, **members: object) -> str:
    definition = Property(name="p", label="P", type=kind, field_type="text", **members)  # type: ignore[arg-type]
    return checker(definition)(value)


def refused(kind: str, value: Scalar, **members: object) -> Unfit:
    with pytest.raises(Unfit) as caught:
        kept(kind, value, **members)
    return caught.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (1745524893000, "1745524893000"),
        (10**30, "1" + "0" * 30),
        (120.50, "120.5"),
        (15220.0, "15220"),
        (-0.0, "0"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
    ],
)
def test_text_of_a_scalar(value: Scalar, expected: str) -> None:
    assert text(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_that_number(number: float) -> None:
    assert float(text(number)) == number
    assert "e" not in text(number)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1745524893000, "2025-04-24T20:01:33Z"),
        ("1745524893000", "2025-04-24T20:01:33Z"),
        ("1745524893500", "2025-04-24T20:01:33.500Z"),
        (1745424368, "1970-01-21T04:50:24.368Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (0, "1970-01-01T00:00:00Z"),
        ("2025-04-24T20:01:33Z", "2025-04-24T20:01:33Z"),
        ("2025-04-24T20:01:33.000Z", "2025-04-24T20:01:33Z"),
        ("2025-04-24T20:01:33.5Z", "2025-04-24T20:01:33.500Z"),
        ("2025-04-24T22:01:33+02:00", "2025-04-24T20:01:33Z"),
        ("2025-04-24T20:01:33.123456Z", "2025-04-24T20:01:33.123Z"),
        ("2025-04-24", "2025-04-24T00:00:00Z"),
        ("", ""),
    ],
)
def test_datetime(value: Scalar, expected: str) -> None:
    assert kept("datetime", value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        "2024-01-30T01:07:09",
        "2024-02-30T00:00:00Z",
        "2025-04-24T20:01:60Z",
        1.5,
        True,
        10**18,
        " ",
        "\u0661",
    ],
)
def test_what_is_no_datetime(value: Scalar) -> None:
    unfit = refused("datetime", value)
    assert unfit.code == "INVALID_LONG"
    assert unfit.message == f"{text(value)} was not a valid long."


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones()))
def test_every_moment_is_kept_to_the_millisecond(moment: datetime) -> None:
    expected = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")
    assert kept("datetime", moment.isoformat()) == expected


def test_date_is_a_day() -> None:
    assert kept("date", "2020-01-16") == "2020-01-16"
    assert kept("date", "1579132800000") == "2020-01-16"
    unfit = refused("date", "1579179660000")
    assert (unfit.code, unfit.message) == ("INVALID_DATE", "1579179660000 is at 13:1:0.0 UTC, not midnight!")


@pytest.mark.parametrize("value", ["1", "-1", "+1", "120.50", ".5", "5.", "1e5", "1E-3", 7, 0.5])
def test_number_is_kept_as_sent(value: Scalar) -> None:
    assert kept("number", value) == text(value)


@pytest.mark.parametrize("value", ["abc", "1,5", " 1", "1 ", "0x10", "NaN", "Infinity", "1e99999", "--1", True])
def test_what_is_no_number(value: Scalar) -> None:
    assert refused("number", value).code == "INVALID_LONG"


def test_owner_is_a_small_integer() -> None:
    assert kept("enumeration", "79601114", check="owner") == "79601114"
    unfit = refused("enumeration", "29947847357121", check="owner")
    assert unfit.code == "INVALID_INTEGER"
    assert unfit.message == "29947847357121 was not a valid integer (for owner ID)."


@pytest.mark.parametrize(("value", "expected"), [("TRUE", "true"), (False, "false"), ("", "")])
def test_bool(value: Scalar, expected: str) -> None:
    assert kept("bool", value) == expected


@pytest.mark.parametrize("value", ["yes", 1, "0", "tru"])
def test_what_is_no_bool(value: Scalar) -> None:
    assert refused("bool", value).code == "INVALID_BOOLEAN"


OPTIONS = (Option("RED", "Red", 0), Option("GREEN", "Green", 1, hidden=True))


def test_enumeration() -> None:
    assert kept("enumeration", "RED", options=OPTIONS) == "RED"
    assert kept("enumeration", "GREEN", options=OPTIONS) == "GREEN"
    unfit = refused("enumeration", "red", options=OPTIONS)
    assert unfit.code == "INVALID_OPTION"
    assert unfit.message == (
        'red was not one of the allowed options: [label: "Red"\nvalue: "RED"\ndisplay_order: 0\nhidden: false\n'
        'read_only: false\n, label: "Green"\nvalue: "GREEN"\ndisplay_order: 1\nhidden: true\nread_only: false\n]'
    )


def test_an_enumeration_without_options_takes_anything() -> None:
    assert kept("enumeration", "whatever") == "whatever"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("RED", "RED"), ("RED;GREEN", "RED;GREEN"), ("RED;;RED;", "RED"), (";GREEN", ";GREEN"), (";", ";")],
)
def test_several_options(value: str, expected: str) -> None:
    definition = Property(name="p", label="P", type="enumeration", field_type="checkbox", options=OPTIONS)
    assert checker(definition)(value) == expected
    with pytest.raises(Unfit, match="BLUE was not one of"):
        checker(definition)(f"{value};BLUE")


def test_appending_options() -> None:
    assert appended("", ";a") == "a"
    assert appended("a;b", ";b;c") == "a;b;c"


@pytest.mark.parametrize("value", ["+1 (555) 010-0000", "5550100", "+44 7700 900123 ext. 7", "555-0100,,3#"])
def test_phone_number_is_kept_as_sent(value: str) -> None:
    assert kept("phone_number", value) == value


@pytest.mark.parametrize("value", ["call me", "+", "<script>", "1" * 65])
def test_what_is_no_phone_number(value: str) -> None:
    assert refused("phone_number", value).code == "INVALID_PHONE_NUMBER"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann@Example.COM", "ann@example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("a.b+c@x-y.example.co", "a.b+c@x-y.example.co"),
        ("o'neil@example.io", "o'neil@example.io"),
        ("MÜLLER@BÜCHER.de", "müller@bücher.de"),
        ("a@xn--p1ai.xn--p1ai", "a@xn--p1ai.xn--p1ai"),
        ("a" * 240 + "@example.co", "a" * 240 + "@example.co"),
        ("", ""),
    ],
)
def test_an_email_address_is_kept_trimmed_and_in_lower_case(value: str, expected: str) -> None:
    assert kept("string", value, check="email") == expected
    assert kept("string", expected, check="email") == expected


@pytest.mark.parametrize(
    "value",
    [
        *("000", "a", "@", "a@", "@b.co", "a@b", "a@b.c", "a@b.12", "a@b..co", "a@b.co.", "a@.b.co", "a@-b.co"),
        *(".a@b.co", "a.@b.co", "a..b@c.de", "a b@c.de", "a@b@c.de", "a@b c.de", "a,b@c.de", "<a@b.co>", "a\x01@b.co"),
        *("a@b.co;c@d.co", "   ", "a" * 244 + "@example.co", "a@" + "a-" * 30_000),
    ],
)
def test_what_is_no_email_address(value: str) -> None:
    unfit = refused("string", value, check="email")
    assert (unfit.code, unfit.message) == ("INVALID_EMAIL", f"Email address {value} is invalid")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("A@b.co", "a@b.co"),
        (" a@b.co ;; C@d.co;a@B.co;", "a@b.co;c@d.co"),
        (";c@d.co", ";c@d.co"),
        (";", ";"),
    ],
)
def test_addresses_are_kept_each_once(value: str, expected: str) -> None:
    assert kept("enumeration", value, check="emails") == expected


def test_a_list_with_what_is_no_address() -> None:
    unfit = refused("enumeration", "a@b.co;nobody", check="emails")
    assert (unfit.code, unfit.message) == ("INVALID_EMAIL", "Email address nobody is invalid")


def test_object_coordinates_and_json() -> None:
    assert kept("object_coordinates", "0-48-190232235197") == "0-48-190232235197"
    assert refused("object_coordinates", "0-48").code == "INVALID_OBJECT_COORDINATES"
    assert kept("json", '{"a": [1, null]}') == '{"a": [1, null]}'
    assert refused("json", "{").code == "INVALID_JSON"
    assert refused("json", "[" * 60_000).code == "INVALID_JSON"


@pytest.mark.parametrize("kind", ["string", "number", "enumeration", "datetime", "json"])
def test_what_no_type_keeps(kind: str) -> None:
    assert refused(kind, "a\0b").code == "INVALID_CHARACTER"
    assert refused(kind, "1" * (LONGEST + 1)).code == "VALUE_TOO_LONG"


def test_strings_are_kept_to_the_letter() -> None:
    for value in (" a ", "A", "é", "'; DROP TABLE record; --", "a" * LONGEST, "\u202e", "🤙"):
        assert kept("string", value) == value


def test_unique_numbers_are_compared_by_amount_and_texts_exactly() -> None:
    number = Property(name="n", label="N", type="number", field_type="number")
    string = Property(name="s", label="S", type="string", field_type="text")
    assert {unique_key(number, value) for value in ("1", "1.0", "01", "+1", "10e-1")} == {"1e0"}
    assert {unique_key(number, value) for value in ("0", "-0", "0.00")} == {"0"}
    assert unique_key(number, "-1") != unique_key(number, "1") != unique_key(number, "10")
    assert [unique_key(string, value) for value in ("a", "A", " a")] == ["a", "A", " a"]


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_iso_drops_zero_milliseconds_only(moment: int) -> None:
    written = iso(moment)
    assert written.endswith("Z") and ("." in written) == (moment % 1000 != 0)
    assert (datetime.fromisoformat(written) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000 == pytest.approx(
        moment, abs=0.5
    )
