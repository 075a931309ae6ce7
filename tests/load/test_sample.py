"""Made-up calls."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.load.formats import Format
from trunkline.load.lines import Lines
from trunkline.load.mapping import Columns
from trunkline.load.rows import Rows
from trunkline.load.times import instant
from trunkline.load.values import DISPOSITIONS, STATUSES
from trunkline.sample import FIRST_DAY, WRITERS, SampleCall, SampleFormat, calls_of

HEADER = (
    "call_key,hs_timestamp,hs_call_title,hs_call_body,hs_call_direction,hs_call_from_number,hs_call_to_number,"
    "hs_call_duration,hs_call_status,hs_call_disposition"
)
FIRST_ROW = (
    "call-7-0000001,2025-02-02T10:10:17Z,Renewal call to Bruno Bergström,"
    ",OUTBOUND,+442079460100,+442079460200,0,NO_ANSWER,73a0d17f-1163-4015-bdd5-ec830791da20"
)
FICTION = re.compile(r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+442079460\d{3}")


def written(kind: SampleFormat, calls: Iterator[SampleCall]) -> str:
    file = io.StringIO(newline="")
    WRITERS[kind](calls, file)
    return file.getvalue()


@pytest.fixture(scope="module")
def many() -> list[SampleCall]:
    return list(calls_of(5000, 7))


@pytest.mark.parametrize("kind", list(SampleFormat))
def test_the_same_seed_writes_the_same_bytes(kind: SampleFormat) -> None:
    assert written(kind, calls_of(300, 7)) == written(kind, calls_of(300, 7))
    assert written(kind, calls_of(300, 7)) != written(kind, calls_of(300, 8))


def test_these_bytes_are_the_ones() -> None:
    assert written(SampleFormat.CSV, calls_of(2, 7)).splitlines()[:2] == [HEADER, FIRST_ROW]


@given(st.integers(0, 400), st.integers())
def test_as_many_as_asked_for_in_order_and_each_with_a_key(count: int, seed: int) -> None:
    calls = list(calls_of(count, seed))
    assert [call.number for call in calls] == list(range(1, count + 1))
    assert len({call.key for call in calls}) == count
    assert all(before.start <= after.start for before, after in pairwise(calls))


def test_other_seeds_have_other_keys() -> None:
    assert not {call.key for call in calls_of(50, 1)} & {call.key for call in calls_of(50, 2)}


def test_every_number_is_kept_for_fiction(many: list[SampleCall]) -> None:
    assert [number for call in many for number in (call.contact, call.line) if not FICTION.fullmatch(number)] == []


def test_status_duration_and_outcome_agree(many: list[SampleCall]) -> None:
    for call in many:
        assert (call.talk > 0) == (call.status == "COMPLETED")
        assert call.status in STATUSES.values()
        assert call.disposition in {"", *DISPOSITIONS.values()}
        assert bool(call.disposition) == (call.status in ("COMPLETED", "BUSY", "NO_ANSWER"))
        assert not call.body or call.status == "COMPLETED"


def test_the_week_has_its_hours(many: list[SampleCall]) -> None:
    days = Counter((call.start - FIRST_DAY).days % 7 for call in many)
    hours = Counter(call.start.hour for call in many)
    assert sum(days[day] for day in range(5)) > 0.9 * len(many)
    assert sum(hours[hour] for hour in range(8, 18)) > 0.8 * len(many)
    assert not any(hours[hour] for hour in range(6))


@pytest.mark.parametrize("kind", list(SampleFormat))
def test_the_loader_reads_what_was_meant(kind: SampleFormat) -> None:
    calls = list(calls_of(200, 3))
    rows = Rows(Lines(io.BytesIO(written(kind, iter(calls)).encode())))
    assert rows.layout.format == Format(kind)
    columns = Columns(Format(kind), "call_key", {}, FIRST_DAY.tzinfo or pytest.fail())
    read = [columns.call(row) for row in rows]
    assert len({call.key for call in read}) == len(calls)
    for call, meant in zip(read, calls, strict=True):
        assert call.properties["hs_timestamp"] == instant(meant.start.isoformat(), FIRST_DAY.tzinfo or pytest.fail())
        assert call.properties["hs_call_duration"] == str(meant.talk * 1000)
        assert call.properties["hs_call_direction"] == ("INBOUND" if meant.inbound else "OUTBOUND")


def test_csv_columns() -> None:
    reader = csv.DictReader(io.StringIO(written(SampleFormat.CSV, calls_of(50, 7))))
    assert {len(row) for row in reader} == {10}
