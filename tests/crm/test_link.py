"""Looking association types up."""

import pytest

from trunkline.crm.link import HUBSPOT_DEFINED, Links, LinkType, shipped_links

OURS = (
    LinkType(id=1, source="0-1", target="0-2", name="a_to_b", label="Primary", primary=True, inverse=2),
    LinkType(id=2, source="0-2", target="0-1", name="b_to_a", label="Primary", primary=True, inverse=1),
    LinkType(id=3, source="0-1", target="0-2", name="a_to_b_unlabeled", default=True),
    LinkType(id=1, source="0-1", target="0-2", name="own", label="Own", category="USER_DEFINED"),
)


def test_by_category_and_id() -> None:
    links = Links(OURS)
    assert links.by_id(HUBSPOT_DEFINED, 1) is OURS[0]
    assert links.by_id("USER_DEFINED", 1) is OURS[3]
    assert links.by_id("USER_DEFINED", 2) is None
    assert links.by_id(HUBSPOT_DEFINED, 0) is None


def test_between_two_object_types_in_one_direction() -> None:
    links = Links(OURS)
    assert links.between("0-1", "0-2") == (OURS[0], OURS[2], OURS[3])
    assert links.between("0-2", "0-1") == (OURS[1],)
    assert links.between("0-1", "0-1") == ()


def test_the_default_one() -> None:
    links = Links(OURS)
    assert links.default("0-1", "0-2") is OURS[2]
    assert links.default("0-2", "0-1") is None
    assert Links(()).default("0-1", "0-2") is None


@pytest.mark.parametrize("link", shipped_links()[::40], ids=lambda link: str(link.name))
def test_without_types_of_its_own_it_knows_those_that_come_with_trunkline(link: LinkType) -> None:
    links = Links()
    assert links.by_id(link.category, link.id) is link
    assert link in links.between(link.source, link.target)
