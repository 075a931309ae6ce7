"""Files of rows: what is written is read again, and what is no such file is told from what is."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.wire.sheet import UnreadableFile, rows, written

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TABLE = st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6)


@given(TABLE)
def test_what_is_written_is_read_again(table: list[list[str]]) -> None:
    read = list(rows(io.BytesIO(b"".join(written(table)))))
    assert [cells for _, cells in read] == table
    assert [number for number, _ in read] == list(range(1, len(table) + 1))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\ttab"])
def test_a_cell_is_written_as_it_is_whatever_it_begins_with(start: str) -> None:
    (line,) = written([["1", start]])
    assert line == f"1,{start}\r\n".encode()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (b"", []),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        (b"a\n\nb", [(1, ["a"]), (3, ["b"])]),
        (b'"a ""x""","line\nbreak"\n', [(1, ['a "x"', "line\nbreak"])]),
        (b"a,\n", [(1, ["a", ""])]),
        ("é;ö,ü".encode(), [(1, ["é;ö", "ü"])]),
    ],
)
def test_rows_and_their_numbers(file: bytes, expected: list[tuple[int, list[str]]]) -> None:
    assert list(rows(io.BytesIO(file))) == expected


@pytest.mark.parametrize(
    ("file", "code", "line"),
    [
        (b"a\n\xff\n", "INVALID_FILE_TYPE", 1),
        (b"PK\x03\x04\x14\x00\xa1", "INVALID_FILE_TYPE", 1),
        (b"a\n" + b"x" * 200_000, "COULD_NOT_PARSE_ROW", 2),
    ],
)
def test_what_is_no_such_file_is_told(file: bytes, code: str, line: int) -> None:
    with pytest.raises(UnreadableFile) as told:
        list(rows(io.BytesIO(file)))
    assert (told.value.code, told.value.line) == (code, line)
