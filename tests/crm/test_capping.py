"""Limits on associations: which may be set, and what they let pass."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.association import LinkSpec
from trunkline.crm.capping import MOST, LimitDraft, changed, created, listed, purged
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.counting import Count, Way, limited
from trunkline.crm.link import HUBSPOT_DEFINED, LinkLimit, Links
from trunkline.crm.plan import Found
from trunkline.crm.tying import Pair, Tying

EMPTY = Catalog(1, Definitions())
CONTACTS, COMPANIES, DEALS = (EMPTY.type(name) for name in ("contacts", "companies", "deals"))
ENDS = CONTACTS, COMPANIES
PLAIN, PRIMARY, BACK = 279, 1, 280


def draft(type_: int, most: int) -> LimitDraft:
    return LimitDraft(LinkSpec(HUBSPOT_DEFINED, type_), most)


def having(limits: Mapping[int, int]) -> Links:
    made = [LinkLimit(HUBSPOT_DEFINED, type_, "0-1", "0-2", most) for type_, most in limits.items()]
    return Links(None, made)


def ways(*pairs: tuple[int, int], kind: int = PLAIN) -> list[Way]:
    link = EMPTY.links.by_id(HUBSPOT_DEFINED, kind)
    assert link is not None
    return [((link.source, one), (link.target, other), link) for one, other in pairs]


@pytest.mark.parametrize(
    ("there", "asked", "told"),
    [
        ({}, (PLAIN, 1), ""),
        ({}, (PLAIN, MOST), ""),
        ({}, (PLAIN, 0), "from 1 to 50000"),
        ({}, (PLAIN, MOST + 1), "from 1 to 50000"),
        ({PLAIN: 10}, (PRIMARY, 10), ""),
        ({PLAIN: 10}, (PRIMARY, 11), "from 1 to 10"),
        ({PRIMARY: 10}, (PLAIN, 10), ""),
        ({PRIMARY: 10}, (PLAIN, 9), "from 10 to 50000"),
        ({PLAIN: 10}, (PLAIN, 3), ""),
        ({}, (BACK, 3), "not a valid association type"),
    ],
)
def test_a_limit_is_within_its_range(there: dict[int, int], asked: tuple[int, int], told: str) -> None:
    made, failed = created([draft(*asked)], ENDS, having(there))
    assert [one.limit.most for one in made] == ([] if told else [asked[1]])
    assert told in "".join(str(one.refusal) for one in failed)
    assert bool(failed) == bool(told)


@given(st.lists(st.tuples(st.sampled_from([PLAIN, PRIMARY]), st.integers(0, 5)), max_size=12))
def test_however_limits_are_set_no_label_has_a_higher_one_than_its_types(asked: list[tuple[int, int]]) -> None:
    made, failed = created([draft(*one) for one in asked], ENDS, EMPTY.links)
    links = EMPTY.links.with_limits(one.limit for one in made)
    plain, label = (links.limits.get((HUBSPOT_DEFINED, type_)) for type_ in (PLAIN, PRIMARY))
    assert plain is None or label is None or label <= plain
    assert len(made) + len(failed) == len(asked)


def test_only_what_is_there_is_changed_or_taken_away() -> None:
    links = having({PLAIN: 3})
    made, failed = changed([draft(PLAIN, 4), draft(PRIMARY, 1)], ENDS, links)
    assert ([one.limit.most for one in made], [one.position for one in failed]) == ([4], [1])
    gone = purged([LinkSpec(HUBSPOT_DEFINED, type_) for type_ in (PLAIN, PLAIN, PRIMARY, BACK, 3)], ENDS, links)
    assert [(one.limit.id, one.limit.most) for one in gone] == [(PLAIN, None)]


def test_limits_are_listed_where_they_lead() -> None:
    limits = [LinkLimit(HUBSPOT_DEFINED, 3, "0-3", "0-1", 5), LinkLimit(HUBSPOT_DEFINED, PLAIN, "0-1", "0-2", 3)]
    links = Links(None, [*limits, LinkLimit(HUBSPOT_DEFINED, PRIMARY, "0-1", "0-2")])
    assert [one.limit.id for one in listed(links)] == [3, PLAIN]
    assert [one.limit.id for one in listed(links, ENDS)] == [PLAIN]
    assert listed(links, (COMPANIES, CONTACTS)) == []


def test_nothing_is_looked_up_where_no_limit_is_set() -> None:
    assert limited(ways((1, 2)), EMPTY.links) == []
    assert [end for end, _ in limited(ways((1, 2)), having({PLAIN: 1}))] == [("0-1", 1)]
    assert [end for end, _ in limited(ways((1, 2)), having({BACK: 1}))] == [("0-2", 2)]


@given(
    st.integers(1, 4),
    st.sampled_from([PLAIN, BACK]),
    st.frozensets(st.integers(1, 6), max_size=6),
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=4), max_size=6),
)
def test_what_is_let_pass_keeps_the_limit_and_what_is_not_would_break_it(
    most: int, kind: int, there: frozenset[int], groups: list[list[tuple[int, int]]]
) -> None:
    """Against a plain count: the first record of one side has some already, each group goes in whole or not at all."""
    links = having({kind: most})
    link = links.by_id(HUBSPOT_DEFINED, kind)
    assert link is not None
    count = Count({((link.source, 1), link): there}, links)
    kept: dict[int, set[int]] = {1: set(there)}
    for group in groups:
        after = {one: ids.copy() for one, ids in kept.items()}
        for one, other in group:
            after.setdefault(one, set()).add(other)
        fits = all(len(ids) <= most or ids == kept.get(one, set()) for one, ids in after.items())
        passed = count.passed(ways(*group, kind=kind))
        assert (passed is None) == fits
        kept = after if fits else kept


def test_a_batch_goes_in_as_far_as_the_limit_allows() -> None:
    catalog = Catalog(1, Definitions(limits=[LinkLimit(HUBSPOT_DEFINED, PLAIN, "0-1", "0-2", 2)]))
    work = Tying([Pair("1", str(other)) for other in (2, 3, 2, 4)], ENDS, catalog, 6)
    wanted = work.wanted()
    assert [(end, link.id) for end, link in dict.fromkeys(wanted.held)] == [(("0-1", 1), PLAIN)]
    found = Found(1, 1, {}, {}, frozenset(wanted.ends), {wanted.held[0]: frozenset((9,))})
    plan = work.plan(found)
    assert [tie.end[1] for tie in plan.ties] == [2, 2]
    assert [failed.position for failed in plan.failed] == [1, 3]
