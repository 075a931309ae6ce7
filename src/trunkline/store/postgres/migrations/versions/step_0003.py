"""The workbench."""

from trunkline.store.postgres.migrations.script import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes its tables and functions; the triggers that call them are made when the first checkpoint is."""
    run("0003_bench.sql")
