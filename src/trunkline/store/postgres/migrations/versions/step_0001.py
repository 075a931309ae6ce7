"""The tables of the first release that has this engine, and the functions of the hot path."""

from trunkline.store.postgres.migrations.script import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes all of it."""
    run("0001_tables.sql")
    run("0001_functions.sql")
