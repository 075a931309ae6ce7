"""What a page's form sent."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from trunkline.errors import MalformedForm

MOST_FIELDS = 500

Fields = Mapping[str, list[str]]
"""The values of each field, in the order in which they stand on the page."""


def fields(body: bytes) -> Fields:
    """The fields of a form, the empty ones too; raises `MalformedForm`."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as cause:
        raise MalformedForm from cause
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
