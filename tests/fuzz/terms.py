"""The words that mean something to a server, so that a made-up request gets past its first lines.

`Known` is what has been met so far: it begins with what `fuzz.ground` put there and grows with every answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cases.world import Reply
from fuzz.ground import AT, KEYS

from trunkline.crm.catalog import shipped_types

ODD = (
    "",
    " ",
    "\t\r\n",
    "\0",
    "a\0b",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "NaN",
    "9" * 19,
    "9" * 400,
    "-0.0",
    "\u0661\u0662",
    "\u00b2",
    "\u00e9\u0301",
    "\u0130\u0131\u1e9e",
    "\U0001f600",
    "\ufeff",
    "\u202e",
    "\ud800",
    "../../etc/passwd",
    "..%2f..%2f",
    "a/b",
    "a;b,c",
    "%00%ff",
    "{id}",
    "*",
    "' OR 1=1 --",
    '"; DROP TABLE record; --',
    "<script>alert(1)</script>",
    "x" * 3_001,
    "x" * 70_000,
)
"""Texts that have broken one program or another."""

TYPES = (*("calls",) * 16, "boat", "0-48", "CALL", "contacts", "contact", "companies", "deals")
OTHER_TYPES = (*("contacts",) * 6, "contact", "0-1", "companies", "deals", "calls")
GROUPS = (*("callinformation",) * 4, "call", "contactinformation", "g_1", "g_2", "g_3")
LINKED = ("associations.contact", "associations.company", "associations.calls", "associations.nope")
FORMULAS = (
    "1 + 2",
    "hs_call_duration / 1000",
    "if hs_call_duration > 10 then 1 else 2",
    "concatenate(string(hs_call_title), 'x')",
    "c_1 * c_2",
    "hs_call_duration / 0",
    "((((1))))",
    "1 +",
    "-" * 300 + "1",
    "(" * 300 + "1" + ")" * 300,
    "not " * 300 + "true",
    "9999999999 * " * 300 + "1",
    "if true then " * 100 + "1",
)

VALUES: dict[str, tuple[Any, ...]] = {
    "hs_timestamp": (AT, "2025-04-24", "1745524893000", 1745524893000, "2025-04-24T10:01:33+02:00"),
    "hs_call_title": ("first", "second call", "FIRST", "", 17, True, 1.5),
    "hs_call_body": ("<p>hello <b>you</b></p>", "&amp;<br>" * 50, "plain", ""),
    "hs_call_status": ("COMPLETED", "FAILED", ""),
    "hs_call_direction": ("INBOUND", "OUTBOUND"),
    "hs_call_duration": ("1500", 0, 15220, "1e3", -1, 1.5),
    "hs_call_to_number": ("+1 555 0100", "x"),
    "hubspot_owner_id": ("1", ""),
    "ext_ref": (*KEYS, "B1", "B2", ""),
    "number_key": (17, "17.0", "18", ""),
    "p_1": ("x", "", None),
    "p_2": (AT, 0),
    "p_3": ("1", "true", AT),
    "email": ("a@example.com", "b@example.com", "B@example.com"),
    "name": ("A", "B"),
    "dealname": ("A", "B"),
    "dealstage": ("appointmentscheduled", "closedwon"),
    "pipeline": ("default",),
}
"""Values that a property may have, by its name."""

OF_KIND: dict[str, tuple[Any, ...]] = {
    "string": ("a", "first", "B\u00e9", 17, ""),
    "number": ("1500", 0, 1.5, "-1", "1e3", ""),
    "bool": ("true", "false", True, ""),
    "date": ("2025-04-24", "1745452800000", ""),
    "datetime": (AT, 1745524893000, "2025-04-24", ""),
    "phone_number": ("+1 555 0100", ""),
}
"""Values that a property of some type may have, where none are known by its name."""

SHIPPED = {name: type_ for type_ in shipped_types() for name in (type_.plural, type_.singular, type_.type_id)}
OWN_NAMES = ("ext_ref", "number_key", "p_1", "p_2", "p_3")
"""The properties of calls that `fuzz.ground` and the requests themselves define."""


def names(type_: str) -> tuple[str, ...]:
    """The properties of a type that may be written, in any spelling of the type."""
    data = SHIPPED.get(type_.lower(), SHIPPED["calls"])
    own = OWN_NAMES if data.plural == "calls" else ()
    return (*own, *(one.name for one in data.properties if not one.read_only and not one.calculated))


def required(type_: str) -> tuple[str, ...]:
    """The properties without which no record of a type is made."""
    return SHIPPED.get(type_.lower(), SHIPPED["calls"]).required_properties


def values(name: str, type_: str) -> tuple[Any, ...]:
    """What a property of a type may well be set to; nothing for one that nobody knows."""
    if name in VALUES:
        return VALUES[name]
    found = (one for one in SHIPPED.get(type_.lower(), SHIPPED["calls"]).properties if one.name == name)
    definition = next(found, None)
    if definition is None:
        return ()
    return tuple(option.value for option in definition.options) or OF_KIND.get(definition.type, ("a",))


UNFIT = (
    "-62135596800001",
    "253402300800000",
    "99999999999999999999",
    "1,5",
    "completed;FAILED",
    "2025-02-30T00:00:00Z",
    "2025-04-24T25:00:00+99:99",
    10**30,
    1e308,
    -0.0,
    None,
)
"""Values that hardly any property takes."""

OWN = ("hs_body_preview", "hs_object_id", "hs_createdate", "hs_lastmodifieddate", "no_such_property")
"""Properties that nobody may write."""

LEARNT = ("after", "id")
"""The members of answers that later requests refer to."""

NAMING = ("propertyName", "properties", "propertiesWithHistory")
"""The members that name properties."""

MEANINGS = {
    "id": "ids",
    "toId": "ids",
    "toObjectId": "ids",
    "objectId": "ids",
    "primaryObjectId": "ids",
    "objectIdToMerge": "ids",
    "recordId": "ids",
    "recordIdsToAdd": "ids",
    "recordIdsToRemove": "ids",
    "after": "cursors",
    "job": "jobs",
}
"""The members whose values are met on the way."""

FIXED: dict[str, tuple[Any, ...]] = {
    "appId": ("1",),
    "subscriptionId": ("1", "2", "3"),
    "eventType": ("object.creation", "contact.creation", "company.deletion"),
    "objectTypeId": ("0-48", "0-1"),
    "portalId": (1_000_001, "1000001", 1),
    "installPortalId": ("1000001", "1"),
    "filterId": ("1", "2"),
    "subscriptionType": ("OBJECT", "OBJECT", "ASSOCIATION", "GDPR_PRIVACY_DELETION", "LIST_MEMBERSHIP"),
    "actions": ("CREATE", "UPDATE", "DELETE", "MERGE", "ASSOCIATION_ADDED", "GDPR_DELETE"),
    "objectIds": (100000000001, 100000000002),
    "{count}": ("1", "2", "100"),
    "filterType": ("CRM_OBJECT_PROPERTY",),
    "targetUrl": ("http://127.0.0.1:1/hook",),
    "{type}": TYPES,
    "{to}": OTHER_TYPES,
    "{name}": ("p_1", "p_2", "p_3", "p_4", "c_1", "hs_call_title", "hs_call_status", "ext_ref"),
    "{toType}": OTHER_TYPES,
    "{rule}": (*("MAX_LENGTH",) * 6, "MIN_LENGTH", "REGEX", "EMAIL", "max_length"),
    "{kind}": ("call_to_contact", "call_to_contact", "194", "contact_to_call"),
    "{typeId}": (1, 2, 3, 194),
    "{association}": (*(1, 3, 5, 7, 9, 11), "boat_to_contact", "l_1", "l_2"),
    "{pipeline}": ("default", "default", "0", "pipe_1", "pipe_2"),
    "{stage}": ("appointmentscheduled", "closedwon", "stage_0", "stage_0", "1"),
    "{import}": ("1", "2", "3", "4", "99"),
    "{export}": ("1", "2", "3", "4", "99"),
    "{task}": ("1", "2", "3", "4", "99"),
    "exportType": ("VIEW", "VIEW", "VIEW", "LIST"),
    "format": ("CSV", "csv", "CSV", "XLSX"),
    "objectType": TYPES,
    "associatedObjectType": OTHER_TYPES,
    "objectProperties": ("hs_call_title", "hs_timestamp", "ext_ref", "hs_call_status"),
    "exportInternalValuesOptions": ("NAMES", "VALUES"),
    "includeLabeledAssociations": (False, "false"),
    "includePrimaryDisplayPropertyForAssociatedObjects": (False,),
    "includeErrorMessage": ("true", "false"),
    "includeRowData": ("true", "false"),
    "{owner}": ("10000001", "1"),
    "{listId}": ("1", "2", "3", "4", "5", "99"),
    "{sourceListId}": ("1", "2", "3", "4", "5"),
    "{listName}": ("list_1", "LIST_2", "list_3", "none"),
    "{objectTypeId}": ("0-48", "0-1", "contacts"),
    "{folderId}": ("1", "2", "3", "99"),
    "{newParentFolderId}": ("0", "1", "2", "3"),
    "listIds": ("1", "1,2,3", "99"),
    "legacyListId": ("1", "2", "99"),
    "listName": ("list_1", "list_2", "list_3"),
    "folderId": ("0", "1", "2"),
    "newFolderName": ("a", "b"),
    "includeFilters": ("true", "false"),
    "before": ("100000000004", "1745524893000-100000000004", "0"),
    "processingTypes": ("MANUAL", "DYNAMIC", "SNAPSHOT"),
    "pipelineId": ("pipe_1", "pipe_2", "pipe_3"),
    "stageId": ("stage_1", "stage_2", "stage_3"),
    "type": ("string", "number", "bool", "enumeration", "date", "datetime", "phone_number"),
    "fieldType": ("text", "textarea", "number", "booleancheckbox", "select", "checkbox", "date", "phonenumber"),
    "name": (*(f"p_{n}" for n in range(1, 20)), "c_1", "c_2", "g_1", "g_2", "g_3"),
    "group": GROUPS,
    "groupName": GROUPS,
    "idProperty": ("ext_ref",) * 12 + ("number_key", "hs_object_id", "email", "hs_call_title", "no_such_property"),
    "sorts": ("hs_timestamp", "-hs_timestamp", "hs_timestamp DESCENDING", '{"propertyName":"hs_timestamp"}'),
    "associations": OTHER_TYPES,
    "archived": ("false", "false", "true"),
    "limit": (1, 2, 10, 50, 100),
    "value": tuple(value for some in VALUES.values() for value in some),
    "highValue": ("2030-01-01", 10**6, "z"),
    "values": ("first", "COMPLETED", "FAILED", "A1", "17", AT),
    "query": ("first", "second call", '"first', "f*", "?!", "a b c d e f g h", ""),
    "associationTypeId": (*(194,) * 8, 193, 182, 206, 220, 1),
    "objectWriteTraceId": tuple("abcdefgh"),
    "calculationFormula": FORMULAS,
    "displayOrder": (-1, 0, 5, 2**31 - 1),
    "dataSensitivity": ("non_sensitive", "sensitive", "highly_sensitive"),
    "locale": ("en", "de-DE", "xx"),
    "size": (1, 2),
}
"""By name, what the members have that do not depend on what was met; {x} is a part of a path."""


@dataclass
class Known:
    """What may be referred to: record ids, unique values, cursors of pages, ids of jobs."""

    ids: list[str] = field(default_factory=lambda: [f"10000000000{n}" for n in range(1, 10)])
    keys: list[str] = field(default_factory=lambda: [*KEYS, "B1", "B2", "B3"])
    cursors: list[str] = field(default_factory=lambda: ["0", "1", "10", "9999", "10000"])
    jobs: list[str] = field(default_factory=lambda: ["01a20a82-5d66-7b06-a0eb-a8fdbcfd1c45"])

    def learn(self, answer: Reply) -> None:
        """Takes in the ids, the cursors and the jobs of an answer; the newest of each are kept."""
        for name, value in _members(answer.body):
            if name in LEARNT and value.isdigit():
                _keep(self.cursors if name == "after" else self.ids, value)
        if "location" in answer.headers:
            _keep(self.jobs, answer.headers["location"].rpartition("/")[2])

    def terms(self, member: str, type_: str = "calls") -> tuple[Any, ...]:
        """Values that a member of a body, a query parameter or a part of a path may well have; none for most names."""
        plain = member.strip("{}")
        if plain in NAMING:
            return (*names(type_), *LINKED, *OWN)
        if plain in MEANINGS:
            return tuple(getattr(self, MEANINGS[plain]))
        return FIXED.get(member, FIXED.get(plain, ()))


def _keep(kept: list[str], value: str) -> None:
    if value not in kept and len(value) < 60:
        kept.append(value)
        del kept[:-20]


def _members(body: Any) -> Iterator[tuple[str, str]]:
    """Every member of an answer whose value is a text, to any depth."""
    if isinstance(body, dict):
        for name, value in body.items():
            if isinstance(value, str):
                yield name, value
            else:
                yield from _members(value)
    if isinstance(body, list):
        for element in body:
            yield from _members(element)
