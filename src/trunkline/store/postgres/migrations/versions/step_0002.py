"""The search index."""

from trunkline.store.postgres.migrations.script import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes its tables and functions; they are filled when the portals are searched, or in quiet moments."""
    run("0002_search.sql")
