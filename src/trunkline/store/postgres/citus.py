"""A database that is spread over several servers by Citus: all of one portal is on one of them, and so is each write.

Which tables are a portal's own can be told from their keys, which start with the portal, and which functions are called
for one portal from the name of their first argument. All others belong to the server: they stay where the address
leads to, and Citus knows of them, so that what changes both kinds at once is done on both servers or on neither.
"""

from sqlalchemy import Connection, text

from trunkline.store.postgres.database import SCHEMA
from trunkline.store.postgres.kept import COVERED
from trunkline.store.postgres.served import SERVED
from trunkline.store.protocol import StoreRefused

LOADED = "SELECT current_setting('citus.shard_count', true) IS NOT NULL"
CREATED = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
COORDINATOR = "SELECT count(*) FROM pg_dist_local_group WHERE groupid = 0"

SEIZE = "SELECT pg_try_advisory_xact_lock(:key)"
SPREAD = "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = to_regclass(:head) AND partmethod = 'h'"

TABLES = """
SELECT c.relname, coalesce(a.attname = 'portal', false) AS owned FROM pg_class AS c
LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    AND NOT EXISTS (SELECT FROM pg_dist_partition AS p WHERE p.logicalrelid = c.oid)
ORDER BY owned DESC, c.relname <> 'head', (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f'),
    c.relname
"""
"""Those that are not spread yet, in an order in which each comes after those that it refers to."""

FUNCTIONS = """
SELECT CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_proc AS p
WHERE p.pronamespace = CAST(:schema AS regnamespace) AND p.proargnames[1] = 'p_portal' ORDER BY p.proname
"""

OWN = "SELECT create_distributed_table(:table, 'portal', colocate_with => :beside)"
EMPTIED = "SELECT truncate_local_data_after_distributing_table(:table)"
SHARED = "SELECT citus_add_local_table_to_metadata(:table)"
COUNTING = """
SELECT attname, CAST(CAST(pg_get_serial_sequence(:table, attname) AS regclass) AS text) FROM pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attidentity <> ''
"""
COUNTED = "SELECT last_value, is_called FROM {}"
COUNT_ON = "SELECT setval(pg_get_serial_sequence(:table, :column), :last, :called)"
"""Citus lets the columns that count begin anew."""

CALLED = (
    "SELECT create_distributed_function("
    "CAST(:function AS regprocedure), 'p_portal', colocate_with => :beside, force_delegation => true)"
)
"""Sent whole to the portal's server, inside a transaction too, and held to that portal there."""


def require(connection: Connection) -> None:
    """Raises `StoreRefused` for a server that is not ready to spread a database."""
    if not _holds(connection, LOADED):
        raise StoreRefused(
            "The server has not loaded Citus: on the coordinator and on each worker, install it, put `citus` first in "
            "shared_preload_libraries, and start the server anew."
        )
    if not _holds(connection, CREATED):
        raise StoreRefused(
            "The database does not have Citus: let its superuser run `CREATE EXTENSION citus` in it, and in the "
            "database of the same name on each worker."
        )
    if not _holds(connection, COORDINATOR):
        raise StoreRefused("The address is that of a worker of Citus: give the coordinator's.")


def is_spread(connection: Connection) -> bool:
    """Whether a database was spread before; one that is stays so with every later step."""
    return _holds(connection, CREATED) and _holds(connection, SPREAD, head=f"{SCHEMA}.head")


def spread(connection: Connection) -> int:
    """Spreads what is not spread yet, with all that is in it, and returns how many tables that were.

    Raises `StoreRefused` when a database is to be spread for the first time while somebody serves it.
    """
    if not is_spread(connection) and not _holds(connection, SEIZE, key=SERVED):
        raise StoreRefused("The database is in use by another Trunkline, which must not write while it is spread.")
    _forget_checkpoints(connection)
    connection.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
    tables = [(f"{SCHEMA}.{name}", owned) for name, owned in connection.execute(text(TABLES), {"schema": SCHEMA})]
    head = f"{SCHEMA}.head"
    for table, owned in tables:
        if owned:
            connection.execute(text(OWN), {"table": table, "beside": "none" if table == head else head})
        else:
            _share(connection, table)
    for table in (table for table, owned in tables if owned):
        connection.execute(text(EMPTIED), {"table": table})
    for (function,) in connection.execute(text(FUNCTIONS), {"schema": SCHEMA}).all():
        connection.execute(text(CALLED), {"function": function, "beside": head})
    return len(tables)


def _forget_checkpoints(connection: Connection) -> None:
    """A table with a trigger cannot be spread. No checkpoint is made on Citus, so there are none when it was before."""
    if is_spread(connection):
        return
    for covered in COVERED:
        connection.execute(text(f"DROP TRIGGER IF EXISTS keep ON {SCHEMA}.{covered.table}"))
        connection.execute(text(f"TRUNCATE {SCHEMA}.kept_{covered.table}"))
    connection.execute(text(f"TRUNCATE {SCHEMA}.checkpoint"))


def _share(connection: Connection, table: str) -> None:
    counted = [
        (column, *connection.execute(text(COUNTED.format(sequence))).one())
        for column, sequence in connection.execute(text(COUNTING), {"table": table})
    ]
    connection.execute(text(SHARED), {"table": table})
    for column, last, called in counted:
        connection.execute(text(COUNT_ON), {"table": table, "column": column, "last": last, "called": called})


def _holds(connection: Connection, question: str, **bound: object) -> bool:
    return bool(connection.execute(text(question), bound).scalar())
