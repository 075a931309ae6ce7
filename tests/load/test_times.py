"""Instants as call logs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.load.times import instant

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-04-24T20:01:33Z", "2025-04-24T20:01:33.000Z"),
        ("2025-04-24T20:01:33.5+02:00", "2025-04-24T18:01:33.500Z"),
        ("2025-04-24 20:01:33", "2025-04-24T18:01:33.000Z"),
        ("2025-01-24 20:01:33", "2025-01-24T19:01:33.000Z"),
        ("2025-10-26 02:30:00", "2025-10-26T00:30:00.000Z"),
        ("2025-04-24", "2025-04-23T22:00:00.000Z"),
        ("20250424", "2025-04-23T22:00:00.000Z"),
        ("20250424200133", "2025-04-24T18:01:33.000Z"),
        ("1745524893", "2025-04-24T20:01:33.000Z"),
        ("1745524893.25", "2025-04-24T20:01:33.250Z"),
        ("1745524893123", "2025-04-24T20:01:33.123Z"),
        ("Thu, 24 Apr 2025 20:01:33 +0000", "2025-04-24T20:01:33.000Z"),
        ("Thu, 24 Apr 2025 20:01:33 -0000", "2025-04-24T20:01:33.000Z"),
        ("Thu, 24 Apr 2025 20:01:33 GMT", "2025-04-24T20:01:33.000Z"),
        ("Thu, 24 Apr 2025 20:01:33 PDT", "2025-04-25T03:01:33.000Z"),
        ("20:01:33 PDT 2025-04-24", "2025-04-25T03:01:33.000Z"),
        ("24 April 2025 8:01 pm", "2025-04-24T18:01:00.000Z"),
        ("04/24/2025 20:01", "2025-04-24T18:01:00.000Z"),
        ("  2025-04-24T20:01:33Z ", "2025-04-24T20:01:33.000Z"),
    ],
)
def test_reads(text: str, expected: str) -> None:
    assert instant(text, PARIS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "04/05/2025 10:00",
        "20:01",
        "Monday 10:00",
        "April 2025",
        "2025-04-24 20:01:33 XYZ",
        "Thu, 24 Apr 2025 20:01:33 IST",
        "123456789",
        "99999999",
        "0",
        "2025-13-01T00:00:00Z",
        "0001-01-01T00:00:00+10:00",
        "NaN",
    ],
)
def test_refuses_to_guess(text: str) -> None:
    with pytest.raises(ValueError, match="without guessing"):
        instant(text, UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_iso_times_keep_their_instant(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    read = datetime.fromisoformat(instant(whole.isoformat(), PARIS))
    assert read == datetime.fromisoformat(whole.isoformat())
