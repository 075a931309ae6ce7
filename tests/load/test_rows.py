"""Files become rows."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.load.formats import CDR_COLUMNS, Format, Layout, fold, sniff
from trunkline.load.lines import LONGEST, Line, Lines
from trunkline.load.rows import Row, Rows
from trunkline.load.stopped import Stopped

CDR = ',"100","200","from-internal","",a,b,c,d,"2025-01-06 07:02:18",,"2025-01-06 07:02:43",25,0,"NO ANSWER","3"'


def rows_of(content: str | bytes, wanted: Format = Format.AUTO) -> tuple[Rows, list[Row]]:
    data = content.encode() if isinstance(content, str) else content
    rows = Rows(Lines(io.BytesIO(data)), wanted)
    return rows, list(rows)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("call_key,hs_timestamp\n", Layout(Format.CSV)),
        ("call_key;hs_timestamp\n", Layout(Format.CSV, ";")),
        ("call_key\ths_timestamp\n", Layout(Format.CSV, "\t")),
        ('{"call_key": "1"}\n', Layout(Format.NDJSON)),
        ("sid,from,to,start_time,duration,status,direction\n", Layout(Format.TWILIO)),
        ("Call Sid,From,To,Start Time,Duration,Status\n", Layout(Format.TWILIO)),
        ("sid,startTime,direction\n", Layout(Format.TWILIO)),
        ("sid,colour\n", Layout(Format.CSV)),
        (CDR, Layout(Format.ASTERISK, header=False)),
        ("calldate,clid,src,dst,disposition,uniqueid\n", Layout(Format.ASTERISK)),
    ],
)
def test_auto_looks_at_the_first_line(first: str, expected: Layout) -> None:
    assert sniff(first) == expected


@pytest.mark.parametrize("wanted", list(Format))
def test_what_the_user_says_counts(wanted: Format) -> None:
    assert sniff("sid,direction\n", wanted).format is (Format.TWILIO if wanted is Format.AUTO else wanted)


def test_a_json_array_is_not_ndjson() -> None:
    with pytest.raises(Stopped, match="one JSON object per line"):
        rows_of('[{"call_key": "1"}]')


@pytest.mark.parametrize("name", ["Start Time", "start_time", "startTime", " START-TIME "])
def test_names_fold(name: str) -> None:
    assert fold(name) == "starttime"


def test_csv_rows_know_the_line_they_start_on() -> None:
    rows, read = rows_of('\ufeffa,b\r\n1,"two\nlines"\r\n\r\n,\r\n3,4\r\n')
    assert rows.columns == ("a", "b")
    assert [(row.line, row.cells) for row in read] == [(2, ["1", "two\nlines"]), (6, ["3", "4"])]


def test_a_quote_left_open_costs_only_its_own_row() -> None:
    _, read = rows_of('a,b\n1,2\n3,"four\n5,6\n7,8\n')
    assert [(row.line, row.cells, bool(row.fault)) for row in read] == [
        (2, ["1", "2"], False),
        (3, ['3,"four'], True),
        (4, ["5", "6"], False),
        (5, ["7", "8"], False),
    ]


def test_a_value_over_the_limit_costs_only_its_own_row() -> None:
    _, read = rows_of(f'a,b\n1,"{"x" * 200_000}\n2,3\n')
    assert [(row.line, row.fault is None) for row in read] == [(2, False), (3, True)]


@pytest.mark.parametrize("line", ["1", "1,2,3"])
def test_a_row_of_another_length_is_at_fault(line: str) -> None:
    _, [row] = rows_of(f"a,b\n{line}\n")
    assert row.fault == f"the row has {line.count(',') + 1} cells where 2 are due"


def test_bytes_that_are_not_utf8_are_at_fault_and_kept() -> None:
    rows, [bad, good] = rows_of(b"a,b\n1,Ren\xe9\n2,ok\n")
    assert bad.fault == "not UTF-8: byte 0xe9 at place 6 of the line"
    assert [str(cell).encode(errors="surrogateescape") for cell in rows.kept(bad)] == [b"1", b"Ren\xe9"]
    assert good.cells == ["2", "ok"]


def test_utf16_is_refused_with_advice() -> None:
    with pytest.raises(Stopped, match="iconv"):
        rows_of("a,b\n1,2\n".encode("utf-16"))


def test_a_line_without_end_is_not_read_into_memory() -> None:
    lines = Lines(io.BytesIO(b"x" * (3 * LONGEST) + b"\nnext\n"))
    long, after = list(lines)
    assert (len(long.text), long.fault) == (1001, f"the line is longer than {LONGEST} bytes")
    assert after == Line(2, "next\n")
    assert lines.bytes_read == 3 * LONGEST + 6


def test_an_empty_file_has_no_rows() -> None:
    assert rows_of("")[1] == rows_of("\n\n")[1] == []


@pytest.mark.parametrize(
    ("tail", "columns"),
    [
        ("", CDR_COLUMNS[:16]),
        (',"1736146938.1"', CDR_COLUMNS[:17]),
        (',"pbx-1736146938.1"', CDR_COLUMNS[:17]),
        (',"a note"', (*CDR_COLUMNS[:16], "userfield")),
        (',"1736146938.1","a note"', CDR_COLUMNS),
    ],
)
def test_master_csv_comes_in_four_widths(tail: str, columns: tuple[str, ...]) -> None:
    rows, [row] = rows_of(CDR + tail + "\n")
    assert row.fault is None
    assert row.columns == columns
    assert dict(zip(rows.kept_columns, rows.kept(row), strict=True)) == {
        **dict.fromkeys(CDR_COLUMNS, ""),
        **dict(zip(row.columns, row.cells, strict=True)),
    }


@pytest.mark.parametrize(
    ("line", "columns", "cells", "declared"),
    [
        ('{"a": "1", "b": null}', ("a", "b"), ["1", None], False),
        ('{"a": 1, "b": 1.50, "c": true}', ("a", "b", "c"), ["1", "1.50", "true"], False),
        ('{"a": 123456789012345678901234567890}', ("a",), ["123456789012345678901234567890"], False),
        ('{"properties": {"a": "1"}, "createdAt": "x"}', ("a",), ["1"], True),
        ('{"id": "7", "properties": {"a": "1"}}', ("a",), ["1"], True),
        ('{"idProperty": "k", "id": "7", "properties": {"a": "1"}}', ("k", "a"), ["7", "1"], True),
    ],
)
def test_ndjson(line: str, columns: tuple[str, ...], cells: list[str | None], declared: bool) -> None:
    _, [row] = rows_of(line + "\n")
    assert (row.columns, row.cells, row.declared, row.fault) == (columns, cells, declared, None)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"a": ', "not JSON"),
        ('"a"', "not a JSON object"),
        ('{"a": [1]}', "a: a list cannot be"),
        ('{"a": {"b": 1}}', "a: an object cannot be"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
        ('{"\\ud800": "a"}', "half of a surrogate pair"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_ndjson_at_fault(line: str, fault: str) -> None:
    rows, read = rows_of('{"a": "1"}\n\n' + line + "\n")
    assert fault in str(read[1].fault)
    assert (read[1].line, rows.kept_columns, rows.kept(read[1])) == (3, ("json",), [line])


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_json_text_survives(pairs: list[list[str]]) -> None:
    given_row = {name: value for name, value in pairs if name != "properties"}
    _, [_, row] = rows_of('{"a": "1"}\n' + json.dumps(given_row) + "\n")
    assert dict(zip(row.columns, row.cells, strict=True)) == given_row


def test_rows_come_from_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("a\n" + "x\n" * 100_000)
    with path.open("rb") as file:
        lines = Lines(file)
        next(iter(Rows(lines)))
        assert lines.bytes_read < 100
