"""Which ids records can have, in every engine."""

LAST_ID = (1 << 42) - 1
"""The greatest one; the embedded engine packs an id into a row id with what it is an id of."""

FIRST_ID = 100_000_000_001
"""Where they start: as long as the real service's, and never mistaken for a short number of a client."""
