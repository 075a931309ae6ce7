"""Rows: a protocol, and one implementation per engine."""
