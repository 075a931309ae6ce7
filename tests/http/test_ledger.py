"""What processes count together. Here they are ledgers in one process, over the same memory."""

from array import array
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from trunkline.bench.fault import Fault, Kept, Met, Rules, drawn
from trunkline.http.bench import FAULTS
from trunkline.http.ledger import PART, ROWS, SLOTS, Ledger
from trunkline.http.meter import Meter
from trunkline.identity.limit import Policy, shipped_limits
from trunkline.identity.portal import Portal

NOW = 1_772_366_400_000
BURST = shipped_limits().burst
PROCESSES = 3


def ledgers() -> list[Ledger]:
    """Those of some processes, with nothing in them."""
    memory = memoryview(array("q", bytes(8 * PART * PROCESSES)))
    return [Ledger(memory, PROCESSES, place) for place in range(PROCESSES)]


def policy(slots: int, length: int) -> Policy:
    return Policy(name="X", slots=slots, slot_milliseconds=length, sources=())


policies = st.builds(policy, st.integers(1, SLOTS), st.integers(1, 40))
steps = st.lists(st.tuples(st.integers(0, 5) | st.integers(0, 600), st.integers(0, PROCESSES - 1)), max_size=60)


@given(policies, st.integers(0, 10_000), steps)
def test_together_they_count_as_a_list_of_times_does(of: Policy, now: int, passed: list[tuple[int, int]]) -> None:
    windows, counted = [ledger.window(of, 7, 1) for ledger in ledgers()], list[int]()
    for step, process in passed:
        now += step
        first = now // of.slot_milliseconds - of.slots + 1
        used = sum(time // of.slot_milliseconds >= first for time in counted)
        assert [window.used(now) for window in windows] == [used] * PROCESSES
        windows[process].count()
        counted.append(now)


def test_what_has_another_key_or_policy_is_counted_apart() -> None:
    one, other, _ = ledgers()
    limits = shipped_limits()
    keys = [
        (limits.burst, 1, 1),
        (limits.burst, 1, 2),
        (limits.burst, 2, 1),
        (limits.daily, 1, 0),
        (limits.search, 1, 0),
    ]
    for times, (of, *key) in enumerate(keys, 1):
        for _ in range(times):
            window = one.window(of, *key)
            window.used(NOW)
            window.count()
    assert [other.window(of, *key).used(NOW) for of, *key in keys] == [1, 2, 3, 4, 5]


def test_when_there_is_no_room_those_go_that_are_over_first() -> None:
    one, other, _ = ledgers()
    day = one.window(shipped_limits().daily, 1)
    day.used(NOW)
    day.count()
    for app in range(2 * ROWS):
        window = one.window(BURST, 1, app)
        assert window.used(NOW + app) == 0
        window.count()
        assert other.window(BURST, 1, app).used(NOW + app) == 1
    assert other.window(shipped_limits().daily, 1).used(NOW) == 1
    kept = sum(other.window(BURST, 1, app).used(NOW + app) for app in range(2 * ROWS))
    assert 0.9 * ROWS < kept < ROWS


def test_time_may_jump() -> None:
    window = ledgers()[0].window(BURST, 1, 1)
    for now in (NOW, NOW - 3_000, NOW - 3_600_000, NOW + 3_600_000):
        before = window.used(now)
        window.count()
        assert window.used(now) == before + 1
    assert window.used(NOW + 3_600_000 + BURST.span) == 0


def test_a_limit_holds_for_all_together() -> None:
    meters = [Meter("hubspot", ledger) for ledger in ledgers()]
    portal = Portal(id=1, name="p", created=0, products={"sales": "ENTERPRISE"})
    charges = [meters[n % 3].charge(portal, 5, public=False, search=False, now=NOW) for n in range(200)]
    assert sum(charge.refusal is None for charge in charges) == 190
    headers = [dict(charge.headers) for charge in charges[:3]]
    assert [told[b"x-hubspot-ratelimit-remaining"] for told in headers] == [b"189", b"188", b"187"]
    assert [told[b"x-hubspot-ratelimit-daily-remaining"] for told in headers] == [b"999999", b"999998", b"999997"]


def test_a_fault_is_counted_by_all() -> None:
    parts = [Rules(partial(ledger.window, FAULTS)) for ledger in ledgers()]
    fault = Fault(kind="reset", name="r", after=2, count=3)
    met = Met("GET", "/crm", "/crm", 1)

    def course(kept: Kept, requests: int) -> str:
        for rules in parts:
            rules.put([(1, kept), (2, kept)])
        return "".join("X" if drawn(parts[n % PROCESSES].of(1), met) else "-" for n in range(requests))

    kept = parts[0].placed(1, fault, NOW)
    assert course(kept, 9) == "--XXX----"
    assert {(rule.met, rule.struck) for rules in parts for rule in rules.of(1)} == {(9, 3)}
    assert {(rule.met, rule.struck) for rules in parts for rule in rules.of(2)} == {(0, 0)}
    assert course(kept, 2) == "--"
    assert course(parts[1].placed(1, fault, NOW), 3) == "--X"
