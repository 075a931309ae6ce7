"""What is written comes back as it was: files alone, without a service."""

import io
import tempfile
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

import msgspec
import pytest
from export.conftest import HARD
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunkline.export.job import sink_of
from trunkline.load.exported import Content, Form
from trunkline.load.formats import Format
from trunkline.load.rows import Row
from trunkline.load.source import opened

NAMES = ("archived", "hs_call_title", "id", "note")
CONTENT = Content(NAMES, True, ("contacts",))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
values = st.one_of(st.none(), st.sampled_from(HARD), texts, st.text('",\n\r ;{}x', max_size=8))
records = st.fixed_dictionaries(
    {
        "id": st.integers(1, 2**60).map(str),
        "createdAt": st.just("2026-01-01T12:00:00Z"),
        "updatedAt": st.just("2026-01-01T12:00:00.123Z"),
        "archived": st.booleans(),
        "properties": st.fixed_dictionaries(dict.fromkeys(NAMES, values)),
        "propertiesWithHistory": st.fixed_dictionaries(
            dict.fromkeys(NAMES, st.lists(st.fixed_dictionaries({"value": texts, "timestamp": texts}), max_size=2))
        ),
        "associations": st.fixed_dictionaries(
            {
                "contacts": st.lists(
                    st.fixed_dictionaries(
                        {
                            "id": st.just("7"),
                            "types": st.just([{"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}]),
                            "property": st.just("email"),
                            "key": st.none() | texts,
                        }
                    ),
                    max_size=2,
                )
            }
        ),
    }
)


def file_of(form: Form, told: Sequence[dict[str, Any]]) -> BinaryIO:
    """A file of records, in pages of two."""
    out = io.BytesIO()
    sink = sink_of(form, out, CONTENT)
    for first in range(0, len(told), 2):
        page = msgspec.json.encode(told[first : first + 2])
        sink.write(
            [msgspec.json.decode(one, type=sink.kind) for one in msgspec.json.decode(page, type=list[msgspec.Raw])]
        )
    sink.close()
    return io.BytesIO(out.getvalue())


def read(form: Form, file: BinaryIO) -> list[Row]:
    return list(opened(file, Format(form)))


@pytest.mark.parametrize("form", list(Form))
@settings(deadline=None)
@given(told=st.lists(records, min_size=1, max_size=5))
@example(
    told=[
        {
            "id": str(n),
            "createdAt": "2026-01-01T12:00:00Z",
            "updatedAt": "2026-01-01T12:00:00Z",
            "archived": False,
            "properties": dict.fromkeys(NAMES, value),
        }
        for n, value in enumerate(HARD, 1)
    ]
)
def test_each_value_comes_back_to_the_letter(form: Form, told: list[dict[str, Any]]) -> None:
    rows = read(form, file_of(form, told))
    assert [row.fault for row in rows] == [None] * len(told)
    for row, one in zip(rows, told, strict=True):
        cells = dict(zip(row.columns, row.cells, strict=True))
        own = ("properties.archived", "hs_call_title", "properties.id", "note")
        assert [cells[column] for column in own] == [one["properties"][name] for name in NAMES]
        assert cells["id"] == one["id"]
        ties = cells.get("associations.contacts")
        assert msgspec.json.decode(ties or "[]") == one.get("associations", {}).get("contacts", [])


@pytest.mark.parametrize("form", list(Form))
def test_a_file_tells_itself_that_it_was_exported(form: Form) -> None:
    (told,) = ({"id": "1", "archived": False, "properties": {"note": "x"}},)
    with tempfile.TemporaryFile() as file:
        file.write(file_of(form, [told]).read())
        file.seek(0)
        source = opened(cast(BinaryIO, file), Format.AUTO)
    assert source.layout.exported
    assert source.layout.format == Format(form)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,,,false,,a,"",\n', ["1", None, None, "false", None, "a", "", None]),
        ('"1",,,"false",,"a ""b"",c","x\ny",z\r\n', ["1", None, None, "false", None, 'a "b",c', "x\ny", "z"]),
        ("1,,,FALSE,, ,\t,x", ["1", None, None, "FALSE", None, " ", "\t", "x"]),
    ],
)
def test_a_spreadsheet_may_have_saved_it(line: str, cells: list[str | None]) -> None:
    head = "id,createdAt,updatedAt,archived,archivedAt,a,b,c\n"
    (row,) = read(Form.CSV, io.BytesIO((head + line).encode()))
    assert (row.cells, row.fault) == (cells, None)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('1,,,false,,"a,b,c\n', "a quoted value is never closed"),
        ('1,,,false,,a"b"c,b,c\n', "not readable as CSV: a quote stands within a value that is not in quotes"),
        ("1,,,false\n", "the row has 4 cells where 8 are due"),
    ],
)
def test_a_broken_row_costs_no_other(line: str, fault: str) -> None:
    head = "id,createdAt,updatedAt,archived,archivedAt,a,b,c\n"
    good = "2,,,false,,x,y,z\n"
    rows = read(Form.CSV, io.BytesIO((head + good + line + good).encode()))
    assert [row.fault for row in rows] == [None, fault, None]


@pytest.mark.parametrize(
    "line", ['{"id": 1, "archived": false, "properties": {}}', '{"id": "1"', '{"id": "2", "properties": {"a": 1}}']
)
def test_a_line_that_is_no_record_is_told(line: str) -> None:
    good = '{"id": "1", "archived": false, "properties": {"a": "b"}}\n'
    rows = read(Form.NDJSON, io.BytesIO(f"{good}{line}\n{good}".encode()))
    assert [row.fault is None for row in rows] == [True, False, True]
    assert rows[1].fault is not None and rows[1].fault.startswith("not a record: ")


def test_parquet_of_others_is_read_as_text() -> None:
    import datetime

    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table(
        {
            "name": ["a", None],
            "size": [3, None],
            "share": [0.5, 2.0],
            "yes": [True, False],
            "at": [datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), None],
            "day": [datetime.date(2026, 1, 2), None],
        }
    )
    out = io.BytesIO()
    parquet.write_table(table, out)
    first, second = read(Form.PARQUET, io.BytesIO(out.getvalue()))
    assert list(first.cells) == ["a", "3", "0.5", "true", "2026-01-02T03:04:05+00:00", "2026-01-02"]
    assert list(second.cells) == [None, None, "2.0", "false", None, None]
