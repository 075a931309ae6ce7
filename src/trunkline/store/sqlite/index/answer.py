"""Answering one query on one connection: count, page, records."""

from collections.abc import Mapping
from typing import Any

import apsw

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Query
from trunkline.store.protocol import Hits
from trunkline.store.search.sql import Sql
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.index.layout import Layout
from trunkline.store.sqlite.index.selection import selection
from trunkline.store.sqlite.schema import LAST_ID


def answer(
    connection: apsw.Connection,
    collection: Collection,
    type_: ObjectType,
    query: Query,
    layouts: Mapping[int, Layout],
) -> Hits:
    """Count and page of one state of the index; a record that was archived since is left out of the page.

    The layouts, by slot, have that of the collection, and those of all that the query looks at beside it.
    """

    def slot_of(type_id: str) -> int | None:
        select = "SELECT slot FROM main.collection WHERE portal = ? AND type = ?"
        found: Any = connection.execute(select, (collection.portal, type_id)).fetchone()
        return None if found is None else int(found[0])

    statements = selection(query, layouts[collection.slot], type_, slot_of, layouts.get)
    with connection:
        size = _number(connection, statements.size)
        total = size if statements.count is statements.size else _number(connection, statements.count)
        keys = connection.execute(*statements.page(query, size, total)).fetchall() if total > query.offset else []
        found = rows.records(connection, collection, [int(str(key)) & LAST_ID for (key,) in keys])
    return Hits(total, [record for record in found if record.archived is None])


def _number(connection: apsw.Connection, select: Sql) -> int:
    found: Any = connection.execute(*select).fetchall()[0][0]
    return int(found)
