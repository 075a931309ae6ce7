"""The shapes of the engagements API: an engagement in four parts, times in milliseconds since 1970."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.engagement import Parts, Told
from trunkline.crm.record import Record
from trunkline.wire.body import Reader
from trunkline.wire.shape import Array, Choice, Map, Object, Shape, Text

MODELS = "com.hubspot.engagements.models"

EngagementType = Literal["CALL", "EMAIL", "FORWARDED_EMAIL", "INCOMING_EMAIL", "MEETING", "NOTE", "TASK"]
Id = str | int | None
Free = str | int | float | bool | None


class EngagementPatch(Struct, rename="camel", kw_only=True):
    """What a change says of the engagement itself; whatever else it says is passed over."""

    owner_id: Free = None
    timestamp: Free = None
    uid: Free = None
    activity_type: Free = None
    source: Free = None
    source_id: Free = None


class NewEngagement(EngagementPatch, rename="camel", kw_only=True):
    """What a new one says of the engagement itself."""

    type: EngagementType


class Ties(Struct, rename="camel", kw_only=True):
    """The records that a new engagement is associated with. Owners and workflows are taken, and not kept."""

    contact_ids: Sequence[Id] | None = None
    company_ids: Sequence[Id] | None = None
    deal_ids: Sequence[Id] | None = None
    ticket_ids: Sequence[Id] | None = None
    owner_ids: Sequence[Id] | None = None
    workflow_ids: Sequence[Id] | None = None


class AttachmentBody(Struct):
    """A file that is attached."""

    id: Id = None


class PatchBody(Struct, kw_only=True):
    """The change of an engagement: what it leaves out stays, and so do the associations."""

    engagement: EngagementPatch | None = None
    attachments: Sequence[AttachmentBody] | None = None
    metadata: Mapping[str, Any] | None = None


class NewBody(Struct, kw_only=True):
    """A new engagement."""

    engagement: NewEngagement
    associations: Ties | None = None
    attachments: Sequence[AttachmentBody] | None = None
    metadata: Mapping[str, Any] | None = None


_ids = Array("java.util.ArrayList<java.lang.Long>", Text("java.lang.Long"))
_detail: Mapping[str, Shape] = {name: Text() for name in EngagementPatch.__struct_encode_fields__}
_ties = Object(f"{MODELS}.EngagementAssociations", dict.fromkeys(Ties.__struct_encode_fields__, _ids))
_attached = Array(
    f"java.util.ArrayList<{MODELS}.EngagementAttachment>",
    Object(f"{MODELS}.EngagementAttachment", {"id": Text("java.lang.Long")}, nullable=False),
)
_metadata = Map("java.util.Map<java.lang.String, java.lang.Object>", None)
_patch = Reader(
    PatchBody,
    Object(
        f"{MODELS}.EngagementPatch",
        {"engagement": Object(f"{MODELS}.Engagement", _detail), "attachments": _attached, "metadata": _metadata},
    ),
)
_new = Reader(
    NewBody,
    Object(
        f"{MODELS}.EngagementCreate",
        {
            "engagement": Object(
                f"{MODELS}.Engagement",
                {**_detail, "type": Choice(f"{MODELS}.EngagementType", get_args(EngagementType))},
                required=("type",),
                nullable=False,
            ),
            "associations": _ties,
            "attachments": _attached,
            "metadata": _metadata,
        },
        required=("engagement",),
    ),
)


def decode_new(body: bytes) -> tuple[str, Parts]:
    """The type of a new engagement, and its parts; raises `MalformedBody`."""
    sent = _new.read(body)
    ties = msgspec.to_builtins(sent.associations) if sent.associations is not None else {}
    return sent.engagement.type, Parts(
        engagement=msgspec.to_builtins(sent.engagement),
        metadata=sent.metadata or {},
        attachments=_attachments(sent.attachments),
        associations={member: ids for member, ids in ties.items() if ids},
    )


def decode_patch(body: bytes) -> Parts:
    """The change of an engagement; raises `MalformedBody`."""
    sent = _patch.read(body)
    return Parts(
        engagement=msgspec.to_builtins(sent.engagement) if sent.engagement is not None else {},
        metadata=sent.metadata or {},
        attachments=_attachments(sent.attachments),
    )


def _attachments(sent: Sequence[AttachmentBody] | None) -> list[Id] | None:
    return None if sent is None else [one.id for one in sent if one.id is not None]


class Engagement(Struct, rename="camel", kw_only=True):
    """The engagement itself. `active` is whether it is in no recycle bin."""

    id: int
    portal_id: int
    active: bool
    created_at: int
    last_updated: int
    created_by: int | UnsetType = UNSET
    modified_by: int | UnsetType = UNSET
    owner_id: int | UnsetType = UNSET
    type: EngagementType
    uid: str | UnsetType = UNSET
    timestamp: int | UnsetType = UNSET
    activity_type: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    source_id: str | UnsetType = UNSET
    team_id: int | UnsetType = UNSET
    all_accessible_team_ids: list[int] | UnsetType = UNSET
    queue_membership_ids: list[int] | UnsetType = UNSET
    body_preview: str | UnsetType = UNSET
    body_preview_html: str | UnsetType = UNSET
    body_preview_is_truncated: bool | UnsetType = UNSET
    gdpr_deleted: bool | UnsetType = UNSET


class EngagementAssociations(Struct, rename="camel", kw_only=True):
    """The records that an engagement is associated with, by type."""

    contact_ids: list[int] = []
    company_ids: list[int] = []
    deal_ids: list[int] = []
    owner_ids: list[int] = []
    workflow_ids: list[int] = []
    ticket_ids: list[int] = []


class Attachment(Struct):
    """A file that is attached."""

    id: int


class EngagementAnswer(Struct, kw_only=True):
    """An engagement as the old API answers it; members that do not apply are left out."""

    engagement: Engagement
    associations: EngagementAssociations
    attachments: list[Attachment]
    metadata: dict[str, Any]


class EngagementPage(Struct, rename="camel"):
    """One page of all engagements; `offset` is where the next one starts."""

    results: list[EngagementAnswer]
    has_more: bool
    offset: int


class RecentPage(Struct, rename="camel"):
    """One page of those that changed lately, the latest first; `offset` is how many come before the next one."""

    results: list[EngagementAnswer]
    has_more: bool
    offset: int
    total: int


def render(record: Record, told: Told, ties: Mapping[str, Sequence[int]], portal: int) -> EngagementAnswer:
    """The answer about one record; `ties` has the ids at the other ends, by member."""
    detail = {
        "id": record.id,
        "portalId": portal,
        "active": record.archived is None,
        "createdAt": record.created,
        "lastUpdated": record.updated,
        "type": told.kind,
    }
    return EngagementAnswer(
        engagement=msgspec.convert({**told.engagement, **detail}, Engagement),
        associations=msgspec.convert(ties, EngagementAssociations),
        attachments=[Attachment(id_) for id_ in told.attachments],
        metadata=told.metadata,
    )


encode = msgspec.json.encode
"""The JSON of an answer."""
