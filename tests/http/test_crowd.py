"""How many connections are let in, and that none is forgotten or counted twice."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.http.crowd import MOST_REFUSED, Crowd


@pytest.mark.parametrize(
    ("places", "verdicts"),
    [
        ("aaaa", ["admitted", "admitted", "refused", "refused"]),
        ("aabba", ["admitted", "admitted", "admitted", "refused", "refused"]),
        (["", "", "", ""], ["admitted", "admitted", "admitted", "refused"]),
    ],
)
def test_there_are_three_in_all_and_two_of_one_place(places: list[str], verdicts: list[str]) -> None:
    crowd = Crowd()
    assert [crowd.enter(place, 3, 2) for place in places] == verdicts


def test_only_some_are_told() -> None:
    crowd = Crowd()
    told = [crowd.enter("a", 0, 0) for _ in range(MOST_REFUSED)]
    assert set(told) == {"refused"}
    assert crowd.enter("b", 0, 0) == "dropped"
    crowd.leave("b", "dropped")
    crowd.leave("a", "refused")
    assert crowd.enter("b", 0, 0) == "refused"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_who_left_makes_room(steps: list[tuple[str, bool]]) -> None:
    crowd, there = Crowd(), Counter[str]()
    for place, comes in steps:
        if not comes and there[place]:
            crowd.leave(place, "admitted")
            there[place] -= 1
        elif comes:
            verdict = crowd.enter(place, 5, 3)
            assert (verdict == "admitted") == (there.total() < 5 and there[place] < 3)
            if verdict == "admitted":
                there[place] += 1
            else:
                crowd.leave(place, verdict)
        assert len(crowd) == there.total()
    assert len(crowd._places) == sum(count > 0 for count in there.values())
