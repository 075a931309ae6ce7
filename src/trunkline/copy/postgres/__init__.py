"""A store in a PostgreSQL database as one end of a copy."""
