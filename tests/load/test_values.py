"""Cells become values."""

from datetime import UTC

import pytest

from trunkline.load import values
from trunkline.load.values import Reader

OPTIONS = {
    *("BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING", "FAILED", "IN_PROGRESS", "MISSED"),
    *("NO_ANSWER", "QUEUED", "RINGING"),
}


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (values.status, "ANSWERED", "COMPLETED"),
        (values.status, "NO ANSWER", "NO_ANSWER"),
        (values.status, "BUSY", "BUSY"),
        (values.status, "FAILED", "FAILED"),
        (values.status, "CONGESTION", "FAILED"),
        (values.status, "no-answer", "NO_ANSWER"),
        (values.status, "in-progress", "IN_PROGRESS"),
        (values.status, "canceled", "CANCELED"),
        (values.status, "something else", "something else"),
        (values.direction, "inbound", "INBOUND"),
        (values.direction, "outbound-api", "OUTBOUND"),
        (values.direction, "outbound-dial", "OUTBOUND"),
        (values.direction, "trunking-terminating", "OUTBOUND"),
        (values.direction, "trunking-originating", "INBOUND"),
        (values.direction, "sideways", "sideways"),
        (values.disposition, "Left voicemail", "b2cf5968-551e-4856-9783-52b3da59a7d0"),
        (values.disposition, "no-answer", "73a0d17f-1163-4015-bdd5-ec830791da20"),
        (values.disposition, "9d9162e7-6cf3-4944-bf63-4dff82258764", "9d9162e7-6cf3-4944-bf63-4dff82258764"),
        (values.seconds, "61", "61000"),
        (values.seconds, "1.5", "1500"),
        (values.seconds, "0", "0"),
        (values.seconds, "1:01", "61000"),
        (values.seconds, "1:00:01", "3601000"),
        (values.clid, '"Alice Example" <+15550100>', "Call from Alice Example"),
        (values.clid, "Alice Example <1001>", "Call from Alice Example"),
        (values.clid, '"" <1001>', None),
        (values.clid, '"1001" <1001>', None),
        (values.clid, "+442079460100", None),
        (values.clid, '"Anonymous" <anonymous>', None),
        (values.clid, 'a "broken" <one', None),
        (values.dcontext, "from-internal", "OUTBOUND"),
        (values.dcontext, "from-trunk-sip-acme", "INBOUND"),
        (values.dcontext, "Incoming", "INBOUND"),
        (values.dcontext, "macro-dialout-trunk", "OUTBOUND"),
        (values.dcontext, "default", None),
        (values.verbatim, " as it is ", " as it is "),
    ],
)
def test_reads(read: Reader, text: str, expected: str | None) -> None:
    assert read(text, UTC) == expected


@pytest.mark.parametrize("text", ["abc", "-5", "1,5", "1:2:3:4", ""])
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of seconds"):
        values.seconds(text, UTC)


def test_every_known_status_is_an_option() -> None:
    assert set(values.STATUSES.values()) == OPTIONS


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_options_stay_as_they_are(option: str) -> None:
    assert values.status(option, UTC) == option
