"""How a property's text becomes what is indexed: in SQL for nearly all values, in Python for the odd ones.

`raw` reads the text of a value from its record, and `shaped` puts it into its form. What SQL is not sure about comes
out of either step as a blob and is finished in Python (`derived`, `finished`), many at a time: a Python function called
by SQLite would ask for the interpreter's lock once for every value, and a busy server gives that up late.
"""

from collections.abc import Callable, Mapping

import msgspec

from trunkline.crm.derivation import CONNECTED, VOICEMAIL, Derivations
from trunkline.crm.preview import LONGEST, preview
from trunkline.crm.record import Record
from trunkline.crm.words import words
from trunkline.store.search.form import FORMED, PARTING, Form, Value
from trunkline.store.search.sql import Scalar, Sql
from trunkline.store.sqlite.schema import LAST_ID

_COPIES = {
    "last_contacted": "hs_timestamp",
    "owner": "hubspot_owner_id",
    "owner_user": "hubspot_owner_id",
    "owner_assigned": "hubspot_owner_assigneddate",
}
"""Derivations that start from another property, and that property."""

_BODY = "body_text:"
"""What the rule of a body's text begins with; the body follows."""


def _start(rule: str) -> str | None:
    """The property that a derivation starts from; None where it starts from the record."""
    return rule.removeprefix(_BODY) if rule.startswith(_BODY) else _COPIES.get(rule)


def _is_body(value: Value) -> bool:
    return value.derivation is not None and value.derivation.startswith(_BODY)


_MOMENTS = {"created": "r.created", "modified": "r.updated"}
_CONSTANTS = frozenset(("source", "source_label"))
_COUNTED = {"connected_count": CONNECTED, "voicemail_count": VOICEMAIL}
_WHOLE_RECORD = (
    f"CAST(json_object('id', r.key & {LAST_ID}, 'properties', json(r.properties), 'created', r.created, "
    "'updated', r.updated, 'app', r.app) AS BLOB)"
)
_NOBODY = Record(id=0, properties={}, created=0, updated=0, app=0)


def raw(value: Value, type_id: str) -> Sql:
    """What a value is made of, for the record `r`: its text or milliseconds, NULL for none; a blob is for `derived`."""
    rule = value.derivation
    start = value.name if rule is None else _start(rule)
    if rule is None or start is not None:
        return Sql("nullif(r.properties ->> ?, '')", (start,))
    if rule in _MOMENTS and value.form == "moment":
        return Sql(_MOMENTS[rule])
    if rule in _CONSTANTS:
        return Sql("?", (Derivations(type_id, {value.name: rule}).one(_NOBODY, value.name),))
    if rule in _COUNTED:
        return Sql("iif(r.properties ->> 'hs_call_disposition' = ?, '1', '0')", (_COUNTED[rule],))
    if rule == "source_id":
        return Sql("CAST(r.app AS TEXT)")
    if rule == "coordinates":
        return Sql(f"? || '-' || (r.key & {LAST_ID})", (type_id,))
    return Sql(_WHOLE_RECORD)


def sources(value: Value) -> tuple[str, ...] | None:
    """The written properties that decide a value; None when any change of the record may."""
    rule = value.derivation
    if rule is None:
        return (value.name,)
    start = _start(rule)
    return None if start is None else (start,)


_SPACES = "\t\n\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNTIDY = f"trim({{0}}) <> {{0}} OR instr({{0}}, '  ') OR {{0}} GLOB '*[{_SPACES}]*'"
_MARKED = f"instr({{0}}, '<') OR instr({{0}}, '&') OR length({{0}}) > {LONGEST}"


def doubtful(value: Value, column: str) -> str | None:
    """The test for raw texts that are not the value yet; most bodies are short and plain, and their own preview."""
    if not _is_body(value):
        return None
    test = _MARKED if value.form == "words" else f"{_MARKED} OR {_UNTIDY}"
    return test.format(column)


_record = msgspec.json.Decoder(Record).decode


def derived(value: Value, type_id: str) -> Callable[[str], Scalar] | None:
    """What makes the text of a value of what `raw` left over; None where it leaves nothing."""
    if _is_body(value):
        return lambda body: preview(body).text or None
    if raw(value, type_id).text != _WHOLE_RECORD:
        return None
    rules = Derivations(type_id, {value.name: value.derivation or ""})
    return lambda text: rules.one(_record(text), value.name) or None


_FOLDED = "CASE WHEN length({0}) = octet_length({0}) THEN lower({0}) ELSE CAST({0} AS BLOB) END"
"""A text in ASCII; SQLite knows the case of no other letters."""

_PARTED = f"char({ord(PARTING)})"
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_TIME = "T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_SHAPES: Mapping[Form, str] = {
    "text": _FOLDED,
    "words": _FOLDED,
    "many": (
        "CASE WHEN instr(';' || {0} || ';', ';;') THEN CAST({0} AS BLOB) "
        f"ELSE {_PARTED} || replace({{0}}, ';', {_PARTED}) || {_PARTED} END"
    ),
    "present": "iif({0} IS NULL, NULL, 1)",
    "number": (
        "CASE WHEN typeof({0}) IN ('integer', 'real') THEN CASE WHEN {0} BETWEEN -1e18 AND 1e18 THEN {0} "
        "WHEN {0} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 THEN CAST({0} AS REAL) END "
        "ELSE CAST({0} AS BLOB) END"
    ),
    "moment": (
        f"CASE WHEN ({{0}} GLOB '{_DAY}' OR (substr({{0}}, 12, 2) < '24' AND ({{0}} GLOB '{_DAY}{_TIME}Z' "
        f"OR {{0}} GLOB '{_DAY}{_TIME}.[0-9][0-9][0-9]Z'))) "
        "AND (substr({0}, 9, 2) < '29' OR date({0}) = substr({0}, 1, 10)) AND {0} >= '0001' AND {0} < '9999' "
        "THEN CAST(round(unixepoch({0}, 'subsec') * 1000) AS INTEGER) ELSE CAST({0} AS BLOB) END"
    ),
}


def shaped(value: Value, column: str) -> str | None:
    """The expression that puts a text into its form; None for one that stays. A blob is for `finished`."""
    if value.derivation in _MOMENTS and value.form == "moment":
        return None
    shape = _SHAPES.get(value.form)
    return None if shape is None else shape.format(column)


def affinity(value: Value) -> str:
    """What a column is declared as that raw texts come into: digits become numbers by SQLite's own rules."""
    return "NUMERIC" if value.form == "number" else ""


def finished(value: Value) -> Callable[[str], Scalar] | None:
    """What puts a text into its form that `shaped` left over; None where it leaves nothing."""
    if value.form == "words":
        return lambda text: " ".join(words(text))
    # SQL leaves no text over when all it asks is whether there is one.
    return None if value.form == "present" or shaped(value, "") is None else FORMED[value.form]
