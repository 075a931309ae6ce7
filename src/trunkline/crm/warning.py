"""What Trunkline warns of: mistakes about which HubSpot is silent.

The answer is the one that HubSpot gives; the warning goes into a header and into the request log. `MISTAKES` is the
table of all of them. They are found where a value is checked (`trunkline.crm.doubt`), in a batch as a whole
(`trunkline.crm.oversight`), in a search (`trunkline.crm.seeking`), and where a request is read.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

HEADER = "x-trunkline-warning"

MOST_HEADERS = 10
"""Warnings of one answer that have a header of their own; one more header counts the others."""

MOST_KEPT = 200
"""Warnings of one request that are kept and counted."""

LONGEST = 300
"""Characters of one header."""

LONGEST_QUOTE = 60
"""Characters of what a client sent that a warning repeats."""


class Warning(Struct, frozen=True):
    """One mistake in one request: its code in `MISTAKES`, what is the matter, and where in the request, if anywhere."""

    code: str
    message: str
    at: str | None = None


class Mistake(Struct, frozen=True):
    """A kind of mistake: what the request does, what silently becomes of it, what to do, and whence that is known."""

    does: str
    becomes: str
    advice: str
    source: str


MISTAKES: Mapping[str, Mistake] = {
    "timestamp-in-1970": Mistake(
        "Sets or compares a date and time of the first months of 1970: seconds where milliseconds are meant.",
        "The record, or the filter, is in January 1970.",
        "Send milliseconds, or ISO 8601 text.",
        "behaviour 9.3",
    ),
    "fraction-cut": Mistake(
        "Sets a date and time with more than three decimals of a second.",
        "What is finer than a millisecond is cut, so that the value reads otherwise than it was sent.",
        "Round to milliseconds. HubSpot refused such values in 2019.",
        "behaviour 4.5",
    ),
    "duration-in-seconds": Mistake(
        "Sets a duration of less than a second for something that was completed.",
        "The amount is taken for milliseconds.",
        "Multiply seconds by 1000.",
        "behaviour 9.8",
    ),
    "white-space-in-key": Mistake(
        "Sets a unique value, or names a record by one, that begins or ends with white space.",
        "The value is another one than without the white space, so that the next request without it makes a duplicate.",
        "Trim the value.",
        "behaviour 1.20",
    ),
    "keys-alike": Mistake(
        "Names records of one batch by unique values that differ in case or white space alone.",
        "They are two records here. At HubSpot they are one where the property is `email`; of others it is not known.",
        "Bring the values into one spelling before they are sent.",
        "behaviour 1.19",
    ),
    "null-clears": Mistake(
        "Changes a property to null.",
        "What it held is cleared: null is taken as an empty text.",
        "Leave out what is not to be changed, and clear with an empty text.",
        "behaviour 9.4",
    ),
    "no-inputs": Mistake(
        "Sends a batch whose body has no `inputs`, or none in the list.",
        "Nothing is done, and the answer is that of success.",
        "Put the inputs into the list `inputs`.",
        "behaviour 1.17",
    ),
    "no-properties": Mistake(
        "Updates or creates a record without any property, in a batch.",
        "An update changes nothing, a create makes an empty record.",
        "Put the values into `properties`.",
        "behaviour 1.7",
    ),
    "upsert-without-id-property": Mistake(
        "Upserts by an `id` without `idProperty`.",
        "The `id` is taken for a record id: a record that has it by chance is changed, and none is created.",
        "Name the unique property in `idProperty`, in each input.",
        "behaviour 1.7",
    ),
    "id-without-id-property": Mistake(
        "Names a record by an `id` that is no record id, such as an e-mail address, without `idProperty`.",
        "No record is found, and a status of the 200s says so in `errors` alone.",
        "Name the unique property in `idProperty`: in each input of an update, at the top of the body of a read.",
        "behaviour 2.5",
    ),
    "trace-ids-unusable": Mistake(
        "Gives some inputs of a batch an `objectWriteTraceId` and others none, or the same to several.",
        "They count as none: one input that fails takes the whole batch with it.",
        "Give each input a trace id of its own.",
        "behaviour 1.13",
    ),
    "repeated-ids": Mistake(
        "Reads or archives a record twice in one batch.",
        "It is answered, or archived, once: there are fewer results than inputs.",
        "Name each record once, and match results by their ids.",
        "behaviour 1.3",
    ),
    "nothing-archived": Mistake(
        "Archives or erases records that are not there, or are archived already.",
        "The answer is 204, as for success.",
        "Look the ids up; a repetition of what was done before may be left as it is.",
        "behaviour 3.8",
    ),
    "nothing-done": Mistake(
        "Sends a batch of which no input succeeds.",
        "The status is of the 200s, and `results` is empty.",
        "Look at `errors`, whatever the status is.",
        "behaviour 2.5",
    ),
    "failed-in-part": Mistake(
        "Sends a batch of which a part fails, in a version of the API that has no 207.",
        "The status is the one of success.",
        "Look at `errors`, or use version v3 or 2026-03.",
        "behaviour 2.12",
    ),
    "nothing-removed": Mistake(
        "Ends associations of a type that there is not between the two object types, of what is no record id, or of "
        "two records that have none (told of a single pair).",
        "Nothing is removed, and the answer is that of success.",
        "Look the type up with `…/labels`.",
        "behaviour 1.17",
    ),
    "unknown-member": Mistake(
        "Sends a member that the body, or an input in it, does not have: `associations` in an upsert, a property "
        "beside `properties`, `filters` misspelt.",
        "It is not looked at.",
        "Compare it with the reference at `/docs`.",
        "behaviour 1.21",
    ),
    "unknown-parameter": Mistake(
        "Sends a parameter in the query that the operation does not have.",
        "It is not looked at.",
        "Compare it with the reference at `/docs`; what belongs into the body is not read from the query.",
        "behaviour 1.21",
    ),
    "unknown-property": Mistake(
        "Asks for a property, or its history, that the object type does not have.",
        "It is left out of each record.",
        "Compare it with the names that `GET /crm/v3/properties/{type}` lists.",
        "behaviour 8.3",
    ),
    "limit-lowered": Mistake(
        "Asks for a larger page than there is.",
        "The page is as large as it may be.",
        "Follow the paging; do not take a short page for the last.",
        "behaviour 19.4",
    ),
    "capitals-in-list": Mistake(
        "Searches for texts with capital letters by IN or NOT_IN.",
        "They equal no text.",
        "Send them in lower case.",
        "behaviour 7.9",
    ),
    "not-an-option": Mistake(
        "Searches an enumeration for what is none of its options; case counts.",
        "No record has it.",
        "Send the value of an option, not its label.",
        "behaviour 7.9",
    ),
    "empty-group": Mistake(
        "Searches with a group that has no filters.",
        "Every record meets it, and so the whole search, whatever the other groups say.",
        "Leave the group out, or put its filters into `filters`.",
        "behaviour 7.2",
    ),
    "empty-range": Mistake(
        "Searches between a value and a lower one.",
        "No record meets it.",
        "Send the lower bound as `value` and the higher one as `highValue`.",
        "behaviour 7.9",
    ),
    "needless-value": Mistake(
        "Sends a value with a filter whose operator takes none, or takes another member.",
        "It is not looked at.",
        "Use an operator that compares, or leave the value out.",
        "behaviour 7.9",
    ),
    "no-words": Mistake(
        "Searches for a query, or a token, that holds neither a letter nor a digit.",
        "No record holds it.",
        "Send words.",
        "behaviour 7.18",
    ),
}
"""All of them by their codes, in the order of the reference."""


def quoted(sent: object) -> str:
    """What a client sent, in quotation marks and cut where it is long."""
    shown = str(sent)
    return f'"{shown}"' if len(shown) <= LONGEST_QUOTE else f'"{shown[:LONGEST_QUOTE]}…"'


def headers(warnings: Sequence[Warning]) -> list[tuple[bytes, bytes]]:
    """The headers that tell of warnings: of the first ones each, and how many there are beside.

    Their values are printable ASCII, whatever a client sent: all else is escaped as in a Python string.
    """
    lines = [_line(warning) for warning in warnings[:MOST_HEADERS]]
    if len(warnings) > MOST_HEADERS:
        lines.append(f"and {len(warnings) - MOST_HEADERS} more".encode())
    return [(HEADER.encode(), line) for line in lines]


def _line(warning: Warning) -> bytes:
    told = f"{warning.at} {warning.message}" if warning.at else warning.message
    shown = f"{warning.code}; {told}".encode("unicode_escape")
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 3] + b"..."
