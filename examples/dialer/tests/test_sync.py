"""What happens to integrations sooner or later. Each of these tests finds one of the bugs in `buggy.py`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialer.calls import Call
from dialer.sync import Sync

from trunkline.testing.portal import Portal

BEGAN = datetime(2026, 3, 2, 8, 30, 0, 123000, tzinfo=UTC)


def finished(count: int) -> Iterator[Call]:
    """Calls that the dialer has finished, a minute apart."""
    for n in range(count):
        yield Call(f"call-{n}", BEGAN + timedelta(minutes=n), timedelta(seconds=42), f"+1555000{n:04}")


def test_an_answer_that_gets_lost_makes_no_duplicate(sync: Sync, trunkline: Portal) -> None:
    trunkline.fail_next("commit-then-drop", route="*/calls/batch/*")
    sync.push(finished(150))
    trunkline.expect_no_duplicates("calls", by="hs_call_external_id")
    assert len(trunkline.records("calls")) == 150


def test_a_call_that_is_not_taken_is_told(sync: Sync, trunkline: Portal) -> None:
    one, other, third = finished(3)
    wrong = replace(other, status="GONE FISHING")
    outcome = sync.push([one, wrong, third])
    assert len(trunkline.records("calls")) == outcome.taken == 2
    assert [call for call, _ in outcome.rejected] == [wrong]


def test_a_call_is_in_the_timeline_at_the_time_it_began(sync: Sync, trunkline: Portal) -> None:
    sync.push(finished(1))
    (record,) = trunkline.records("calls", ["hs_timestamp"])
    assert datetime.fromisoformat(record["properties"]["hs_timestamp"]) == BEGAN
    assert trunkline.warnings == []


def test_a_token_that_expired_is_renewed(sync: Sync, trunkline: Portal) -> None:
    in_the_morning, at_noon = finished(2)
    sync.push([in_the_morning])
    trunkline.advance(timedelta(hours=3))
    sync.push([at_noon])
    assert len(trunkline.records("calls")) == 2


def test_a_rate_limit_is_waited_for(sync: Sync, trunkline: Portal) -> None:
    trunkline.fail_next("rate-limit", count=2)
    before = trunkline.now
    sync.push(finished(1))
    assert len(trunkline.records("calls")) == 1
    assert trunkline.now - before >= timedelta(seconds=20)
