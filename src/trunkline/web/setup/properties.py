"""What a portal knows of its records: the properties of each object type, found, made and archived."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from starlette.responses import Response

from trunkline.crm.catalog import ObjectType
from trunkline.crm.property import Property
from trunkline.http import properties
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit

USUAL = "calls"
"""The object type whose properties are shown unless the path names another."""

KINDS: Mapping[str, str] = {
    "string/text": "Text of one line",
    "string/textarea": "Text of several lines",
    "string/html": "Formatted text",
    "string/phonenumber": "Phone number, kept as text",
    "string/file": "File",
    "number/number": "Number",
    "bool/booleancheckbox": "Yes or no",
    "enumeration/select": "One of several, from a list",
    "enumeration/radio": "One of several, as buttons",
    "enumeration/checkbox": "Some of several",
    "enumeration/booleancheckbox": "One of several, as a checkbox",
    "date/date": "Day",
    "datetime/date": "Moment",
    "phone_number/phonenumber": "Phone number",
    "number/calculation_equation": "Calculated number",
    "string/calculation_equation": "Calculated text",
    "bool/calculation_equation": "Calculated yes or no",
    "enumeration/calculation_equation": "Calculated, one of several",
}
"""The types and field types that go together, in words."""

SORTS: Mapping[str, str] = {
    "": "All",
    "unique": "Unique ones",
    "own": "Made in this portal",
    "archived": "Archived ones",
}
"""Which properties a person may ask for."""

MOST_OPTIONS = 50
"""Options of a property that the list shows."""

TRUTH = ({"label": "Yes", "value": "true"}, {"label": "No", "value": "false"})
"""The options of what is true or false."""


class Asked(Struct, frozen=True):
    """What the list is narrowed to: words in names, labels and descriptions, a group, and a sort of `SORTS`."""

    words: str
    group: str
    sort: str

    def finds(self, one: Property) -> bool:
        """Whether a property is among those asked for."""
        words = self.words.casefold()
        met = not words or any(words in text.casefold() for text in (one.name, one.label, one.description))
        sorts = {"unique": one.has_unique_value, "own": not one.hubspot_defined}
        return met and self.group in ("", one.group_name) and sorts.get(self.sort, True)


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists the properties of an object type."""
    type_ = await visit.type(USUAL)
    sort = visit.query.get("sort", "")
    asked = Asked(visit.query.get("q", "").strip(), visit.query.get("group", ""), sort if sort in SORTS else "")
    return page(
        visit,
        "properties",
        wrong=wrong,
        type=type_,
        asked=asked,
        found=_found(type_, asked),
        groups=sorted(type_.groups.values(), key=lambda group: group.label.casefold()),
        usual=_usual(type_),
        kinds=KINDS,
        sorts=SORTS,
        most=MOST_OPTIONS,
        typed=visit.field,
    )


def _found(type_: ObjectType, asked: Asked) -> Sequence[Property]:
    """Those that are asked for, the portal's own first."""
    known = type_.archived if asked.sort == "archived" else type_.properties
    found = [one for one in known.values() if asked.finds(one)]
    return sorted(found, key=lambda one: (one.hubspot_defined, one.label.casefold(), one.name))


def _usual(type_: ObjectType) -> str:
    """The group that new properties are put into unless another is chosen: the one that has most of them."""
    held = [one.group_name for one in type_.properties.values()]
    return max(type_.groups, key=held.count, default="")


async def create(visit: Visit) -> Response:
    """Makes a property by the rules of the API."""
    type_, name = await visit.type(USUAL), visit.field("name")

    async def work() -> str:
        await visit.call(properties.create, _draft(visit), type=type_.id)
        return f"The property {name} is there." + (" Its values are unique." if visit.field("unique") else "")

    return await done(visit, "properties", show, work, type_.data.plural)


def _draft(visit: Visit) -> Mapping[str, object]:
    kind, _, field = visit.field("kind").partition("/")
    made = {
        "name": visit.field("name"),
        "label": visit.field("label") or visit.field("name"),
        "type": kind,
        "fieldType": field,
        "groupName": visit.field("group"),
        "description": visit.field("description"),
        "hasUniqueValue": bool(visit.field("unique")),
        "options": TRUTH if kind == "bool" else list(_options(visit.field("options"))),
    }
    formula = visit.field("formula")
    return made | {"calculationFormula": formula} if formula else made


def _options(text: str) -> Iterator[Mapping[str, str]]:
    """One option a line: its label, or what is kept, an equals sign, and its label."""
    for line in text.splitlines():
        value, known, label = (part.strip() for part in line.partition("="))
        if value or label:
            yield {"value": value, "label": label if known else value}


async def archive(visit: Visit) -> Response:
    """Archives a property; its values stay with the records."""
    type_, name = await visit.type(USUAL), visit.field("name")

    async def work() -> str:
        await visit.call(properties.archive, type=type_.id, name=name)
        return f"The property {name} is archived. Make one of this name to have it back, with its values."

    return await done(visit, "properties", show, work, type_.data.plural)
