"""The data file of association types: its shape, that directions pair up, and the facts of behaviour 3.12 and 3.13."""

import re
from collections import Counter, defaultdict

import pytest

from trunkline.crm.catalog import shipped_types
from trunkline.crm.link import HUBSPOT_DEFINED, LinkType, shipped_links

LINKS = shipped_links()
BY_ID = {link.id: link for link in LINKS}
PAIRS: dict[tuple[str, str], list[LinkType]] = defaultdict(list)
for each in LINKS:
    PAIRS[each.source, each.target].append(each)


def test_ids_are_unique_and_sorted() -> None:
    assert [link.id for link in LINKS] == sorted(BY_ID)
    assert len(BY_ID) == 429


def test_names_are_unique_and_written_as_version_3_shows_them() -> None:
    assert [name for name, times in Counter(link.name for link in LINKS).items() if times > 1] == []
    assert [link.name for link in LINKS if not re.fullmatch(r"[a-z]+(_[a-z]+)*_to_[a-z]+(_[a-z]+)*", link.name)] == []
    assert [link.name for link in LINKS if re.search(r"(^|_)meeting(?!_event)", link.name)] == []


def test_ends_are_object_type_ids_and_the_category_is_hubspots() -> None:
    assert [link for link in LINKS for end in (link.source, link.target) if not re.fullmatch(r"0-\d+", end)] == []
    assert {link.category for link in LINKS} == {HUBSPOT_DEFINED}


def test_the_inverse_of_the_inverse_is_the_type_itself() -> None:
    for link in LINKS:
        if link.inverse is not None:
            other = BY_ID[link.inverse]
            assert (other.inverse, other.source, other.target) == (link.id, link.target, link.source)
            assert other.primary == link.primary
            assert (other.label is None) == (link.label is None)


def test_a_tie_between_records_that_are_served_is_seen_from_both_sides() -> None:
    served = {type_.type_id for type_ in shipped_types()}
    assert [link.id for link in LINKS if link.inverse is None] == [333, 521, 571, 691]
    assert [link.id for link in LINKS if link.inverse is None and {link.source, link.target} <= served] == []


INFERRED = {
    278: 277,
    286: 287,
    313: 314,
    369: 370,
    393: 394,
    428: 429,
    578: 579,
    580: 581,
    594: 595,
    598: 599,
    728: 729,
    809: 810,
    986: 987,
    1250: 1251,
    1252: 1253,
    1255: 1256,
    1261: 1262,
    1299: 1300,
    1345: 1344,
}
"""Types whose way back no source tells, and the id beside theirs that it was given (behaviour 16.2)."""


@pytest.mark.parametrize("known", INFERRED)
def test_a_way_back_that_nobody_tells_is_the_type_beside_it(known: int) -> None:
    there, back = BY_ID[known], BY_ID[INFERRED[known]]
    assert (there.inverse, back.inverse, back.label, back.primary) == (back.id, known, there.label, there.primary)


def test_every_type_that_public_sources_name_is_there() -> None:
    unknown_ends = {32, 565, 679, 1304}
    guessed = {195, 196, *INFERRED.values()}
    assert len(BY_ID.keys() - guessed) == 413 - len(unknown_ends) - 1
    assert not unknown_ends & BY_ID.keys()


def test_primary_types_are_labelled_so() -> None:
    assert {link.label for link in LINKS if link.primary} == {"Primary"}
    assert "Primary" not in {link.label for link in LINKS if not link.primary}


@pytest.mark.parametrize("links", PAIRS.values(), ids=["->".join(pair) for pair in PAIRS])
def test_the_plain_type_is_the_default_one(links: list[LinkType]) -> None:
    assert [link for link in links if link.label is None] == [link for link in links if link.default]
    assert len([link for link in links if link.default]) == 1


@pytest.mark.parametrize(
    ("source", "target", "default"),
    [
        ("0-48", "0-1", 194),
        ("0-48", "0-2", 182),
        ("0-48", "0-3", 206),
        ("0-48", "0-5", 220),
        ("0-1", "0-48", 193),
        ("0-1", "0-2", 279),
        ("0-2", "0-1", 280),
        ("0-3", "0-1", 3),
        ("0-3", "0-2", 341),
        ("0-2", "0-3", 342),
        ("0-5", "0-1", 16),
        ("0-5", "0-2", 339),
        ("0-2", "0-5", 340),
        ("0-5", "0-3", 28),
        ("0-46", "0-1", 202),
        ("0-27", "0-1", 204),
        ("0-47", "0-1", 200),
        ("0-49", "0-1", 198),
    ],
)
def test_defaults_are_those_that_the_service_uses(source: str, target: str, default: int) -> None:
    assert [link.id for link in PAIRS[source, target] if link.default] == [default]


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        (194, "call_to_contact"),
        (206, "call_to_deal"),
        (1, "contact_to_company"),
        (2, "company_to_contact"),
        (279, "contact_to_company_unlabeled"),
        (341, "deal_to_company_unlabeled"),
        (3, "deal_to_contact"),
        (204, "task_to_contact"),
        (200, "meeting_event_to_contact"),
        (199, "contact_to_meeting_event"),
        (931, "billing_contact_to_company"),
        (930, "company_to_billing_contact"),
        (13, "parent_to_child_company"),
        (702, "quote_to_contact_signer"),
        (195, "contact_to_conversation_session"),
    ],
)
def test_names_that_were_seen(id_: int, name: str) -> None:
    assert BY_ID[id_].name == name


def test_the_id_that_sources_give_to_two_types_is_the_tickets() -> None:
    assert (BY_ID[594].target, BY_ID[1158].source, BY_ID[1158].target) == ("0-5", "0-142", "0-19")
