"""The points in time of list filters: fixed ones, and those that move with the present."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from trunkline.crm.branch import Point
from trunkline.crm.instant import milliseconds
from trunkline.errors import InvalidListFilter

NOW = datetime(2024, 2, 29, 23, 30, 15, 250_000, tzinfo=UTC)
"""In Berlin it is the first of March already, a Friday."""


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def point(**members: Any) -> Point:
    made: Point = msgspec.convert({"zoneId": "UTC", **members}, Point)
    return made


def moving(reference: str, zone: str = "UTC", offset: dict[str, int] | None = None, **members: Any) -> Point:
    index = {"referenceType": reference, **members}
    return point(timeType="INDEXED", zoneId=zone, indexReference=index, **({"offset": offset} if offset else {}))


FIXED = {"timeType": "DATE", "year": 2025, "month": 3, "day": 30}
POINTS: list[tuple[Point, str]] = [
    (point(**FIXED), "2025-03-30T00:00Z"),
    (point(**FIXED, hour=1, minute=2, second=3, millisecond=4), "2025-03-30T01:02:03.004Z"),
    (point(**{**FIXED, "zoneId": "Europe/Berlin"}, hour=12), "2025-03-30T10:00Z"),
    (moving("NOW"), "2024-02-29T23:30:15.250Z"),
    (moving("NOW", hour=1), "2024-02-29T01:30:15.250Z"),
    (moving("NOW", offset={"years": 1}), "2025-02-28T23:30:15.250Z"),
    (moving("NOW", offset={"months": -1, "hours": 1}), "2024-01-30T00:30:15.250Z"),
    (moving("NOW", offset={"quarters": 1, "milliseconds": -250}), "2024-05-29T23:30:15Z"),
    (moving("TODAY"), "2024-02-29T00:00Z"),
    (moving("TODAY", "Europe/Berlin"), "2024-02-29T23:00Z"),
    (moving("TODAY", "Europe/Berlin", {"days": 31}), "2024-03-31T22:00Z"),
    (moving("TODAY", "Europe/Berlin", {"days": 30, "hours": 24}), "2024-03-31T23:00Z"),
    (moving("TODAY", hour=9, minute=30), "2024-02-29T09:30Z"),
    (moving("WEEK"), "2024-02-26T00:00Z"),
    (moving("WEEK", dayOfWeek="SUNDAY", offset={"weeks": -1}), "2024-02-25T00:00Z"),
    (moving("MONTH", day=15), "2024-02-15T00:00Z"),
    (moving("QUARTER", day=2, month=2), "2024-02-02T00:00Z"),
    (moving("QUARTER", "Europe/Berlin"), "2023-12-31T23:00Z"),
    (moving("YEAR", day=31, month=12), "2024-12-31T00:00Z"),
]


@pytest.mark.parametrize(("asked", "expected"), POINTS, ids=range(len(POINTS)))
def test_a_point_in_time(asked: Point, expected: str) -> None:
    assert milliseconds(asked, round(NOW.timestamp() * 1000), day=False) == at(expected)


def test_a_date_is_that_of_the_zone() -> None:
    now = round(NOW.timestamp() * 1000)
    assert milliseconds(moving("TODAY", "Europe/Berlin"), now, day=True) == at("2024-03-01T00:00Z")
    assert milliseconds(moving("NOW", "America/New_York"), now, day=True) == at("2024-02-29T00:00Z")


@pytest.mark.parametrize(
    "bad",
    [
        point(timeType="DATE", year=2025, month=2, day=29),
        moving("TODAY", offset={"years": 9_000}),
        moving("TODAY", offset={"days": -1_000_000}),
        moving("TODAY", "Mars/Base"),
        moving("TODAY", "../../etc/passwd"),
        moving("TODAY", "Europe"),
        moving("TODAY", ""),
    ],
    ids=range(7),
)
def test_a_point_that_is_none(bad: Point) -> None:
    with pytest.raises(InvalidListFilter):
        milliseconds(bad, round(NOW.timestamp() * 1000), day=False)
