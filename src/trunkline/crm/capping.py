"""The limits that a portal sets on associations: to how many records one may be tied by one type (behaviour 16.9)."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from trunkline.crm.association import LinkSpec
from trunkline.crm.link import CATEGORIES, LinkLimit, Links, LinkType
from trunkline.crm.plan import Failed
from trunkline.crm.tying import Ends, between
from trunkline.crm.values import text
from trunkline.errors import ImpossibleLimit, InvalidAssociationType, LimitNotFound, Refusal

MOST = 50_000
"""Records that one may be tied to anyway: a portal's own limits are no higher (chosen: differences)."""

LARGEST = 100
"""Inputs of one batch (chosen: differences)."""


class LimitDraft(Struct, frozen=True):
    """A limit as a client sends it."""

    spec: LinkSpec
    most: int


class Limited(Struct, frozen=True):
    """A type of association with the limit that it has, or had."""

    type: LinkType
    limit: LinkLimit


def created(drafts: Sequence[LimitDraft], ends: Ends, links: Links) -> tuple[list[Limited], list[Failed]]:
    """The limits of a batch, and what those are refused with that cannot be; one that is there is set anew."""
    return _each(drafts, links, lambda draft, known: _capped(draft, ends, known))


def changed(drafts: Sequence[LimitDraft], ends: Ends, links: Links) -> tuple[list[Limited], list[Failed]]:
    """The same where every limit has to be there."""

    def one(draft: LimitDraft, known: Links) -> Limited:
        type_ = _type(draft.spec, ends, known)
        if known.most(type_) is None:
            raise LimitNotFound(_spelled(type_))
        return _capped(draft, ends, known)

    return _each(drafts, links, one)


def purged(specs: Sequence[LinkSpec], ends: Ends, links: Links) -> list[Limited]:
    """The limits of some types, taken away; types that have none are passed over."""
    types = dict.fromkeys(type_ for spec in specs if (type_ := between(spec, ends, links)) is not None)
    return [_limited(type_, None) for type_ in types if links.most(type_) is not None]


def listed(links: Links, ends: Ends | None = None) -> list[Limited]:
    """The limits of a portal, or those from one object type to another, in the order of the types' ids."""
    known = ((links.by_id(*key), most) for key, most in sorted(links.limits.items()))
    only = None if ends is None else (ends[0].id, ends[1].id)
    return [
        _limited(type_, most)
        for type_, most in known
        if type_ is not None and (only is None or (type_.source, type_.target) == only)
    ]


def _each(
    drafts: Sequence[LimitDraft], links: Links, make: Callable[[LimitDraft, Links], Limited]
) -> tuple[list[Limited], list[Failed]]:
    """Each input after the other, as if those before had been written."""
    made: list[Limited] = []
    failed: list[Failed] = []
    for position, draft in enumerate(drafts):
        known = links.with_limits(one.limit for one in made)
        try:
            made.append(make(draft, known))
        except Refusal as refusal:
            failed.append(Failed(position, None, refusal))
    return made, failed


def _capped(draft: LimitDraft, ends: Ends, links: Links) -> Limited:
    """Raises `InvalidAssociationType` and `ImpossibleLimit`."""
    type_ = _type(draft.spec, ends, links)
    low, high = _range(type_, links)
    if not low <= draft.most <= high:
        raise ImpossibleLimit(_spelled(type_), draft.most, low, high)
    return _limited(type_, draft.most)


def _range(type_: LinkType, links: Links) -> tuple[int, int]:
    """The limits that a type may have: a label no higher one than the plain type, which has none below a label's."""
    plain = links.default(type_.source, type_.target)
    if plain is None or type_ != plain:
        return 1, MOST if plain is None else links.most(plain) or MOST
    others = (links.most(other) or 0 for other in links.between(type_.source, type_.target) if other != type_)
    return max(others, default=0) or 1, MOST


def _type(spec: LinkSpec, ends: Ends, links: Links) -> LinkType:
    found = between(spec, ends, links)
    if found is None:
        shown = f"{CATEGORIES.index(spec.category)}-{text(spec.type_id)}"
        raise InvalidAssociationType(shown, ends[0].name, ends[1].name)
    return found


def _limited(type_: LinkType, most: int | None) -> Limited:
    return Limited(type_, LinkLimit(type_.category, type_.id, type_.source, type_.target, most))


def _spelled(type_: LinkType) -> str:
    return f"{type_.category}={type_.id}"
