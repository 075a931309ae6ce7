"""Run by Alembic for every migration: it works on the connection that `trunkline.store.postgres.schema` hands over."""

from alembic import context

from trunkline.store.postgres.database import SCHEMA

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema=SCHEMA)
with context.begin_transaction():
    context.run_migrations()
