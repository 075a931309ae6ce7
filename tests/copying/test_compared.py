"""What tells two stores apart."""

import shutil
from pathlib import Path

import apsw
from copying.carrying import compared, copied, different
from hypothesis import given
from hypothesis import strategies as st
from server import attempt

from trunkline.copy.checksum import Checksum
from trunkline.copy.table import TABLES
from trunkline.store.postgres.keys import LONGEST, kept, restored

FALSIFIED = {
    "portal": "UPDATE portal SET name = name || '!' WHERE removed IS NOT NULL",
    "app": "UPDATE app SET removed = 1 WHERE id = 1000001",
    "person": "UPDATE person SET password = 'x' WHERE id = 10000001",
    "person_portal": "DELETE FROM person_portal WHERE person = 10000002",
    "credential": "UPDATE credential SET ended = NULL WHERE ended IS NOT NULL",
    "event": "UPDATE event SET count = count + 1 WHERE position = 1",
    "sequence": "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'event'",
    "definition": "UPDATE definition SET last_change = last_change - 1 WHERE kind = 'group'",
    "record": "UPDATE record SET last_change = NULL WHERE key = (SELECT min(key) FROM record)",
    "change": "UPDATE change SET previous = NULL WHERE previous IS NOT NULL",
    "unique_value": "UPDATE unique_value SET value = value || ' ' WHERE value = 'one 1'",
    "association": "DELETE FROM association WHERE source = (SELECT min(source) FROM association)",
    "departed": "UPDATE departed SET successor = 0",
    "list": "UPDATE list SET detail = '{}'",
    "list_folder": "UPDATE list_folder SET id = id + 1",
    "list_member": "UPDATE list_member SET at = at + 1",
    "job": "UPDATE job SET state = 'FAILED' WHERE state = 'COMPLETE'",
    "job_chunk": "UPDATE job_chunk SET inputs = x'00' WHERE inputs = x''",
    "counter": "UPDATE counter SET last = last + 1",
    "note": "UPDATE note SET name = name || '!' WHERE kind = 'webhook'",
}
"""What makes a store another one, by the table in which it does."""


def test_each_difference_is_found_in_its_table(store: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(store, tmp_path / "other.db"))
    assert different(compared(store, other)) == []
    assert list(FALSIFIED) == [table.name for table in TABLES]
    for number, statement in enumerate(FALSIFIED.values(), 1):
        _execute(other, statement)
        assert different(compared(store, other)) == list(FALSIFIED)[:number]


def test_the_command_tells_what_differs_and_changes_nothing(store: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    copied(store, other)
    same = attempt("copy", "--from", str(store), "--to", str(other), "--verify")
    assert (same.returncode, same.stderr) == (0, "")
    lines = [line.split() for line in same.stdout.splitlines()]
    assert [line[0] for line in lines] == ["table", *FALSIFIED]
    assert all(line[1] == line[2] and int(line[3], 16) for line in lines[1:])
    _execute(other, FALSIFIED["list"])
    differing = attempt("copy", "--from", str(store), "--to", str(other), "--verify")
    assert differing.returncode == 1
    assert differing.stderr == f"trunkline: {store} and {other} differ in list.\n"
    assert different(compared(store, other)) == ["list"]


def _execute(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    assert connection.total_changes()
    connection.close()


@given(st.lists(st.tuples(st.integers(), st.text() | st.none() | st.binary())), st.randoms())
def test_a_checksum_does_not_depend_on_the_order_of_rows(rows: list[tuple[object, ...]], chance: object) -> None:
    rows = [(number % 2**63, value) for number, value in rows]  # type: ignore[operator]
    shuffled = rows.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Checksum(), Checksum()
    one.add(rows)
    for row in shuffled:
        other = Checksum(other.rows, other.digest)
        other.add([row])
    assert one == other
    other.add([(1, None)])
    assert one != other


def test_a_checksum_counts_each_row() -> None:
    one, other = Checksum(), Checksum()
    one.add([("a",), ("a",)])
    other.add([("b",), ("b",)])
    assert one != other
    other = Checksum()
    other.add([("a",)])
    assert one != other
    assert one.digest != other.digest


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\\\0#")) | st.text(min_size=LONGEST - 3))
def test_what_stands_for_a_unique_value_tells_it_unless_it_is_long(value: str) -> None:
    standing = kept(value)
    assert "\0" not in standing
    assert restored(standing) == (None if standing.startswith("\\#") else value)
    assert standing.startswith("\\#") == (len(value.replace("\\", "\\\\").replace("\0", "\\0")) > LONGEST)
