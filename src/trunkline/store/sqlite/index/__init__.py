"""The search index of the embedded engine: a file of its own beside the store, filled from the journal."""

from trunkline.store.sqlite.index.index import SearchIndex

__all__ = ["SearchIndex"]
