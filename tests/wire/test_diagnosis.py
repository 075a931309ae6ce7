"""What a refused body is told: the recorded messages (behaviour 5.1 to 5.5), and their kin from the same parser."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunkline.wire.diagnosis import diagnose
from trunkline.wire.shape import Array, Choice, Flag, Map, Object, Shape, Text, Whole

UPSERT = "com.hubspot.inbounddb.publicobject.core.v2.SimplePublicObjectBatchInput"
BATCH = f"com.hubspot.apiutils.core.models.batch.BatchInput$Json<{UPSERT}>"
STRINGS = "java.util.LinkedHashMap<java.lang.String,java.lang.String>"
ITEMS = "java.util.ArrayList<Item>"

PROPERTIES = Map(STRINGS, Text())
LINK = Object("Link", {"category": Choice("Category", ("HUBSPOT_DEFINED", "USER_DEFINED")), "typeId": Whole()})
INPUT = Object(
    f"{UPSERT}$Json",
    {
        "id": Text(),
        "properties": PROPERTIES,
        "links": Array("java.util.ArrayList<Link>", LINK),
        "hidden": Flag(),
        "size": Whole("java.lang.Long"),
    },
    nullable=False,
)
BODY = Object(BATCH, {"inputs": Array("java.util.ArrayList<Input>", INPUT)})
NAMED = Object("Named", {"name": Text(), "label": Text(), "more": Map("More", Text())}, required=("name", "label"))
ANYTHING = Object("Anything", {})
LIST = Array(ITEMS, Text())

UNEXPLAINED = "Invalid input JSON on line 1, column 1: Cannot deserialize the body"
A_VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
A_TOKEN = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
A_NAME = "was expecting double-quote to start field name"
A_COLON = "was expecting a colon to separate field name and value"
NO_BLANK = r"only regular white space (\r, \n, \t) is allowed between tokens"
SOURCE = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
NOT_FINITE = "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
NO_SETTING = "(but could if coercion was enabled using `CoercionConfig`)"
NO_TRAILING = "not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
NO_COMMENT = "(not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"


def at(line: int, column: int, reason: str) -> str:
    """A whole message."""
    return f"Invalid input JSON on line {line}, column {column}: {reason}"


def wrong(java: str, noun: str, token: str) -> str:
    """The usual reason for a value of another kind."""
    return f"Cannot deserialize value of type `{java}` from {noun} value (token `JsonToken.{token}`)"


def no_instance(java: str, argument: str, source: str) -> str:
    """The reason for a scalar in place of an object."""
    return (
        f"Cannot construct instance of `{java}` (although at least one Creator exists):"
        f" no {argument}-argument constructor/factory method to deserialize from {source}"
    )


RECORDED = [
    (b'\n\n        [{"id": "A1"}]', INPUT, at(3, 9, wrong(f"{UPSERT}$Json", "Array", "START_ARRAY"))),  # 5.1
    (b'{\n  "inputs": [\n        []]}', BODY, at(3, 9, wrong(f"{UPSERT}$Json", "Array", "START_ARRAY"))),  # 5.1
    (b'[{"id": "A1"}]', BODY, at(1, 1, wrong(BATCH, "Array", "START_ARRAY"))),  # 5.2, ups-018
    (b'{"inputs": [[{"id": "A1"}]]}', BODY, at(1, 13, wrong(f"{UPSERT}$Json", "Array", "START_ARRAY"))),  # ups-019
    (b"%inputs=1", BODY, at(1, 2, f"Unexpected character ('%' (code 37)): {A_VALUE}")),  # 5.3, bad-001
    (
        b'{"properties": {"hs_call_title_of_some_length_here": {"a": 1}}}',
        INPUT,
        at(1, 54, wrong("java.lang.String", "Object", "START_OBJECT")),
    ),  # 5.4, bad-002
    (b"{}", NAMED, "Invalid input JSON on line 1, column 2. Some required fields were not set: [name, label]"),  # 5.5
    (b'{"properties":[]}', INPUT, at(1, 15, wrong(STRINGS, "Array", "START_ARRAY"))),
    (b'"ticket_to_contact"', LIST, at(1, 1, wrong(ITEMS, "String", "VALUE_STRING"))),
]


@pytest.mark.parametrize(("body", "shape", "message"), RECORDED)
def test_what_the_real_service_has_said(body: bytes, shape: Shape, message: str) -> None:
    assert diagnose(body, shape) == message


def test_a_batch_without_inputs_has_nothing_wrong() -> None:  # behaviour 1.17, ups-016
    assert diagnose(b"{}", BODY) == UNEXPLAINED


UNEXPECTED = [
    (b"{%", 3, f"Unexpected character ('%' (code 37)): {A_NAME}"),
    (b"{a:1}", 3, f"Unexpected character ('a' (code 97)): {A_NAME}"),
    (b"{'a':1}", 3, f"Unexpected character (''' (code 39)): {A_NAME}"),
    (b'{"a":1,}', 9, f"Unexpected character ('}}' (code 125)): {A_NAME}"),
    (b'{"a":1,]', 9, f"Unexpected character (']' (code 93)): {A_NAME}"),
    (b"{,}", 3, f"Unexpected character (',' (code 44)): {A_NAME}"),
    ("{“a”:1}".encode(), 5, f"Unexpected character ('“' (code 8220 / 0x201c)): {A_NAME}"),
    (b"{\xff", 3, "Invalid UTF-8 start byte 0xff"),
    (b'{"a" 1}', 7, f"Unexpected character ('1' (code 49)): {A_COLON}"),
    (b'{"a"}', 6, f"Unexpected character ('}}' (code 125)): {A_COLON}"),
    (b'{"a"\xc3\xa9:1}', 6, f"Unexpected character ('Ã' (code 195)): {A_COLON}"),
    (b'{"a"::1}', 7, f"Unexpected character (':' (code 58)): {A_VALUE}"),
    (b'{"a":%}', 7, f"Unexpected character ('%' (code 37)): {A_VALUE}"),
    (b'{"a":\x7f}', 7, f"Unexpected character ((CTRL-CHAR, code 127)): {A_VALUE}"),
    (b'{"a":\x80}', 7, f"Unexpected character ((CTRL-CHAR, code 128)): {A_VALUE}"),
    (b"{\"a\":'b'}", 7, f"Unexpected character (''' (code 39)): {A_VALUE}"),
    (b'{"a":.5}', 7, f"Unexpected character ('.' (code 46)): {A_VALUE}"),
    (b'{"a":]', 7, f"Unexpected character (']' (code 93)): {A_VALUE}"),
    (b'{"a":}', 7, "Unexpected character ('}' (code 125)): expected a value"),
    (b'{"a":,', 7, "Unexpected character (',' (code 44)): expected a value"),
    (b'{"a":[1,]}', 10, "Unexpected character (']' (code 93)): expected a value"),
    (b'{"a":[1,}}', 10, "Unexpected character ('}' (code 125)): expected a value"),
    (b'{"a":[,1]}', 8, "Unexpected character (',' (code 44)): expected a value"),
    (b'{"a":{,"b":1}}', 8, f"Unexpected character (',' (code 44)): {A_NAME}"),
    (b'{"a":[,]}', 8, "Unexpected character (',' (code 44)): expected a value"),
    (b'{"a":1 "b":2}', 9, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
    (b'{"a":[1 2]}', 10, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
    (b'{"a":[1a]}', 9, "Unexpected character ('a' (code 97)): was expecting comma to separate Array entries"),
    (b'{"a":[true.]}', 12, "Unexpected character ('.' (code 46)): was expecting comma to separate Array entries"),
    (b'{"a":1\x01}', 8, f"Illegal character ((CTRL-CHAR, code 1)): {NO_BLANK}"),
    (b"{\x00}", 3, f"Illegal character ((CTRL-CHAR, code 0)): {NO_BLANK}"),
    (b'{"a":\x0b1}', 7, f"Illegal character ((CTRL-CHAR, code 11)): {NO_BLANK}"),
    (b'{"a":1}/', 9, f"Unexpected character ('/' (code 47)): maybe a (non-standard) comment? {NO_COMMENT}"),
    (b'/**/{"a":1}', 2, f"Unexpected character ('/' (code 47)): maybe a (non-standard) comment? {NO_COMMENT}"),
    (b"\xef\xbb\xbf{}", 2, f"Unexpected character ('\ufeff' (code 65279 / 0xfeff)): {A_VALUE}"),
]
WORDS = [
    (b"abc", 4, f"Unrecognized token 'abc': {A_TOKEN}"),
    (b"inputs=1", 8, f"Unrecognized token 'inputs': {A_TOKEN}"),
    (b'{"a":abc}', 10, f"Unrecognized token 'abc': {A_TOKEN}"),
    (b'{"a":abc\n}', 10, f"Unrecognized token 'abc': {A_TOKEN}"),
    (b'{"a":True}', 11, f"Unrecognized token 'True': {A_TOKEN}"),
    (b'{"a":truex}', 12, f"Unrecognized token 'truex': {A_TOKEN}"),
    (b'{"a":nul}', 10, f"Unrecognized token 'nul': {A_TOKEN}"),
    (b'{"a":undefined}', 16, f"Unrecognized token 'undefined': {A_TOKEN}"),
    (b'{"a":$a.b}', 9, f"Unrecognized token '$a': {A_TOKEN}"),
    ('{"a":xé}'.encode(), 10, f"Unrecognized token 'xé': {A_TOKEN}"),
    ('{"a":x“}'.encode(), 10, f"Unrecognized token 'x': {A_TOKEN}"),
    ('{"a":“x”}'.encode(), 8, "Invalid UTF-8 start byte 0x80"),
    (b'{"a":x\xff}', 8, "Invalid UTF-8 start byte 0xff"),
    (b'{"a":true\xc3\xa9}', 11, "Invalid UTF-8 middle byte 0xc3"),
    (b'{"a":[1,true\xc3\xa9]}', 14, "Invalid UTF-8 middle byte 0xc3"),
    (b'{"a":true\xa9}', 10, "Invalid UTF-8 start byte 0xa9"),
    (b'{"a":NaN}', 9, f"Non-standard token 'NaN': {NOT_FINITE}"),
    (b'{"a":Infinity}', 14, f"Non-standard token 'Infinity': {NOT_FINITE}"),
    (b'{"a":-Infinity}', 15, f"Non-standard token '-Infinity': {NOT_FINITE}"),
    (b'{"a":-INF}', 10, f"Non-standard token '-INF': {NOT_FINITE}"),
    (b'{"a":-Inf}', 11, f"Unrecognized token '-Inf': {A_TOKEN}"),
    (b'{"a":' + b"x" * 300, 262, f"Unrecognized token '{'x' * 256}...': {A_TOKEN}"),
]
DIGIT = "expected digit (0-9) to follow minus sign, for valid numeric value"
PLUS = (
    "JSON spec does not allow numbers to have plus signs:"
    " enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
LONGEST = "(1000, from `StreamReadConstraints.getMaxNumberLength()`)"
NUMBERS = [
    (b'{"a":01}', 7, "Invalid numeric value: Leading zeroes not allowed"),
    (b'{"a":-00}', 8, "Invalid numeric value: Leading zeroes not allowed"),
    (b'{"a":-}', 8, f"Unexpected character ('}}' (code 125)) in numeric value: {DIGIT}"),
    (b'{"a":-x}', 8, f"Unexpected character ('x' (code 120)) in numeric value: {DIGIT}"),
    (b'{"a":-.5}', 8, f"Unexpected character ('.' (code 46)): {A_VALUE}"),
    (b'{"a":+1}', 8, f"Unexpected character ('+' (code 43)) in numeric value: {PLUS}"),
    (b'{"a":1.}', 9, "Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit"),
    (b'{"a":1.', 8, "Unexpected character ('.' (code 46)) in numeric value: Decimal point not followed by a digit"),
    (b'{"a":1.5.5}', 10, "Unexpected character ('.' (code 46)): was expecting comma to separate Object entries"),
    (
        b'{"a":1e}',
        9,
        "Unexpected character ('}' (code 125)) in numeric value: Exponent indicator not followed by a digit",
    ),
    (
        b'{"a":1.5E+x',
        12,
        "Unexpected character ('x' (code 120)) in numeric value: Exponent indicator not followed by a digit",
    ),
    (b'{"a":-', 7, "Unexpected end-of-input in a Number value"),
    (b'{"a":+', 7, "Unexpected end-of-input in a Number value"),
    (b'{"a":1e', 8, "Unexpected end-of-input in a Number value"),
    (
        b'{"a":' + b"1" * 1001 + b"}",
        6,
        f"Number value length (1001) exceeds the maximum allowed {LONGEST}",
    ),
    (b"1a", 3, "Unexpected character ('a' (code 97)): Expected space separating root-level values"),
    (b"1,2", 3, "Unexpected character (',' (code 44)): Expected space separating root-level values"),
    (b"1/", 3, "Unexpected character ('/' (code 47)): Expected space separating root-level values"),
]
ESCAPE = "has to be escaped using backslash to be included in"
HEX = "expected a hex-digit for character escape sequence"
STRINGS_GONE_WRONG = [
    (b'{"a":"b\nc"}', 9, f"Illegal unquoted character ((CTRL-CHAR, code 10)): {ESCAPE} string value"),
    (b'{"a":"\t"}', 8, f"Illegal unquoted character ((CTRL-CHAR, code 9)): {ESCAPE} string value"),
    (b'{"a\x00":1}', 5, f"Illegal unquoted character ((CTRL-CHAR, code 0)): {ESCAPE} name"),
    (b'{"a":"\\x"}', 9, "Unrecognized character escape 'x' (code 120)"),
    (b'{"a":"\\\'"}', 9, "Unrecognized character escape ''' (code 39)"),
    (b'{"a":"\\\n"}', 9, "Unrecognized character escape (CTRL-CHAR, code 10)"),
    ('{"a":"\\é"}'.encode(), 10, "Unrecognized character escape 'é' (code 233)"),
    (b'{"\\x":1}', 5, "Unrecognized character escape 'x' (code 120)"),
    (b'{"a":"\\u12g4"}', 12, f"Unexpected character ('g' (code 103)): {HEX}"),
    (b'{"a":"\\u"}', 10, f"Unexpected character ('\"' (code 34)): {HEX}"),
    (b'{"a":"\\ud800"}', 13, "Unpaired surrogate in character escape sequence (0xD800)"),
    (b'{"a":"\\uD83Dx"}', 13, "Unpaired surrogate in character escape sequence (0xD83D)"),
    (b'{"a":"\\ud83d\\u0041"}', 13, "Unpaired surrogate in character escape sequence (0xD83D)"),
    (b'{"a":"b\\udc00"}', 14, "Unpaired surrogate in character escape sequence (0xDC00)"),
    (b'{"a":"\xff"}', 8, "Invalid UTF-8 start byte 0xff"),
    (b'{"a":"\x80"}', 8, "Invalid UTF-8 start byte 0x80"),
    (b'{"a":"\xc0\x80"}', 8, "Invalid UTF-8 start byte 0xc0"),
    (b'{"a":"\xc3("}', 9, "Invalid UTF-8 middle byte 0x28"),
    (b'{"a":"\xed\xa0\x80"}', 9, "Invalid UTF-8 middle byte 0xa0"),
    (b'{"a":"\xe2\x82x"}', 10, "Invalid UTF-8 middle byte 0x78"),
    (b'{"a":"\xf0\x9f\x98"}', 11, "Invalid UTF-8 middle byte 0x22"),
    (b'{"a\xff":1}', 5, "Invalid UTF-8 start byte 0xff"),
]
ENDS = [
    (
        b"{",
        2,
        f"Unexpected end-of-input: expected close marker for Object (start marker at [{SOURCE}; line: 1, column: 1])",
    ),
    (
        b'{"a":[1',
        8,
        f"Unexpected end-of-input: expected close marker for Array (start marker at [{SOURCE}; line: 1, column: 6])",
    ),
    (
        b'{"a":1 ',
        8,
        f"Unexpected end-of-input: expected close marker for Object (start marker at [{SOURCE}; line: 1, column: 1])",
    ),
    (b'{"a"', 5, "Unexpected end-of-input within/between Object entries"),
    (b'{"a":', 6, "Unexpected end-of-input within/between Object entries"),
    (b'{"a":1,', 8, "Unexpected end-of-input within/between Object entries"),
    (b'{"a":[1,', 9, "Unexpected end-of-input within/between Array entries"),
    (b'{"a":"b', 8, "Unexpected end-of-input in VALUE_STRING"),
    (b'{"a":"\xc3', 8, "Unexpected end-of-input in VALUE_STRING"),
    (b'{"a":"\\', 8, "Unexpected end-of-input in character escape sequence"),
    (b'{"a":"\\u12', 11, "Unexpected end-of-input in character escape sequence"),
    (b'{"a', 4, "Unexpected end-of-input in field name"),
    (b'{"', 3, "Unexpected end-of-input: was expecting closing '\"' for name"),
    (b'{"a":tru', 9, f"Unrecognized token 'tru': {A_TOKEN}"),
]
BRACKETS = [
    (b"}", 2, f"Unexpected close marker '}}': expected ']' (for root starting at [{SOURCE}; line: 1])"),
    (b"{}]", 4, f"Unexpected close marker ']': expected '}}' (for root starting at [{SOURCE}; line: 1])"),
    (b"{]", 3, f"Unexpected close marker ']': expected '}}' (for Object starting at [{SOURCE}; line: 1, column: 1])"),
    (
        b'{"a":[}',
        8,
        f"Unexpected close marker '}}': expected ']' (for Array starting at [{SOURCE}; line: 1, column: 6])",
    ),
    (
        b'{"a":[1}',
        9,
        f"Unexpected close marker '}}': expected ']' (for Array starting at [{SOURCE}; line: 1, column: 6])",
    ),
    (b"{} {}", 4, f"Trailing token (of type START_OBJECT) found after value (bound as `Anything`): {NO_TRAILING}"),
    (b'{}"a"', 3, f"Trailing token (of type VALUE_STRING) found after value (bound as `Anything`): {NO_TRAILING}"),
    (b"{} x", 5, f"Unrecognized token 'x': {A_TOKEN}"),
    (b"{},", 4, "Unexpected character (',' (code 44)): expected a value"),
]


@pytest.mark.parametrize(
    ("body", "column", "reason"),
    [*UNEXPECTED, *WORDS, *NUMBERS, *STRINGS_GONE_WRONG, *ENDS, *BRACKETS],
)
def test_mistakes_in_the_json(body: bytes, column: int, reason: str) -> None:
    assert diagnose(body, ANYTHING) == at(1, column, reason)


@pytest.mark.parametrize("body", [b"", b"   ", b"\r\n\t"])
def test_no_body(body: bytes) -> None:
    assert diagnose(body, BODY) == "Invalid input JSON: No content (empty input stream)"


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (b"\n%", 2, 2),
        (b"\r%", 2, 2),
        (b"\r\n\r\n%", 3, 2),
        (b"\n\r%", 3, 2),
        (b'{\n\t"a" : %', 2, 9),
        ('{"é":\r\n"é" %'.encode(), 2, 7),
        (b'{"a":1,\n"b":2,\r\n"c":[3,\r4,%', 4, 4),
    ],
)
def test_lines_end_in_three_ways_and_columns_are_bytes(body: bytes, line: int, column: int) -> None:
    assert diagnose(body, ANYTHING).startswith(f"Invalid input JSON on line {line}, column {column}: Unexpected char")


def test_the_place_of_an_opening_bracket_has_its_own_line() -> None:
    place = f"[{SOURCE}; line: 2, column: 6])"
    assert diagnose(b'{\n "a":[', ANYTHING) == at(
        2, 7, f"Unexpected end-of-input: expected close marker for Array (start marker at {place}"
    )


@pytest.mark.parametrize(("limit", "opening"), [(1000, b"["), (1000, b'{"a":'), (1000, b' [\n{"a":'), (3, b"[")])
def test_depth_has_a_limit(limit: int, opening: bytes) -> None:
    per_opening = opening.count(b"[") + opening.count(b"{")
    deepest = b'{"a":' + opening * ((limit - 1) // per_opening)
    assert "nesting" not in diagnose(deepest, ANYTHING, limit)
    message = diagnose(deepest + b"[[", ANYTHING, limit)
    bound = f"({limit}, from `StreamReadConstraints.getMaxNestingDepth()`)"
    assert message.endswith(f": Document nesting depth ({limit + 1}) exceeds the maximum allowed {bound}")


def test_a_bracket_that_is_too_deep_is_the_place() -> None:
    assert diagnose(b"[" * 5, Array("A", Array("B", Array("C", Text()))), 2).startswith(
        "Invalid input JSON on line 1, column 3: Document nesting depth (3)"
    )


def test_a_body_with_too_many_tokens_is_not_read_to_its_end() -> None:
    body = b'{"a":' + b"[{}," * 20 + b"%"
    assert diagnose(body, ANYTHING).endswith(A_VALUE)
    assert diagnose(body, ANYTHING, max_steps=60) == UNEXPLAINED


OVERFLOW = "Overflow: numeric value (2147483648) out of range of `java.lang.Integer` (-2147483648 -2147483647)"
LARGEST = "1.7976931348623157E308"
MISMATCHES = [
    (b"null", BODY, 1, wrong(BATCH, "Null", "VALUE_NULL")),
    (b"null", LIST, 1, wrong(ITEMS, "Null", "VALUE_NULL")),
    (b"1", BODY, 1, no_instance(BATCH.partition("<")[0], "int/Int", "Number value (1)")),
    (b"-1", ANYTHING, 1, no_instance("Anything", "int/Int", "Number value (-1)")),
    (b"3000000000", BODY, 1, no_instance(BATCH.partition("<")[0], "long/Long", "Number value (3000000000)")),
    (b"9" * 20, ANYTHING, 1, no_instance("Anything", "BigInteger", f"Number value ({'9' * 20})")),
    (b"1.5", ANYTHING, 1, no_instance("Anything", "double/Double", "Number value (1.5)")),
    (b"true", ANYTHING, 1, no_instance("Anything", "boolean/Boolean", "boolean value (true)")),
    (b'"%b"' % (b"a" * 1000), ANYTHING, 1, no_instance("Anything", "String", f"String value ('{'a' * 1000}')")),
    (b'"a\\u00e9"', ANYTHING, 1, no_instance("Anything", "String", "String value ('aé')")),
    (b'" "', ANYTHING, 1, f'Cannot coerce empty String ("") to `Anything` value {NO_SETTING}'),
    (b'{"inputs":{}}', BODY, 11, wrong("java.util.ArrayList<Input>", "Object", "START_OBJECT")),
    (b'{"inputs":1}', BODY, 11, wrong("java.util.ArrayList<Input>", "Integer", "VALUE_NUMBER_INT")),
    (b'{"inputs":false}', BODY, 11, wrong("java.util.ArrayList<Input>", "Boolean", "VALUE_FALSE")),
    (b'{"a":[1],"b":2}', Map("Lists", LIST), 14, wrong(ITEMS, "Integer", "VALUE_NUMBER_INT")),
    (b"[[1],2]", Array("Lists", LIST), 6, wrong(ITEMS, "Integer", "VALUE_NUMBER_INT")),
    (b'{"inputs":[null]}', BODY, 12, wrong(f"{UPSERT}$Json", "Null", "VALUE_NULL")),
    (b'{"id":[1]}', INPUT, 7, wrong("java.lang.String", "Array", "START_ARRAY")),
    (b'{"id":1e400}', INPUT, 12, f"Numeric value (1e400) out of range of double (-{LARGEST} - {LARGEST})"),
    (b'{"properties":3}', INPUT, 15, wrong(STRINGS, "Integer", "VALUE_NUMBER_INT")),
    (b'{"properties":2.5}', INPUT, 15, wrong(STRINGS, "Floating-point", "VALUE_NUMBER_FLOAT")),
    (b'{"properties":true}', INPUT, 15, wrong(STRINGS, "Boolean", "VALUE_TRUE")),
    (b'{"properties":"x"}', INPUT, 15, no_instance("java.util.LinkedHashMap", "String", "String value ('x')")),
    (
        b'{"properties":""}',
        INPUT,
        15,
        f'Cannot coerce empty String ("") to element of `java.util.LinkedHashMap` {NO_SETTING}',
    ),
    (b'{"properties":{"a":"b","c":[]}}', INPUT, 28, wrong("java.lang.String", "Array", "START_ARRAY")),
    (
        b'{"links":[{"category":"OTHER"}]}',
        INPUT,
        23,
        'Cannot deserialize value of type `Category` from String "OTHER":'
        " not one of the values accepted for Enum class: [HUBSPOT_DEFINED, USER_DEFINED]",
    ),
    (b'{"links":[{"category":""}]}', INPUT, 23, f'Cannot coerce empty String ("") to `Category` value {NO_SETTING}'),
    (b'{"links":[{"category":1}]}', INPUT, 23, wrong("Category", "Integer", "VALUE_NUMBER_INT")),
    (b'{"links":[{"category":{}}]}', INPUT, 23, wrong("Category", "Object", "START_OBJECT")),
    (b'{"links":[{"typeId":1.5}]}', INPUT, 21, wrong("java.lang.Integer", "Floating-point", "VALUE_NUMBER_FLOAT")),
    (b'{"links":[{"typeId":true}]}', INPUT, 21, wrong("java.lang.Integer", "Boolean", "VALUE_TRUE")),
    (
        b'{"links":[{"typeId":"x"}]}',
        INPUT,
        21,
        'Cannot deserialize value of type `java.lang.Integer` from String "x": not a valid `java.lang.Integer` value',
    ),
    (
        b'{"links":[{"typeId":2147483648}]}',
        INPUT,
        31,
        "Numeric value (2147483648) out of range of int (-2147483648 - 2147483647)",
    ),
    (
        b'{"links":[{"typeId":"2147483648"}]}',
        INPUT,
        21,
        f'Cannot deserialize value of type `java.lang.Integer` from String "2147483648": {OVERFLOW}',
    ),
    (
        b'{"size":9223372036854775808}',
        INPUT,
        28,
        "Numeric value (9223372036854775808) out of range of long (-9223372036854775808 - 9223372036854775807)",
    ),
    (b'{"hidden":1}', INPUT, 11, wrong("java.lang.Boolean", "Integer", "VALUE_NUMBER_INT")),
    (b'{"hidden":[]}', INPUT, 11, wrong("java.lang.Boolean", "Array", "START_ARRAY")),
    (
        b'{"hidden":"yes"}',
        INPUT,
        11,
        'Cannot deserialize value of type `java.lang.Boolean` from String "yes": only "true" or "false" recognized',
    ),
    (
        b'{"hidden":"' + b"a" * 600 + b"b" * 600 + b'"}',
        INPUT,
        11,
        f'Cannot deserialize value of type `java.lang.Boolean` from String "{"a" * 500}]...[{"b" * 500}":'
        ' only "true" or "false" recognized',
    ),
]


@pytest.mark.parametrize(("body", "shape", "column", "reason"), MISMATCHES)
def test_values_of_the_wrong_type(body: bytes, shape: Shape, column: int, reason: str) -> None:
    assert diagnose(body, shape) == at(1, column, reason)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b'{"inputs":null,"more":[1,{"a":[[]]}]}', BODY),
        (b'{"inputs":[{"id":"a\\ud83d\\ude00","properties":{"a":1,"b":2.50,"c":true,"d":null,"e":"f"}}]}', BODY),
        (
            b'{"inputs":[{"links":[{"category":"USER_DEFINED","typeId":12},{"category":null,"typeId":"-7"},null]}]}',
            BODY,
        ),
        (b'{"inputs":[{"hidden":"true"},{"hidden":false},{"hidden":null,"links":null,"properties":null}]}', BODY),
        (b'{"inputs":[{"size":2147483648}]}', BODY),
        (b'{"other":1e400,"name":"a","label":0}', NAMED),
        (b'\t[ 1 , "a" , null ]\r\n', LIST),
        (b"null", Text()),
    ],
)
def test_a_body_that_fits_its_shape_has_nothing_wrong(body: bytes, shape: Shape) -> None:
    assert diagnose(body, shape) == UNEXPLAINED


@pytest.mark.parametrize(
    ("body", "column", "missing"),
    [
        (b'{"name":"a"}', 12, "label"),
        (b'{"label":"a"}', 13, "name"),
        (b'{"label":"a","name":null}', 25, "name"),
        (b'{"name":"a","label":"b","name":null}', 36, "name"),
        (b'{ "name" : null, "more": {"label": "b"} }', 41, "name, label"),
    ],
)
def test_required_fields(body: bytes, column: int, missing: str) -> None:
    message = f"Invalid input JSON on line 1, column {column}. Some required fields were not set: [{missing}]"
    assert diagnose(body, NAMED) == message


def test_of_a_repeated_field_the_last_counts() -> None:
    assert diagnose(b'{"name":null,"label":"a","name":"b"}', NAMED) == UNEXPLAINED


@pytest.mark.parametrize(
    ("body", "column", "reason"),
    [
        (b'{"name":{},"label":%', 9, wrong("java.lang.String", "Object", "START_OBJECT")),
        (b'{"name":"a","other":%,"label":{}}', 22, "Unexpected character ('%' (code 37))"),
        (b'{"name":[01]}', 9, wrong("java.lang.String", "Array", "START_ARRAY")),
        (b'{"more":"a\nb"}', 12, "Illegal unquoted character"),
        (b'{"more":{"a":1,"b":[]},"name":{}}', 20, wrong("java.lang.String", "Array", "START_ARRAY")),
        (b'{"other":{"name":{}},"name":[]}', 29, wrong("java.lang.String", "Array", "START_ARRAY")),
    ],
)
def test_the_first_mistake_in_the_document_is_told(body: bytes, column: int, reason: str) -> None:
    assert diagnose(body, NAMED).startswith(at(1, column, reason))


def test_a_required_field_missing_inside_is_told_before_later_mistakes() -> None:
    items = Object("Root", {"items": Array("Items", NAMED)})
    message = diagnose(b'{"items":[{"name":1},%', items)
    assert message == "Invalid input JSON on line 1, column 20. Some required fields were not set: [label]"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
FITTING = st.fixed_dictionaries(
    {
        "inputs": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "id": SCALARS,
                    "properties": st.dictionaries(st.text(), SCALARS),
                    "links": st.none()
                    | st.lists(st.fixed_dictionaries({"category": st.sampled_from(["USER_DEFINED", None])})),
                    "hidden": st.sampled_from([True, False, None, "true", "false"]),
                    "size": st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**63), 2**63 - 1).map(str),
                    "unknown": VALUES,
                },
            )
        )
    },
    optional={"unknown": VALUES},
)
LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}]
)
PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud800", b"/", b"'", b" ", b"\n", b"\r"),
        *(b"0", b"1", b"-", b"+", b".", b"e", b"true", b"null", b"NaN", b"x"),
        *(b"\x00", b"\x7f", b"\x80", b"\xc3", b"\xe2\x80\x9c", b"\xff"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A fitting body in which a few stretches of bytes were replaced, removed or repeated."""
    body = json.dumps(draw(FITTING), **draw(LAYOUTS)).encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 4)))
        body = body[:start] + draw(PIECES | st.binary(max_size=3) | st.just(body[start:end] * 2)) + body[end:]
    return body


def strictly_read(body: bytes) -> Any:
    """What a strict reader makes of a body; raises ValueError. Lone surrogates and NaN are refused."""
    value = json.loads(body.decode(), parse_constant=_refuse, object_pairs_hook=_Pairs)
    json.dumps(value, ensure_ascii=False).encode()
    return value


class _Pairs(list[Any]):
    """A JSON object with all its pairs."""


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def is_object(body: bytes) -> bool:
    """Whether a strict reader finds one JSON object in the body."""
    try:
        return isinstance(strictly_read(body), _Pairs)
    except ValueError:
        return False


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40) | mutated())
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"\\" * 50)
def test_any_bytes_have_a_message_of_one_form(body: bytes) -> None:
    for shape in (BODY, NAMED, LIST, Text()):
        assert diagnose(body, shape).startswith(("Invalid input JSON on line ", "Invalid input JSON: No content"))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40) | mutated())
@example(b'{"a":"\xed\xa0\x80"}')
@example(b'{"a":[1,2,"\\ud800"]}')
@example(b'{"a":[1,2,true\xc3\xa9]}')
@example(b'{"a":[1,2.,3]}')
@example(b'{"a":1,"b":{"c":2,"d":03}}')
def test_it_finds_something_exactly_when_a_strict_reader_does(body: bytes) -> None:
    assert (diagnose(body, ANYTHING) == UNEXPLAINED) == is_object(body)


@settings(deadline=None)
@given(FITTING, LAYOUTS)
def test_good_bodies_that_fit_have_nothing_wrong(value: Any, layout: Any) -> None:
    assert diagnose(json.dumps(value, **layout).encode(), BODY) == UNEXPLAINED


@settings(deadline=None)
@given(st.dictionaries(st.text(), VALUES), st.data())
def test_a_bad_byte_is_found_where_it_is(value: Any, data: st.DataObject) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    place = data.draw(st.integers(0, len(body)))
    message = diagnose(body[:place] + b"\x01" + body[place:], ANYTHING)
    assert message.startswith(f"Invalid input JSON on line 1, column {place + 2}: ")


@settings(deadline=None)
@given(st.dictionaries(st.text(), VALUES), st.data())
def test_a_cut_body_is_wrong_at_its_end(value: Any, data: st.DataObject) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    length = data.draw(st.integers(1, len(body) - 1))
    message = diagnose(body[:length], ANYTHING)
    assert message.startswith(f"Invalid input JSON on line 1, column {length + 1}: ")
