"""The search index on PostgreSQL: tables beside those of the records, filled from the journal."""

from trunkline.store.postgres.search.index import SearchIndex

__all__ = ["SearchIndex"]
