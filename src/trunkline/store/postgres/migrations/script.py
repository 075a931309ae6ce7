"""Running the SQL of a step."""

from importlib.resources import files

from alembic import op


def run(name: str) -> None:
    """Runs one of the files beside the steps, whole."""
    text = (files("trunkline.store.postgres.migrations.versions") / name).read_text()
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None, "a migration runs on an open connection"
    adapted.run_async(lambda connection: connection.execute(text))
