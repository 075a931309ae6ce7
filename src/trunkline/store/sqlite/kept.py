"""What rows were like at the newest checkpoint of their portal: kept by triggers when a row is first changed since.

Each table that a checkpoint covers has another beside it, with a row for each of its rows that was changed since a
checkpoint: as it was, or with `there` 0 where there was none. The triggers belong to the connection of the writer and
exist for as long as there is any checkpoint, so that nobody else pays for them.
"""

from collections.abc import Iterator

import apsw
from msgspec import Struct

from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS


class Covered(Struct, frozen=True):
    """A table that checkpoints cover: its key, its other columns, and where in a row its slot or its portal is."""

    table: str
    key: tuple[str, ...]
    others: tuple[str, ...]
    slot: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns."""
        return self.key + self.others

    @property
    def kept(self) -> str:
        """The table beside it."""
        return f"kept_{self.table}"

    def era(self, row: str) -> str:
        """Selects the newest checkpoint of a row's portal."""
        if not self.slot:
            return f"SELECT max(era) AS era FROM checkpoint WHERE portal = {row}.portal"
        slot = self.slot.format(row)
        portal = f"SELECT portal FROM collection WHERE slot = {slot}"
        return f"SELECT max(era) AS era FROM checkpoint WHERE portal = ({portal})"

    def of_portal(self) -> str:
        """The condition that a row is a portal's."""
        if not self.slot:
            return "portal = ?1"
        return f"{self.slot.format(self.table)} IN (SELECT slot FROM collection WHERE portal = ?1)"


RECORD = Covered(
    "record",
    ("key",),
    ("properties", "created", "updated", "app", "archived", "last_change"),
    f"{{}}.key >> {SLOT_BITS}",
)
VALUE = Covered("unique_value", ("collection", "property", "value"), ("record",), "{}.collection")
TIE = Covered("association", ("source", "target", "category", "kind"), ("at", "app"), f"{{}}.source >> {SLOT_BITS}")
DEPARTED = Covered("departed", ("key",), ("successor",), f"{{}}.key >> {SLOT_BITS}")
DEFINITION = Covered("definition", ("portal", "kind", "type", "name"), ("definition", "last_change"))
LIST = Covered("list", ("portal", "id"), ("detail",))
FOLDER = Covered("list_folder", ("portal", "id"), ("detail",))
MEMBER = Covered("list_member", ("portal", "list", "record"), ("at",))

COVERED = (RECORD, VALUE, TIE, DEPARTED, DEFINITION, LIST, FOLDER, MEMBER)


def watch(connection: apsw.Connection) -> None:
    """Has the rows kept from now on, if there is any checkpoint, and not any more if there is none."""
    if not connection.execute("SELECT 1 FROM main.checkpoint LIMIT 1").fetchall():
        for name, _ in _triggers():
            connection.execute(f"DROP TRIGGER IF EXISTS temp.{name}")
        return
    for name, body in _triggers():
        connection.execute(f"CREATE TEMP TRIGGER IF NOT EXISTS {name} {body}")


def _triggers() -> Iterator[tuple[str, str]]:
    """The names and bodies of all triggers.

    None of them says what to do on a conflict, since in a trigger the statement that fires it decides that.
    """
    for covered in COVERED:
        table, came, went = covered.table, _keep(covered, "NEW", there=False), _keep(covered, "OLD", there=True)
        moved = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in covered.key)
        yield f"{table}_came", f"AFTER INSERT ON main.{table} BEGIN {came}; END"
        yield f"{table}_went", f"AFTER DELETE ON main.{table} BEGIN {went}; END"
        yield f"{table}_changed", f"AFTER UPDATE ON main.{table} BEGIN {went}; END"
        yield (
            f"{table}_moved",
            f"AFTER UPDATE OF {', '.join(covered.key)} ON main.{table} WHEN {moved} BEGIN {came}; END",
        )


def _keep(covered: Covered, row: str, *, there: bool) -> str:
    """Keeps what a row was like, unless that is known."""
    names = covered.columns if there else covered.key
    values = ", ".join(f"{row}.{name}" for name in names)
    same = " AND ".join(f"k.{name} = {row}.{name}" for name in covered.key)
    return (
        f"INSERT INTO {covered.kept} (era, there, {', '.join(names)}) SELECT e.era, {int(there)}, {values} "
        f"FROM ({covered.era(row)}) AS e WHERE e.era IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {covered.kept} AS k WHERE k.era = e.era AND {same})"
    )


def merge(connection: apsw.Connection, era: int, earlier: int | None) -> None:
    """Has the checkpoint before one keep what that one did; nobody, when there is none before it."""
    for covered in COVERED:
        if earlier is not None:
            names, table = f"there, {', '.join(covered.columns)}", covered.kept
            handed_on = f"INSERT OR IGNORE INTO {table} (era, {names}) SELECT ?, {names} FROM {table} WHERE era = ?"
            connection.execute(handed_on, (earlier, era))
        connection.execute(f"DELETE FROM {covered.kept} WHERE era = ?", (era,))


def restore(connection: apsw.Connection, covered: Covered, eras: str) -> int:
    """Makes the rows of a table what they were at the first of some checkpoints, a JSON list; says how many.

    Their keys are in the table `temp.undone` then.
    """
    key, columns = ", ".join(covered.key), ", ".join(covered.columns)
    connection.execute("DROP TABLE IF EXISTS temp.undone")
    connection.execute(
        f"CREATE TEMP TABLE undone AS SELECT {columns}, there, min(era) AS era FROM {covered.kept} "
        f"WHERE era IN (SELECT value FROM json_each(?)) GROUP BY {key}",
        (eras,),
    )
    connection.execute(f"DELETE FROM {covered.table} WHERE ({key}) IN (SELECT {key} FROM temp.undone)")
    connection.execute(f"INSERT INTO {covered.table} ({columns}) SELECT {columns} FROM temp.undone WHERE there")
    return _count(connection)


def drop(connection: apsw.Connection, eras: str) -> None:
    """Drops what was kept for some checkpoints, a JSON list."""
    for covered in COVERED:
        connection.execute(f"DELETE FROM {covered.kept} WHERE era IN (SELECT value FROM json_each(?))", (eras,))


def empty(connection: apsw.Connection, covered: Covered, portal: int) -> int:
    """Removes all rows of a portal from a table; their keys are in `temp.undone` then."""
    connection.execute("DROP TABLE IF EXISTS temp.undone")
    key, own = ", ".join(covered.key), covered.of_portal()
    connection.execute(f"CREATE TEMP TABLE undone AS SELECT {key} FROM {covered.table} WHERE {own}", (portal,))
    connection.execute(f"DELETE FROM {covered.table} WHERE ({key}) IN (SELECT {key} FROM temp.undone)")
    return _count(connection)


def _count(connection: apsw.Connection) -> int:
    return int(str(connection.execute("SELECT count(*) FROM temp.undone").get))


ERASED = (
    f"DELETE FROM {RECORD.kept} WHERE key = ?1",
    f"DELETE FROM {VALUE.kept} WHERE collection = ?1 >> {SLOT_BITS} AND record = ?1 & {LAST_ID}",
    f"DELETE FROM {TIE.kept} WHERE source = ?1 OR target = ?1",
    f"DELETE FROM {DEPARTED.kept} WHERE key = ?1",
    f"DELETE FROM {MEMBER.kept} WHERE record = ?1",
)
"""An erased record stays erased, and nothing of it is kept."""


def erase(connection: apsw.Connection, key: int) -> None:
    """Keeps nothing of a record that was erased; its checkpoints do not bring it back."""
    if connection.execute("SELECT 1 FROM main.checkpoint LIMIT 1").fetchall():
        for statement in ERASED:
            connection.execute(statement, (key,))
