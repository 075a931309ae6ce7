"""How the values of properties are shown to people."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from trunkline.crm.property import Property
from trunkline.web.words import iso, number, span

OWNER_TYPE = "OWNER"
"""What a property refers to whose value is an owner's id."""

_TRUTH = {"true": "Yes", "false": "No"}


def shown(definition: Property, text: str | None, owners: Mapping[str, str]) -> str:
    """A value in words: options by their labels, moments, spans and owners as people know them. Empty for none."""
    if not text:
        return ""
    if definition.referenced_object_type == OWNER_TYPE:
        return owners.get(text, text)
    if definition.type == "bool":
        return _TRUTH.get(text, text)
    if definition.options:
        labels = {option.value: option.label for option in definition.options}
        return ", ".join(labels.get(part, part) for part in (text.split(";") if definition.many else [text]))
    if definition.type in ("date", "datetime"):
        return iso(text)
    return _amount(definition, text) if definition.type == "number" else text


def _amount(definition: Property, text: str) -> str:
    try:
        amount = float(text)
    except ValueError:
        return text
    if definition.name.endswith("duration") or definition.hints.get("numberDisplayHint") == "duration":
        return span(amount)
    plain = definition.hints.get("numberDisplayHint") == "formatted" and amount.is_integer()
    return number(int(amount)) if plain else text


def address(definition: Property, text: str | None) -> str | None:
    """Where a value leads, if it is an address that a browser may be sent to, and no other text that looks like one."""
    if not text or definition.type != "string" or not text.startswith(("https://", "http://")):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.hostname and " " not in text else None
