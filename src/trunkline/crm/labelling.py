"""The labels that a portal gives its associations: types of its own, each made for both directions at once."""

import re
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from trunkline.crm.link import USER_DEFINED, Links, LinkType
from trunkline.crm.record import Moment
from trunkline.crm.tying import Ends
from trunkline.errors import InvalidLabel, LabelExists, LabelNotFound, TooManyLabels

MOST_LABELS = 50
"""Labels of one portal between two object types."""

LONGEST = 255
"""Characters of a name and of a label (chosen: differences)."""


class LabelDraft(Struct, frozen=True):
    """A new label as a client sends it; with `inverse` the other direction is called otherwise."""

    name: str
    label: str
    inverse: str | None = None


class LabelPatch(Struct, frozen=True):
    """The change of a label: the type by its id, and what it is called from now on."""

    id: int
    label: str
    inverse: str | None = None


def created(draft: LabelDraft, ends: Ends, links: Links) -> list[LinkType]:
    """The types of a new label, the other direction last; one where there is no telling the directions apart.

    Raises `InvalidLabel`, `LabelExists` and `TooManyLabels`.
    """
    _require_good(draft)
    source, target = ends[0].id, ends[1].id
    there = own(source, target, links)
    _require_new(draft, links.between(source, target))
    if len(there) >= MOST_LABELS:
        raise TooManyLabels(MOST_LABELS)
    id_ = links.next_own
    same = source == target
    if same and draft.inverse is None:
        return [LinkType(id_, source, target, draft.name, draft.label, inverse=id_, category=USER_DEFINED)]
    back = f"{draft.name}_inverse" if same else draft.name
    return [
        LinkType(id_, source, target, draft.name, draft.label, inverse=id_ + 1, category=USER_DEFINED),
        LinkType(id_ + 1, target, source, back, draft.inverse or draft.label, inverse=id_, category=USER_DEFINED),
    ]


def changed(patch: LabelPatch, ends: Ends, links: Links) -> list[LinkType]:
    """The types of a label with what they are called from now on; raises `LabelNotFound` and `InvalidLabel`."""
    _require_text(patch.label, "label")
    if patch.inverse is not None:
        _require_text(patch.inverse, "inverseLabel")
    found = _found(patch.id, ends, links)
    back = links.inverse(found)
    types = [msgspec.structs.replace(found, label=patch.label)]
    if back is not None and back != found:
        # A label that is one for both directions stays one.
        label = patch.inverse or (patch.label if back.label == found.label else back.label)
        types.append(msgspec.structs.replace(back, label=label))
    return types


def archived(id_: int, ends: Ends, links: Links, now: Moment) -> list[LinkType]:
    """The types of a label, archived; none where it was archived before. Raises `LabelNotFound`."""
    gone = links.gone.get(id_)
    if gone is not None and (gone.source, gone.target) == (ends[0].id, ends[1].id):
        return []
    found = _found(id_, ends, links)
    both = dict.fromkeys(type_ for type_ in (found, links.inverse(found)) if type_ is not None)
    return [msgspec.structs.replace(type_, archived=now) for type_ in both]


def own(source: str, target: str, links: Links) -> Sequence[LinkType]:
    """The labels of the portal's own from one object type to another."""
    return [type_ for type_ in links.between(source, target) if type_.category == USER_DEFINED and type_.label]


def _found(id_: int, ends: Ends, links: Links) -> LinkType:
    for type_ in own(ends[0].id, ends[1].id, links):
        if type_.id == id_:
            return type_
    raise LabelNotFound(id_)


def _require_good(draft: LabelDraft) -> None:
    _require_text(draft.name, "name")
    _require_text(draft.label, "label")
    if draft.inverse is not None:
        _require_text(draft.inverse, "inverseLabel")
    if "-" in draft.name or re.match(r"\d", draft.name):
        message = "The name of an association label cannot have a hyphen or begin with a digit."
        raise InvalidLabel(message, "INVALID_NAME", "name")


def _require_text(text: str, field: str) -> None:
    if not text.strip() or "\0" in text:
        raise InvalidLabel(f"{field} cannot be blank.", "BLANK", field)
    if len(text) > LONGEST:
        raise InvalidLabel(f"{field} cannot be longer than {LONGEST} characters.", "TOO_LONG", field)


def _require_new(draft: LabelDraft, there: Iterable[LinkType]) -> None:
    for type_ in there:
        if type_.name.lower() == draft.name.lower():
            raise LabelExists("name", draft.name)
        if type_.label is not None and type_.label.lower() == draft.label.lower():
            raise LabelExists("label", draft.label)
