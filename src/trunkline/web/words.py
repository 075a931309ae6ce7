"""How moments, spans of time, sizes and numbers are told to people. Times are UTC, as the API has them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from trunkline.crm.record import Moment

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def moment(at: Moment | None) -> str:
    """A moment to the second, as `2026-11-30 14:05:09`; empty for none."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def clock(at: Moment) -> str:
    """The time of day of a moment, to the millisecond."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%H:%M:%S") + f".{at % 1000:03}"


def iso(text: str | None) -> str:
    """A moment as the API tells it, as people read it: `2025-04-24T20:01:33.123Z` is `2025-04-24 20:01:33`."""
    return (text or "").replace("T", " ")[:19].removesuffix("Z")


def span(milliseconds: float) -> str:
    """A span of time in its two largest units, as `3 min 20 s`."""
    left, parts = int(milliseconds), []
    if not left:
        return "0 s"
    if abs(left) < 1000:
        return f"{left} ms"
    sign, left = ("-" if left < 0 else ""), abs(left)
    for size, unit in _UNITS:
        amount, left = divmod(left, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return sign + " ".join(parts[:2])


def took(milliseconds: float) -> str:
    """How long something took, as `0.42 ms`, `12.3 ms` or `2.5 s`."""
    if milliseconds >= 10_000:
        return span(milliseconds)
    if milliseconds >= 1_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.{2 if milliseconds < 1 else 1}f} ms"


def number(amount: float) -> str:
    """A number with its thousands apart."""
    return f"{amount:,}"


FILTERS: Mapping[str, Callable[..., str]] = {
    "moment": moment,
    "clock": clock,
    "iso": iso,
    "span": span,
    "took": took,
    "number": number,
}
"""The same, by the names that templates call them by."""
