"""The limit to compare with: the same storage work in a bare loop, without HTTP, checks, rules or answers.

Tables, statements, page cache, durability and the habit of checkpoints are the server's own; what is left out is
everything else. The loop knows beforehand which three properties an update changes and is given nothing but those.
"""

import gc
import os
import threading
import time
from collections.abc import Iterable

import apsw
import msgspec

from benchmarks.calls import KEY, Round, call, key, later
from benchmarks.server import number
from trunkline.settings import Durability, Settings
from trunkline.store.sqlite import checkpoint, rows
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS

TYPE = "0-48"
APP = 1

Inputs = list[tuple[str, dict[str, str]]]
"""One batch: the key of each call, and the values to create it with or to change."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def prepare(round_: Round) -> list[Inputs]:
    """The batches of a round."""
    return [
        [
            (key(number), later(number, version) if version else {KEY: key(number)} | call(number, 0))
            for number, version in inputs
        ]
        for inputs in round_.plan()
    ]


class Bare:
    """One store's file, written by a loop. The file must have been made by the server."""

    def __init__(self, path: str, durability: Durability) -> None:
        self._connection = connect(path, cache_mb=Settings().cache_mb, durability=durability)
        self._checkpoints = Checkpoints(path, self._connection)
        self._slot = number(self._connection, f"SELECT slot FROM collection WHERE type = '{TYPE}'")
        self._portal = number(self._connection, f"SELECT portal FROM collection WHERE type = '{TYPE}'")
        ends = (self._slot << SLOT_BITS, (self._slot + 1) << SLOT_BITS)
        last = number(self._connection, "SELECT coalesce(max(key), 0) FROM record WHERE key > ? AND key < ?", ends)
        self._next_id = max(FIRST_ID, (last & LAST_ID) + 1)
        self._position = number(self._connection, "SELECT coalesce(max(position), 0) + 1 FROM change")

    def run(self, batches: Iterable[Inputs], group: float) -> float:
        """Writes batches, on average `group` of them to a commit, and returns the seconds that it took."""
        gc.collect()
        gc.freeze()
        started = time.perf_counter()
        self._run(batches, group)
        seconds = time.perf_counter() - started
        gc.unfreeze()
        return seconds

    def _run(self, batches: Iterable[Inputs], group: float) -> None:
        execute = self._connection.execute
        is_open = False
        for batch, inputs in enumerate(batches):
            if not is_open:
                execute("BEGIN IMMEDIATE")
            self._write(inputs)
            is_open = int((batch + 1) / group) == int(batch / group)
            if not is_open:
                execute("COMMIT")
                self._checkpoints.finish()
        if is_open:
            execute("COMMIT")

    def _write(self, inputs: Inputs) -> None:
        slot, many = self._slot, self._connection.executemany
        now = time.time_ns() // 1_000_000
        ids = {value: id_ for _, value, id_ in many(rows.HOLDERS, [(slot, KEY, value) for value, _ in inputs])}
        if ids:
            self._update(inputs, ids, now)
        if len(ids) < len(inputs):
            self._create([(value, values) for value, values in inputs if value not in ids], now)

    def _create(self, inputs: Inputs, now: int) -> None:
        slot, first = self._slot, self._next_id
        ids = list(range(first, first + len(inputs)))
        made = [
            (slot << SLOT_BITS | id_, _encode(values).decode(), now, now, APP)
            for id_, (_, values) in zip(ids, inputs, strict=True)
        ]
        self._connection.executemany(rows.INSERT_RECORD, made)
        told = (self._position, self._portal, "create", TYPE, now, APP, None, None, _encode(ids).decode())
        self._connection.execute(rows.TELL, told)
        claimed = [(slot, KEY, value, id_) for id_, (value, _) in zip(ids, inputs, strict=True)]
        self._connection.executemany(rows.CLAIM, claimed)
        self._next_id += len(ids)
        self._position += 1

    def _update(self, inputs: Inputs, ids: dict[str, int], now: int) -> None:
        slot, portal, position, many = self._slot, self._portal, self._position, self._connection.executemany
        keys = [(slot << SLOT_BITS | id_,) for id_ in ids.values()]
        kept = {row[0]: (row[1], row[6]) for row in many(rows.RECORDS, keys)}
        written = []
        told = []
        for value, new in inputs:
            if value not in ids:
                continue
            id_ = ids[value]
            packed = slot << SLOT_BITS | id_
            text, previous = kept[packed]
            old = _decode(text)
            detail = _encode({name: (old.get(name), after) for name, after in new.items()}).decode()
            told.append((position, portal, "update", TYPE, now, APP, id_, previous, detail))
            written.append((_encode(old | new).decode(), now, position, packed))
            position += 1
        many(rows.UPDATE_RECORD, written)
        many(rows.TELL, told)
        self._position = position

    def close(self) -> None:
        """Closes the file, with its log moved into it."""
        self._checkpoints.close()
        self._connection.close()
        self._checkpoints.close_files()


class Checkpoints:
    """The server's checkpoints beside a loop: moved and synced in a thread, the rest moved between two commits."""

    def __init__(self, path: str, connection: apsw.Connection) -> None:
        self._pages = 0
        self._synced = False
        self._stop = threading.Event()
        connection.set_wal_hook(self._note)
        self._connection = connect(path)
        self._files = [os.open(name, os.O_RDWR) for name in (f"{path}-wal", path)]
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def finish(self) -> None:
        """Called between transactions: ends a checkpoint whose bulk is on the disk."""
        if self._synced:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._pages = 0
            self._synced = False

    def close(self) -> None:
        """Stops the thread."""
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def close_files(self) -> None:
        """Closes the descriptors; only once no connection to the file is left."""
        for file in self._files:
            os.close(file)

    def _note(self, connection: apsw.Connection, name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def _watch(self) -> None:
        while not self._stop.wait(checkpoint.PAUSE):
            if self._pages < checkpoint.THRESHOLD or self._synced:
                continue
            for _ in range(checkpoint.PASSES):
                before = self._pages
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                for file in self._files:
                    os.fdatasync(file)
                if self._pages - before < checkpoint.REST:
                    break
            self._synced = True
