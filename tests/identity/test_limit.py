"""The windows that requests are counted in, against a plain list of times, and the data file of HubSpot's limits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.identity.limit import Policy, Window, Windows, shipped_limits
from trunkline.identity.portal import TIERS

LIMITS = shipped_limits()
SECOND = 1_000
MIDNIGHT = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1000)


def policy(slots: int, length: int) -> Policy:
    return Policy(name="X", slots=slots, slot_milliseconds=length, sources=())


policies = st.builds(policy, st.integers(1, 12), st.integers(1, 40))
starts = st.integers(0, 10_000)
steps = st.lists(st.integers(0, 5) | st.integers(0, 600), max_size=60)


def times(start: int, passed: list[int]) -> list[int]:
    return [start := start + step for step in passed]


@given(policies, starts, steps)
def test_a_window_counts_as_a_list_of_times_does(of: Policy, start: int, passed: list[int]) -> None:
    window, counted = Window(of), list[int]()
    for now in times(start, passed):
        first = now // of.slot_milliseconds - of.slots + 1
        assert window.used(now) == sum(time // of.slot_milliseconds >= first for time in counted)
        window.count()
        counted.append(now)


@given(policies, starts, steps, st.integers(1, 6))
def test_no_more_pass_than_may_and_none_is_refused_for_longer(
    of: Policy, start: int, passed: list[int], most: int
) -> None:
    window, admitted = Window(of), list[int]()
    for now in times(start, passed):
        if window.used(now) < most:
            window.count()
            admitted.append(now)
            certain = of.span - of.slot_milliseconds
            assert sum(now - certain <= time for time in admitted) <= most
        else:
            assert sum(now - of.span < time for time in admitted) >= most


@given(policies, st.lists(st.integers(0, 5_000), min_size=1, max_size=60), st.sampled_from([-1, 1]))
def test_however_the_clock_jumps_all_is_forgotten_in_the_end(of: Policy, jumps: list[int], way: int) -> None:
    window = Window(of)
    for number, now in enumerate(jumps):
        assert 0 <= window.used(now) <= number
        window.count()
        assert window.used(now) >= 1
    assert window.used(jumps[-1] + way * 2 * of.span) == 0


@pytest.mark.parametrize(("slots", "step", "used"), [(10, -9, 1), (10, -10, 0), (10, -11, 0), (1, -1, 0), (1, 1, 0)])
def test_a_small_step_back_in_time_forgets_nothing(slots: int, step: int, used: int) -> None:
    window = Window(policy(slots, SECOND))
    assert window.used(MIDNIGHT) == 0
    window.count()
    assert window.used(MIDNIGHT + step * SECOND) == used


@given(policies, starts, steps)
def test_when_time_goes_on_all_is_forgotten_after_one_window(of: Policy, start: int, passed: list[int]) -> None:
    window = Window(of)
    for now in times(start, passed):
        window.used(now)
        window.count()
        start = now
    assert window.used(start + of.span) == 0


@given(policies, starts, st.lists(st.tuples(st.integers(0, 600), st.integers(1, 5)), max_size=60))
def test_windows_that_are_dropped_are_not_missed(of: Policy, start: int, asked: list[tuple[int, int]]) -> None:
    windows, kept = Windows(of), dict[int, Window]()
    touched = dict[int, int]()
    now = start
    for step, key in asked:
        now += step
        window = windows.of(key, now)
        assert window.used(now) == kept.setdefault(key, Window(of)).used(now)
        window.count()
        kept[key].count()
        touched[key] = now
        assert len(windows) <= sum(now - time < 2 * of.span for time in touched.values())


def test_many_keys_are_held_only_while_they_are_busy() -> None:
    windows = Windows(LIMITS.burst)
    most = 0
    for key in range(20_000):
        windows.of(key, MIDNIGHT + 10 * key)
        most = max(most, len(windows))
    assert most == 2_000


RECORDED = {
    14: [99, 98, 97],
    15: [96, 95, 94, 93, 92, 91, 90],
    16: [89, 88],
    21: [87],
    22: [86, 85, 84, 83],
    23: [82, 81, 80, 79, 78, 77, 76],
    24: [78, 77, 76, 75],
    25: [81, 80, 79, 78, 77],
    26: [78, 77, 76],
    27: [75, 74, 73, 72, 71, 70, 69],
    28: [68, 67, 66, 65, 64, 63],
    29: [62, 61, 60, 59, 58],
    30: [57, 56, 55, 54, 53],
    31: [53, 52, 51, 50, 49, 48],
    32: [51, 50, 49, 48, 47, 46],
    33: [52, 51, 50, 49, 48],
}
"""What `X-HubSpot-RateLimit-Remaining` said, by the second of the answer: 76 requests of a recording of 2022 (GRO).

Two are put into the second before the one of their answer: 77 at 25 and 48 at 31.
"""


@pytest.mark.parametrize("within", [0, 1, 999])
def test_ten_seconds_are_counted_as_the_real_service_counts_them(within: int) -> None:
    window = Window(LIMITS.burst)
    for second, told in RECORDED.items():
        remaining = []
        for _ in told:
            window.used(MIDNIGHT + second * SECOND + within)
            window.count()
            remaining.append(100 - window.used(MIDNIGHT + second * SECOND + within))
        assert (second, remaining) == (second, told)


@pytest.mark.parametrize("day", [datetime(1970, 1, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)])
def test_a_day_begins_at_midnight_utc(day: datetime) -> None:
    window = Window(LIMITS.daily)
    midnight = int(day.timestamp() * 1000)
    window.used(midnight - 1)
    window.count()
    assert window.used(midnight - 1) == 1
    assert window.used(midnight) == 0
    window.count()
    assert window.used(midnight + 86_399_999) == 1
    assert window.used(int((day + timedelta(days=1)).timestamp() * 1000)) == 0


def test_the_policies_are_hubspots() -> None:
    named = {each.name: each.span for each in (LIMITS.burst, LIMITS.daily, LIMITS.search)}
    assert named == {"TEN_SECONDLY_ROLLING": 10 * SECOND, "DAILY": 86_400 * SECOND, "SECONDLY": SECOND}


def test_every_number_is_there_and_has_a_public_source() -> None:
    private = {tier: (allowance.burst, allowance.daily) for tier, allowance in LIMITS.private.items()}
    assert private == {
        "FREE": (100, 250_000),
        "STARTER": (100, 250_000),
        "PROFESSIONAL": (190, 625_000),
        "ENTERPRISE": (190, 1_000_000),
    }
    assert tuple(private) == TIERS
    assert (LIMITS.public.burst, LIMITS.searches.per_second) == (110, 5)
    sources = [source for policy in (LIMITS.burst, LIMITS.daily, LIMITS.search) for source in policy.sources]
    sources += [allowance.source for allowance in (LIMITS.public, *LIMITS.private.values())]
    sources.append(LIMITS.searches.source)
    assert [source for source in sources if not source.startswith("https://")] == []
