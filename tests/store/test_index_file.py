"""The file of the search index: it comes back after a crash, and is made anew when it is not this store's."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import apsw
import pytest
from store.ledger import CALLS
from store.searching import SEARCHED, of, where
from store.sqlite_ledger import FileLedger
from store.test_index import FileSearching, searching, work_in_small_stretches

from trunkline.crm.catalog import shipped_types
from trunkline.crm.query import Query, Sort
from trunkline.store.search.form import Form, Value
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.index import file
from trunkline.store.sqlite.index.follow import Follower

ALL = Query(limit=200)
BY_TITLE = where("hs_call_title", "EQ", "b")
WORDS = Query(words=("hel",), searched=SEARCHED)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FileSearching]:
    with searching(tmp_path / "calls.db") as made:
        yield made


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    work_in_small_stretches(monkeypatch)


def fill(ledger: FileLedger, count: int = 20) -> list[int]:
    titles = ("a", "b", "Hello Übung", "HELP")
    made = [{"hs_call_title": titles[n % 4], "hs_timestamp": f"2025-01-{n % 28 + 1:02}"} for n in range(count)]
    return ledger.create(*made)


def follower(world: FileSearching) -> Follower:
    return Follower(connect(world.path), world.path, shipped_types(), cache_mb=1)


def check(world: FileSearching) -> None:
    for query in (ALL, BY_TITLE, WORDS, Query(sort=Sort(of("hs_timestamp"), True), limit=200)):
        world.check(query)


def test_an_index_that_is_opened_again_goes_on_where_it_was(world: FileSearching) -> None:
    fill(world.ledger)
    check(world)
    world.shut()
    again = follower(world)
    assert again.progress.position == world.ledger.position
    assert not again.progress.building
    again.close()
    ids = fill(world.ledger)
    world.ledger.archive(ids[3])
    world.open()
    check(world)


def lose(world: FileSearching) -> None:
    for path in Path(world.path).parent.glob("*-index*"):
        path.unlink()


def spoil(world: FileSearching) -> None:
    Path(file.place(world.path)).write_bytes(b"no index" * 1000)


def outdate(world: FileSearching) -> None:
    connection = apsw.Connection(file.place(world.path))
    connection.pragma("user_version", file.FORMAT + 1)
    connection.close()


def rewrite(world: FileSearching) -> None:
    """The store becomes another one that has as long a journal."""
    world.ledger.connection.execute("UPDATE change SET at = at + 1")


def shorten(world: FileSearching) -> None:
    """The store becomes an earlier state of itself."""
    last = max(world.ledger.records[CALLS])
    del world.ledger.records[CALLS][last]
    world.ledger.connection.execute("DELETE FROM record WHERE key = ?", (world.ledger.collections[CALLS].key(last),))
    world.ledger.connection.execute("DELETE FROM change WHERE position = ?", (world.ledger.position,))
    world.ledger.position -= 1


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("harm", [lose, spoil, outdate, rewrite, shorten])
def test_an_index_that_is_not_the_stores_is_made_anew(
    world: FileSearching, harm: Callable[[FileSearching], None]
) -> None:
    fill(world.ledger)
    fill(world.ledger, 1)
    check(world)
    world.shut()
    harm(world)
    again = follower(world)
    assert again.progress.building
    again.step(0)
    again.close()
    world.open()
    check(world)


@pytest.mark.usefixtures("tiny")
def test_making_it_goes_on_after_a_stop(world: FileSearching) -> None:
    fill(world.ledger, 40)
    world.shut()
    lose(world)
    for _ in range(5):
        again = follower(world)
        again.step(0)
        again.close()
    ids = fill(world.ledger, 3)
    world.ledger.update(ids[0], {"hs_call_title": "b"})
    world.open()
    check(world)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("form", ["text", "words"])
def test_a_property_is_filled_while_changes_come(world: FileSearching, form: Form) -> None:
    ids = fill(world.ledger, 30)
    check(world)
    world.shut()
    again = follower(world)
    again.widen(world.ledger.collections[CALLS].slot, [Value("note", form)])
    for number, id_ in enumerate(ids[::-1]):
        assert number > 9 or not again.progress.idle
        world.ledger.update(id_, {"note": f"note {number}"})
        world.ledger.update(ids[0], {"note": f"first {number}"})
        again.step(world.ledger.position)
    again.close()
    world.open()
    for query in (
        where("note", "EQ", "note 3"),
        where("note", "CONTAINS_TOKEN", "note"),
        where("note", "HAS_PROPERTY"),
    ):
        world.check(query)


def test_nothing_of_an_erased_record_stays_in_the_file(world: FileSearching) -> None:
    ids = fill(world.ledger)
    world.ledger.update(ids[5], {"hs_call_title": "Zanzibarsecret", "note": "Unguja-hidden"})
    world.check(where("hs_call_title", "CONTAINS_TOKEN", "zanzibarsecret"))
    world.check(where("note", "EQ", "unguja-hidden"))
    world.ledger.update(ids[5], {"note": "Pemba-also"})
    world.check(where("note", "EQ", "pemba-also"))
    world.ledger.erase(ids[5])
    check(world)
    world.shut()
    kept = Path(file.place(world.path)).read_bytes().lower()
    assert b"hello" in kept
    assert [secret for secret in (b"zanzibar", b"unguja", b"pemba") if secret in kept] == []
    world.open()


def test_an_update_that_no_text_tells_of_leaves_the_words_alone(world: FileSearching) -> None:
    ids = fill(world.ledger)
    check(world)
    before = _words(world)
    world.ledger.update(ids[0], {"hs_call_duration": "5", "hs_timestamp": "2024-01-01"})
    check(world)
    assert _words(world) == before
    world.ledger.update(ids[0], {"hs_call_body": "hello again"})
    check(world)
    assert _words(world) != before


def _words(world: FileSearching) -> Sequence[object]:
    connection = apsw.Connection(file.place(world.path))
    try:
        slot = world.ledger.collections[CALLS].slot
        return connection.execute(f"SELECT id, block FROM w{slot}_0_data").fetchall()
    finally:
        connection.close()


CRASHER = """
import sys
from store.test_index import FileSearching
from store.test_index_file import ALL, BY_TITLE, WORDS, fill
world = FileSearching(sys.argv[1])
for number in range(1_000_000):
    ids = fill(world.ledger, 50)
    for id_ in ids[::7]:
        world.ledger.update(id_, {"hs_call_title": "b", "note": str(number)})
    world.ledger.archive(ids[1])
    world.search((ALL, BY_TITLE, WORDS)[number % 3])
    print(number, flush=True)
"""


def test_a_kill_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    for rounds in (1, 4, 15):
        command = [sys.executable, "-c", CRASHER, str(path)]
        tests = str(Path(__file__).parent.parent)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": tests}
        ) as child:
            assert child.stdout is not None
            for _ in range(rounds):
                assert child.stdout.readline()
            child.send_signal(signal.SIGKILL)
        with searching(path) as world:
            check(world)
            world.check(where("note", "NOT_HAS_PROPERTY"))
