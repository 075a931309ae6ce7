"""The ledger that a search index is held against, on the tables of a PostgreSQL database."""

from contextlib import AbstractContextManager
from typing import Any

import msgspec
import psycopg
from store.ledger import Ledger

from trunkline.crm.record import Record

_encode = msgspec.json.Encoder().encode


class DatabaseLedger(Ledger):
    """A new portal of a database, to which others may write through a connection of their own."""

    def __init__(self, connection: "psycopg.Connection[Any]", portal: int) -> None:
        super().__init__()
        self.portal = portal
        self.connection = connection
        connection.execute("INSERT INTO head (portal) VALUES (%s)", (portal,))

    def whole(self) -> AbstractContextManager[object]:
        return self.connection.transaction()

    def _write(self, type_: str, record: Record) -> None:
        properties = _encode(record.properties).decode()
        row = (properties, record.created, record.updated, record.app, record.archived)
        self.connection.execute(
            "INSERT INTO record (portal, type, id, properties, created, updated, app, archived) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (portal, type, id) DO UPDATE SET "
            "properties = excluded.properties, updated = excluded.updated, archived = excluded.archived",
            (self.portal, type_, record.id, *row),
        )

    def _note(self, position: int, kind: str, type_: str, record: int | None, detail: str) -> None:
        row = (self.portal, position, kind, type_, self.now, record, detail)
        self.connection.execute(
            "INSERT INTO change (portal, position, kind, type, at, app, record, detail) "
            "VALUES (%s, %s, %s, %s, %s, 3, %s, %s)",
            row,
        )
        self.connection.execute("UPDATE head SET position = %s WHERE portal = %s", (position, self.portal))

    def _bind(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        insert = (
            "INSERT INTO association (portal, source_type, source, target_type, target, category, kind, at, app) "
            "VALUES (%s, %s, %s, %s, %s, 0, %s, 0, 3) ON CONFLICT DO NOTHING"
        )
        self.connection.execute(insert, (self.portal, *one, *other, 194))
        self.connection.execute(insert, (self.portal, *other, *one, 193))

    def _put(self, list_: int, type_: str, id_: int) -> None:
        insert = "INSERT INTO list_member (portal, list, type, record, at) VALUES (%s, %s, %s, %s, 0)"
        self.connection.execute(f"{insert} ON CONFLICT DO NOTHING", (self.portal, list_, type_, id_))
