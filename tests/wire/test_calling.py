"""The shape of call outcomes."""

import json

from trunkline.crm.property import Option
from trunkline.wire.calling import encode_dispositions


def test_outcomes_come_as_they_are_shown_and_hidden_ones_as_deleted() -> None:
    options = [Option("b", "Second", 1, hidden=True, description="d"), Option("a", "First", 0)]
    assert json.loads(encode_dispositions(options)) == [
        {"id": "a", "label": "First", "deleted": False},
        {"id": "b", "label": "Second", "deleted": True},
    ]


def test_no_outcomes() -> None:
    assert encode_dispositions([]) == b"[]"
