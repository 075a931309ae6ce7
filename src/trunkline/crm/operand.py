"""From the text of a value to what a search compares: for what a client asks, and for what a store has.

A store that keeps its own index turns its values into operands with the same functions, so that both sides agree.
"""

import math
import re
from collections.abc import Callable, Mapping

from trunkline.crm.query import Kind, Operand
from trunkline.crm.values import Unfit, milliseconds
from trunkline.crm.words import folded

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)


def number(text: str) -> int | float:
    """The amount that a text of digits says, a whole one where it has no fraction; raises `Unfit`."""
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        amount = float(text)
    except ValueError:
        amount = math.inf
    if not math.isfinite(amount) or "_" in text or not text.isascii():
        raise Unfit("INVALID_LONG", f"{text[:100]} was not a valid long.")
    return amount


def record_id(text: str) -> int:
    """The record id that a text says; raises `Unfit`."""
    if _ID.fullmatch(text):
        return int(text)
    raise Unfit("INVALID_LONG", f"{text[:100]} was not a valid long.")


OPERANDS: Mapping[Kind, Callable[[str], Operand]] = {
    "text": folded,
    "exact": str,
    "many": str,
    "number": number,
    "moment": milliseconds,
    "id": record_id,
    "linked": record_id,
}
"""By kind of field, what makes an operand of a text; raises `Unfit` where it makes none."""
