"""What waits to be told: in order for each record, whatever fails and whenever it is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from trunkline.feeds.event import Event
from trunkline.feeds.queue import DELAYS, LARGEST, MOST, Item, Queue

DAY = 24 * 3600 * 1000


def event(position: int, record: int = 0, subscription: int = 1) -> Event:
    return Event(position, subscription, 0, ("0-1", record or position), {"eventId": position})


def positions(items: list[Item]) -> list[int]:
    return [item.event.position for item in items]


def filled(*events: Event) -> Queue:
    queue = Queue()
    queue.add(events)
    return queue


def test_a_request_has_a_hundred_events_at_most() -> None:
    queue = filled(*(event(number + 1) for number in range(150)))
    assert [len(queue.take(0)) for _ in range(3)] == [LARGEST, 50, 0]


def test_an_event_waits_for_those_before_it_of_its_record() -> None:
    queue = filled(event(1, 7), event(2, 8))
    first = queue.take(0)
    queue.add([event(3, 7), event(4, 9)])
    assert positions(queue.take(0)) == [4]
    queue.failed(first[:1], 0, answered=True)
    queue.told(first[1:])
    assert queue.take(0) == []
    assert positions(queue.take(DAY)) == [1]


def test_what_was_answered_badly_is_told_in_halves_until_one_is_alone() -> None:
    queue = filled(*(event(number) for number in range(1, 9)))
    now, sizes = 0, []
    while items := queue.take(now):
        sizes.append(len(items))
        if 5 in positions(items):
            queue.failed(items, now, answered=True)
        else:
            queue.told(items)
        now += DAY
    assert (sizes[0], len(queue)) == (8, 0)
    assert sizes.count(1) >= 10 - 3, "the one to blame was tried until it was given up"


def test_an_event_is_tried_ten_times_more_within_a_day() -> None:
    queue = filled(event(1))
    now, tries = 0, 0
    while items := queue.take(now):
        tries += 1
        before = now
        if queue.failed(items, now, answered=False):
            assert queue.take(before) == []
            now += DELAYS[tries - 1]
    assert (tries, now <= DAY, len(queue)) == (11, True, 0)


def test_what_was_undone_or_is_no_longer_wanted_is_forgotten() -> None:
    queue = filled(event(1), event(2), event(3, 0, 2), event(4))
    queue.drop(1, 2)
    queue.retain({1})
    assert positions(queue.take(0)) == [1, 4]


def test_it_is_full_before_it_takes_all_memory() -> None:
    queue = filled(*(event(number + 1) for number in range(MOST)))
    assert queue.full
    queue.told(queue.take(0))
    assert not queue.full


steps = st.lists(st.sampled_from(["take", "told", "failed", "later", "kept"]), max_size=40)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=30), steps)
def test_each_record_is_told_in_order_and_nothing_is_lost_even_over_a_restart(
    records: list[int], steps: list[str]
) -> None:
    events = [event(number, record) for number, record in enumerate(records, 1)]
    queue, told, now, flying = filled(*events), list[Event](), 0, list[list[Item]]()
    for step in [*steps, *("later", "take", "told") * 200]:
        match step:
            case "take" if taken := queue.take(now):
                flying.append(taken)
            case "told" if flying:
                items = flying.pop(0)
                told += [item.event for item in items]
                queue.told(items)
            case "failed" if flying and max(item.attempt for item in flying[0]) < 9:
                queue.failed(flying.pop(0), now, answered=True)
            case "later":
                now += DELAYS[-1]
            case "kept":
                place = queue.place(len(events))
                queue, flying = Queue(), []
                for parked in place.parked:
                    queue.restore(events[parked.position - 1], parked)
                waiting = {parked.key for parked in place.parked}
                queue.add(one for one in events[place.after :] if one.key not in waiting)
    assert {one.key for one in told} == {one.key for one in events}
    for record in set(records):
        places = list(dict.fromkeys(one.position for one in told if one.subject[1] == record))
        assert places == sorted(places)
