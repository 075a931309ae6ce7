"""A store in a SQLite file as one end of a copy."""
