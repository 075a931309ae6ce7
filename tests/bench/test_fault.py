"""Rules for faults: which requests they fit, how often they strike, and that chance repeats itself."""

import msgspec
import pytest

from trunkline.bench.fault import KINDS, Fault, Kept, KindName, Met, Rule, Rules, drawn

TEMPLATE = "/crm/v3/objects/{type}/batch/upsert"
UPSERT = Met("POST", "/crm/v3/objects/calls/batch/upsert", TEMPLATE, 7, writes=True)
LIST = Met("GET", "/crm/v3/objects/calls", "/crm/v3/objects/{type}", 7)
SEARCH = Met("POST", "/crm/v3/objects/calls/search", "/crm/v3/objects/{type}/search", 8, search=True)


@pytest.mark.parametrize(
    ("members", "fits"),
    [
        ({}, [UPSERT, LIST, SEARCH]),
        ({"method": "POST"}, [UPSERT, SEARCH]),
        ({"app": 7}, [UPSERT, LIST]),
        ({"app": 7, "method": "GET"}, [LIST]),
        ({"route": TEMPLATE}, [UPSERT]),
        ({"route": "/crm/v3/objects/{objectType}/batch/upsert"}, [UPSERT]),
        ({"route": "/crm/v3/objects/{objectType}/batch/create"}, []),
        ({"route": "/crm/v3/objects/calls"}, [LIST]),
        ({"route": "*/batch/*"}, [UPSERT]),
        ({"route": "/crm/v3/objects/calls*"}, [UPSERT, LIST, SEARCH]),
        ({"route": "/crm/v3/objects/CALLS*"}, []),
        ({"kind": "search-limit"}, [SEARCH]),
        ({"kind": "rate-limit"}, [UPSERT, LIST]),
        ({"kind": "commit-then-drop"}, [UPSERT]),
    ],
)
def test_a_rule_fits_what_it_names(members: dict[str, object], fits: list[Met]) -> None:
    fault = _fault(**members)
    assert [met for met in (UPSERT, LIST, SEARCH) if fault.fits(met)] == fits


@pytest.mark.parametrize(
    ("members", "struck"),
    [
        ({}, "XXXXXXXX"),
        ({"count": 2}, "XX------"),
        ({"after": 3}, "---XXXXX"),
        ({"after": 3, "count": 1}, "---X----"),
        ({"probability": 0}, "--------"),
    ],
)
def test_a_rule_strikes_as_often_as_it_says(members: dict[str, object], struck: str) -> None:
    rule = _rule(_fault(**members))
    assert _course(rule, len(struck)) == struck
    assert (rule.met, rule.struck) == (len(struck), struck.count("X"))


def test_what_a_rule_does_not_fit_is_not_counted() -> None:
    rule = _rule(_fault(method="POST", count=1))
    assert [rule.strike(met) for met in (LIST, LIST, UPSERT, UPSERT)] == [False, False, True, False]
    assert (rule.met, rule.struck) == (2, 1)


def test_chance_repeats_itself_with_the_seed_and_differs_with_another() -> None:
    courses = [_course(_rule(_fault(probability=0.3, seed=seed)), 500) for seed in (1, 1, 2)]
    assert courses[0] == courses[1] != courses[2]
    assert all(100 < course.count("X") < 200 for course in courses)


def test_the_first_that_strikes_is_the_one() -> None:
    rules = Rules()
    rules.put([(1, Kept(_fault(kind="reset", name="b", count=1), 2)), (1, Kept(_fault(name="a", count=1), 1))])
    struck = [drawn(rules.of(1), UPSERT) for _ in range(3)]
    assert [fault and fault.kind for fault in struck] == ["server-error", "reset", None]
    assert [rule.met for rule in rules.of(1)] == [3, 2]


def test_a_fault_is_called_like_its_kind_unless_it_has_a_name_and_comes_last() -> None:
    rules = Rules()
    kept: list[Kept] = []
    for given in ({}, {}, {"name": "mine"}):
        kept.append(rules.placed(1, _fault(**given), 0))
        rules.put((1, each) for each in kept)
    assert [each.fault.name for each in kept] == ["server-error", "server-error-2", "mine"]
    assert [each.place for each in kept] == [0, 1, 2]
    assert not rules.of(2)
    rules.forget(1)
    assert not rules.of(1)


def test_only_what_was_at_work_before_goes_on_counting() -> None:
    rules = Rules()
    first, second = rules.placed(1, _fault(name="a"), 1), Kept(_fault(name="b"), 2)
    rules.put([(1, first), (1, second)])
    assert drawn(rules.of(1), UPSERT)
    rules.put([(1, first), (1, Kept(_fault(name="b", count=1), 2)), (2, first)])
    assert [[rule.met for rule in rules.of(portal)] for portal in (1, 2)] == [[1, 0], [0]]
    rules.put([(1, Kept(first.fault, 3))])
    assert [rule.met for rule in rules.of(1)] == [0]


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "none"},
        {"kind": "slow"},
        {"kind": "slow", "seconds": 601},
        {"kind": "rate-limit", "carriedOut": True},
        {"kind": "reset", "route": "crm"},
        {"kind": "reset", "probability": 1.1},
        {"kind": "reset", "count": 0},
        {"kind": "reset", "name": "a/b"},
        {"kind": "reset", "latency": 1},
    ],
)
def test_what_does_not_go_together_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(members, Fault)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_for_and_says_whether_the_work_is_done(kind: KindName) -> None:
    fault = msgspec.convert({"kind": kind, "seconds": 1}, Fault)
    assert fault.late == (KINDS[kind].carried == "always")
    assert KINDS[kind].meaning.endswith(".")


def _fault(**members: object) -> Fault:
    return msgspec.convert({"kind": "server-error"} | members, Fault)


def _rule(fault: Fault) -> Rule:
    rules = Rules()
    rules.put([(1, Kept(fault, 1))])
    [rule] = rules.of(1)
    return rule


def _course(rule: Rule, requests: int) -> str:
    return "".join("X" if rule.strike(UPSERT) else "-" for _ in range(requests))
