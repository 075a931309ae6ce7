"""Counts beside limits."""

import pytest

from trunkline.crm import usage
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.link import HUBSPOT_DEFINED, USER_DEFINED, LinkLimit, LinkType
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.property import Property
from trunkline.crm.usage import Share, Tied

EMPTY = Catalog(1, Definitions())


def own(name: str, archived: int | None = None) -> Property:
    more = {"type": "string", "field_type": "text", "hubspot_defined": False}
    return Property(name=name, label=name, archived=archived, **more)  # type: ignore[arg-type]


def of(shares: list[Share], type_: str) -> int:
    (found,) = (share.usage for share in shares if share.of is not None and share.of.id == type_)
    return found


@pytest.mark.parametrize(
    ("count", "limit", "told"), [(94, 15_000_000, 0.001), (1, 15_000_000, 0.0), (1, 3, 33.333), (3, 2, 150.0)]
)
def test_a_share_is_of_a_hundred(count: int, limit: int, told: float) -> None:
    assert Share(None, count, limit).percentage == told


def test_each_object_type_counts_for_itself() -> None:
    shares = usage.records(EMPTY, {"0-1": 5})
    assert len(shares) == len(EMPTY.types)
    assert (of(shares, "0-1"), of(shares, "0-2")) == (5, 0)
    assert {share.limit for share in shares} == {15_000_000, 500_000}


def test_what_is_archived_or_hubspots_own_is_not_counted() -> None:
    catalog = Catalog(
        1,
        Definitions(
            custom={"0-48": [own("a"), own("b"), own("c", archived=5)]},
            pipelines={
                "0-3": [
                    Pipeline(id="x", label="X", display_order=1),
                    Pipeline(id="y", label="Y", display_order=1, archived=3),
                ]
            },
        ),
    )
    assert of(usage.properties(catalog), "0-48") == 2
    assert of(usage.pipelines(catalog), "0-3") == of(usage.pipelines(EMPTY), "0-3") + 1
    assert sum(share.usage for share in usage.calculated(catalog)) == 0
    assert usage.schemas(catalog).usage == 0


def test_labels_are_told_where_they_lead() -> None:
    pair = [
        LinkType(1, "0-1", "0-2", "boss", "Boss", inverse=2, category=USER_DEFINED),
        LinkType(2, "0-2", "0-1", "boss", "Firm", inverse=1, category=USER_DEFINED),
    ]
    catalog = Catalog(1, Definitions(links=pair))
    told = [(one.source.id, one.target.id, one.share.usage) for one in usage.labels(catalog, None, None)]
    assert sorted(told) == [("0-1", "0-2", 1), ("0-2", "0-1", 1)]
    assert [one.types[0].label for one in usage.labels(catalog, "0-2", None)] == ["Firm"]
    assert usage.labels(catalog, "0-2", "0-3") == []


@pytest.mark.parametrize(("most", "near"), [(1, 1), (2, 2), (4, 4), (5, 4), (10, 8), (50_000, 40_000)])
def test_near_is_from_four_fifths_on(most: int, near: int) -> None:
    catalog = Catalog(1, Definitions(limits=[LinkLimit(HUBSPOT_DEFINED, 279, "0-1", "0-2", most)]))
    assert usage.least_near("0-1", catalog) == near
    tied = [Tied("0-2", 9, near), Tied("0-2", 8, near - 1), Tied("0-2", 7, most), Tied("0-48", 6, most)]
    found = usage.near("0-1", tied, catalog)
    assert {record for record, _ in found["0-2"]} == {7, 9}
    assert ("0-48" in found) == (most >= 40_000)
