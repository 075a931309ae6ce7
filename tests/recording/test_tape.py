"""The file of cases: whole lines, its owner's only."""

import stat
from pathlib import Path

import pytest

from trunkline.load.stopped import Stopped
from trunkline.recording.case import Case, Request, read
from trunkline.recording.tape import Tape

CASE = Case("0001", "recorded", [], Request("GET", "/x"), {"status": 200}, "recorded", "recorded")


def test_it_grows_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    for count in range(2):
        tape = Tape(path)
        assert tape.count == count
        tape.write(CASE)
        tape.close()
    assert read(path) == [CASE, CASE]
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()] == [0o600, 0o600]


def test_pseudonyms_stay_the_same_when_it_goes_on(tmp_path: Path) -> None:
    first, second = Tape(tmp_path / "cases.jsonl"), Tape(tmp_path / "cases.jsonl")
    assert first.key == second.key
    assert Tape(tmp_path / "other.jsonl").key != first.key


def test_half_a_line_is_not_written_on(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    Tape(path).write(CASE)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Stopped, match="middle of a line"):
        Tape(path)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.touch(0o644)
    path.chmod(0o644)
    with pytest.raises(Stopped, match="chmod 600"):
        Tape(path)


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl.key").write_bytes(b"short")
    with pytest.raises(Stopped, match="is no key"):
        Tape(tmp_path / "cases.jsonl")


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    Tape(path).write(CASE)
    path.write_bytes(path.read_bytes() + b'{"id": 1}\n')
    with pytest.raises(Stopped, match="line 2"):
        read(path)
