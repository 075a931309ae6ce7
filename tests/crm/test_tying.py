"""Associations by their types: batches of pairs, what they are refused with, and the labels of a portal's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.association import LinkSpec, Tie
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.labelling import MOST_LABELS, LabelDraft, LabelPatch, archived, changed, created
from trunkline.crm.link import HUBSPOT_DEFINED, USER_DEFINED, Links, LinkType, shipped_links
from trunkline.crm.plan import Found
from trunkline.crm.tying import Pair, Tying, cut_of
from trunkline.errors import LabelExists, LabelNotFound, Refusal, TooManyLabels

EMPTY = Catalog(1, Definitions())
CONTACTS, COMPANIES, DEALS = (EMPTY.type(name) for name in ("contacts", "companies", "deals"))
PLAIN, PRIMARY = LinkSpec(HUBSPOT_DEFINED, 279), LinkSpec(HUBSPOT_DEFINED, 1)


def with_own(*types: LinkType) -> Links:
    return Links((*shipped_links(), *types))


def label(name: str, links: Links, **more: str) -> list[LinkType]:
    return created(LabelDraft(name, more.pop("label", name.title()), more.get("inverse")), (CONTACTS, COMPANIES), links)


def tied(*pairs: Pair, there: int = 9, catalog: Catalog = EMPTY) -> tuple[list[Tie], list[str]]:
    """The ties of a batch, and what the other pairs are told; the records up to an id are there."""
    work = Tying(pairs, (CONTACTS, COMPANIES), catalog, 6)
    ends = frozenset(end for end in work.wanted().ends if end[1] <= there)
    plan = work.plan(Found(1, 1, {}, {}, ends))
    return plan.ties, [f"{failed.position}: {failed.refusal}" for failed in plan.failed]


def test_a_label_brings_the_plain_tie_along() -> None:
    ties, failed = tied(Pair("1", "2", [PRIMARY]))
    assert [(tie.record, tie.end, tie.type.id) for tie in ties] == [(1, ("0-2", 2), 1), (1, ("0-2", 2), 279)]
    assert failed == []


def test_the_plain_tie_comes_alone() -> None:
    assert [tie.type.id for tie in tied(Pair("1", "2"))[0]] == [279]
    assert [tie.type.id for tie in tied(Pair("1", "2", [PLAIN, PLAIN]))[0]] == [279]


def test_pairs_fail_alone_and_are_told_in_order() -> None:
    ties, failed = tied(
        Pair("x", "2", [PLAIN]),
        Pair("1", "77", [PLAIN]),
        Pair("1", "2", [LinkSpec(HUBSPOT_DEFINED, 3)]),
        Pair("1", "3", "contact_to_company"),
        Pair("1", "3", []),
    )
    assert {tie.end for tie in ties} == {("0-2", 3)}
    assert failed == [
        "0: x is not a valid ID",
        "1: COMPANY=77 is not valid",
        "2: 0-3 is not a valid association type between CONTACT and COMPANY",
        "4: none is not a valid association type between CONTACT and COMPANY",
    ]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from([1, 3, 279, 931])), max_size=20))
def test_every_pair_is_either_tied_or_told_once(pairs: list[tuple[int, int, int]]) -> None:
    ties, failed = tied(*(Pair(str(a), str(b), [LinkSpec(HUBSPOT_DEFINED, kind)]) for a, b, kind in pairs))
    good = [1 <= a <= 9 and 1 <= b <= 9 and kind != 3 for a, b, kind in pairs]
    assert [int(text.partition(":")[0]) for text in failed] == [n for n, fine in enumerate(good) if not fine]
    assert {(tie.record, tie.end[1]) for tie in ties} == {
        (a, b) for (a, b, _), fine in zip(pairs, good, strict=True) if fine
    }


@pytest.mark.parametrize(
    ("types", "cut"),
    [
        ([PRIMARY], [1]),
        ([PLAIN], []),
        ([PRIMARY, PLAIN], []),
        ("contact_to_company", [1]),
        ("contact_to_company_unlabeled", []),
        ("1", [1]),
    ],
)
def test_a_cut_ends_the_types_that_are_named_and_with_the_plain_one_all(
    types: str | list[LinkSpec], cut: list[int]
) -> None:
    made = cut_of(Pair("1", "2", types), (CONTACTS, COMPANIES), EMPTY.links)
    assert made is not None
    assert [link.id for link in made.types] == cut


@pytest.mark.parametrize(
    "pair", [Pair("1", "2", "nope"), Pair("x", "2", [PLAIN]), Pair("1", "", [PLAIN]), Pair("1", "2")]
)
def test_what_means_nothing_is_not_cut(pair: Pair) -> None:
    assert cut_of(pair, (CONTACTS, COMPANIES), EMPTY.links) is None


def test_a_label_is_two_types_that_are_each_others_inverse() -> None:
    one, back = label("boss", EMPTY.links, inverse="Firm")
    assert (one.id, one.source, one.target, one.label, one.inverse) == (1, "0-1", "0-2", "Boss", 2)
    assert (back.id, back.source, back.target, back.label, back.inverse) == (2, "0-2", "0-1", "Firm", 1)
    assert {one.category, back.category} == {USER_DEFINED}
    assert with_own(one, back).inverse(one) == back


def test_between_records_of_one_type_a_label_without_direction_is_one_type() -> None:
    (only,) = created(LabelDraft("twin", "Twin"), (CONTACTS, CONTACTS), EMPTY.links)
    assert only.inverse == only.id
    pair = created(LabelDraft("boss", "Boss", "Staff"), (CONTACTS, CONTACTS), with_own(only))
    assert [(link.id, link.name) for link in pair] == [(2, "boss"), (3, "boss_inverse")]


def test_an_id_is_not_given_again() -> None:
    made = label("boss", EMPTY.links)
    gone = archived(1, (CONTACTS, COMPANIES), with_own(*made), 5)
    links = with_own(*gone)
    assert links.by_id(USER_DEFINED, 1) is None
    assert len(links.between("0-1", "0-2")) == len(EMPTY.links.between("0-1", "0-2"))
    assert [link.id for link in label("boss", links)] == [3, 4]


def test_a_label_that_reads_the_same_from_both_ends_goes_on_so() -> None:
    links = with_own(*label("boss", EMPTY.links))
    assert [link.label for link in changed(LabelPatch(1, "Chief"), (CONTACTS, COMPANIES), links)] == ["Chief", "Chief"]
    paired = with_own(*label("boss", EMPTY.links, inverse="Firm"))
    assert [link.label for link in changed(LabelPatch(2, "House"), (COMPANIES, CONTACTS), paired)] == ["House", "Boss"]


@pytest.mark.parametrize(("name", "text"), [("BOSS", "x"), ("x", "boss"), ("x", "primary")])
def test_a_name_or_a_label_is_given_once_between_two_types(name: str, text: str) -> None:
    links = with_own(*label("boss", EMPTY.links))
    with pytest.raises(LabelExists):
        label(name, links, label=text)


def test_there_are_only_so_many_labels() -> None:
    types: list[LinkType] = []
    for n in range(MOST_LABELS):
        types += label(f"n{n}", with_own(*types))
    with pytest.raises(TooManyLabels):
        label("more", with_own(*types))
    assert created(LabelDraft("more", "More"), (CONTACTS, DEALS), with_own(*types))[0].id == 2 * MOST_LABELS + 1


@pytest.mark.parametrize("ends", [(COMPANIES, CONTACTS), (CONTACTS, DEALS)])
def test_a_label_is_found_only_where_it_starts(ends: tuple[object, object]) -> None:
    links = with_own(*label("boss", EMPTY.links))
    with pytest.raises(LabelNotFound):
        archived(1, ends, links, 5)  # type: ignore[arg-type]


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_label_is_called_it_is_made_or_refused(name: str, text: str) -> None:
    try:
        made = created(LabelDraft(name, text), (CONTACTS, COMPANIES), EMPTY.links)
    except Refusal:
        return
    assert {link.label for link in made} == {text}
    assert text.strip() and "-" not in name
