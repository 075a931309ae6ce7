"""How HubSpot's parser words what is wrong with a piece of JSON, and where it says that it is.

Texts and positions are those of Jackson 2.16, the newest release whose columns agree with behaviour 5.3: a character
that is not expected is reported one column to the right of where it stands. Outside strings that parser shows a byte
above 127 as if it were Latin-1, and so does this module.
"""

import re
import unicodedata

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The list for characters is the recorded one (behaviour 5.3); the one for words is from a later release.
_VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
_WORD = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_COMMENT = (
    "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
)
_SOURCE = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_MINUS = "expected digit (0-9) to follow minus sign, for valid numeric value"
_PLUS = (
    "JSON spec does not allow numbers to have plus signs:"
    " enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
_NOT_A_NUMBER = ("NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF")
_LONGEST_WORD = 256

_INTEGER = re.compile(rb"-?(?:0|[1-9][0-9]*+)")
_FRACTION = re.compile(rb"\.[0-9]++")
_EXPONENT = re.compile(rb"[eE][+-]?")
_HEX_DIGITS = b"0123456789abcdefABCDEF"


class Fault(Exception):
    """Why a body is refused, and the byte offset it is reported at, moved right by `shift` columns."""

    def __init__(self, offset: int, reason: str, shift: int = 0) -> None:
        super().__init__(reason)
        self.offset, self.reason, self.shift = offset, reason, shift


def position(body: bytes, offset: int) -> tuple[int, int]:
    r"""Line and column of a byte offset, both from 1; a column is a byte, a line ends with \n, \r or \r\n."""
    pairs = body.count(b"\r\n", 0, offset)
    line = body.count(b"\n", 0, offset) + body.count(b"\r", 0, offset) - pairs + 1
    return line, offset - max(body.rfind(b"\n", 0, offset), body.rfind(b"\r", 0, offset))


def gave_up() -> Fault:
    """A body that is refused for a reason that is not known, or not looked for any longer."""
    return Fault(0, "Cannot deserialize the body")


def unexpected(body: bytes, at: int, wanted: str) -> Fault:
    """A byte between tokens that is not the one `wanted` speaks of."""
    found = _described(body[at])
    if body[at] < 0x20:
        only = r"only regular white space (\r, \n, \t) is allowed between tokens"
        return Fault(at, f"Illegal character ({found}): {only}", 1)
    return Fault(at, f"Unexpected character ({found}): {_COMMENT if body[at : at + 1] == b'/' else wanted}", 1)


def misplaced_mark() -> Fault:
    """A byte order mark at the start of the body."""
    return Fault(0, f"Unexpected character ({_described(0xFEFF)}): {_VALUE}", 1)


def ended_inside(body: bytes, container: str) -> Fault:
    """The body ends where a name, a colon or a value has to follow; `container` is Object or Array."""
    return Fault(len(body), f"Unexpected end-of-input within/between {container} entries")


def never_closed(body: bytes, container: str, opened: int) -> Fault:
    """The body ends before the container that was opened at that offset."""
    marker = f"(start marker at {_place(body, opened)})"
    return Fault(len(body), f"Unexpected end-of-input: expected close marker for {container} {marker}")


def wrongly_closed(body: bytes, at: int, container: str, opened: int | None) -> Fault:
    """A closing bracket of the other kind, or one at the root, where `opened` is None."""
    found, wanted = ("}", "]") if body[at : at + 1] == b"}" else ("]", "}")
    return Fault(
        at,
        f"Unexpected close marker '{found}': expected '{wanted}' (for {container} starting at {_place(body, opened)})",
        1,
    )


def too_deep(at: int, depth: int, limit: int) -> Fault:
    """One bracket too many."""
    bound = f"({limit}, from `StreamReadConstraints.getMaxNestingDepth()`)"
    return Fault(at, f"Document nesting depth ({depth}) exceeds the maximum allowed {bound}")


def too_long(at: int, digits: int, limit: int) -> Fault:
    """A number with too many digits."""
    bound = f"({limit}, from `StreamReadConstraints.getMaxNumberLength()`)"
    return Fault(at, f"Number value length ({digits}) exceeds the maximum allowed {bound}")


def name_fault(body: bytes, at: int) -> Fault:
    """Something other than a double quote where a name has to start."""
    wanted = "was expecting double-quote to start field name"
    if at == len(body):
        return ended_inside(body, "Object")
    if body[at] < 0x80:
        return unexpected(body, at, wanted)
    char = _character(body, at)
    return Fault(at + len(char.encode()) - 1, f"Unexpected character ({_described(ord(char))}): {wanted}", 1)


def value_fault(body: bytes, at: int, container: str) -> Fault:
    """Something that starts no value, where one has to start; `container` is Object, Array or root."""
    lead = body[at : at + 1]
    if lead == b"":
        return ended_inside(body, container)
    if lead in b"+-0123456789":
        return _number_fault(body, at)
    if lead in (b",", b"}") or (lead == b"]" and container == "Array"):
        return unexpected(body, at, "expected a value")
    if _starts_word(chr(lead[0])):
        return _word_fault(body, at)
    return unexpected(body, at, _VALUE)


def root_fault(body: bytes, at: int) -> Fault:
    """Something that touches a number outside all brackets."""
    return Fault(at, f"Unexpected character ({_described(body[at])}): Expected space separating root-level values", 1)


def literal_fault(body: bytes, at: int) -> Fault:
    """A byte above 127 right after true, false or null; the parser takes it for the start and its own next byte."""
    if 0xC0 <= body[at] < 0xF8:
        return Fault(at, f"Invalid UTF-8 middle byte 0x{body[at]:x}", 1)
    return Fault(at, f"Invalid UTF-8 start byte 0x{body[at]:x}")


def broken_name(body: bytes, start: int, at: int) -> Fault:
    """What ends a name, opened at `start`, at a byte other than its closing quote."""
    if at == start + 1 == len(body):
        return Fault(at, "Unexpected end-of-input: was expecting closing '\"' for name")
    return string_fault(body, at, "field name", "name")


def string_fault(body: bytes, at: int, token: str, place: str) -> Fault:
    """What ends a string at a byte other than its closing quote; `token` and `place` say what the string is."""
    if at == len(body):
        return Fault(at, f"Unexpected end-of-input in {token}")
    if body[at] == 0x5C:
        return _escape_fault(body, at, token)
    if body[at] < 0x20:
        remedy = f"has to be escaped using backslash to be included in {place}"
        return Fault(at, f"Illegal unquoted character ({_described(body[at])}): {remedy}", 1)
    return _encoding_fault(body, at, token)


def _escape_fault(body: bytes, at: int, token: str) -> Fault:
    if body[at + 1 : at + 2] not in (b"u", b""):
        char = _character(body, at + 1)
        return Fault(at + len(char.encode()), f"Unrecognized character escape {_described(ord(char))}", 1)
    digits = body[at + 2 : at + 6]
    end = at + 2 + len(digits) - len(digits.lstrip(_HEX_DIGITS))
    if end == at + 6:
        return _surrogate_fault(body, at, token)
    if end >= len(body):
        return Fault(len(body), "Unexpected end-of-input in character escape sequence")
    wanted = "expected a hex-digit for character escape sequence"
    return Fault(end, f"Unexpected character ({_described(body[end])}): {wanted}", 1)


def _surrogate_fault(body: bytes, at: int, token: str) -> Fault:
    if at + 6 == len(body):
        return Fault(len(body), f"Unexpected end-of-input in {token}")
    unit = body[at + 2 : at + 6].decode().upper()
    return Fault(at + 5, f"Unpaired surrogate in character escape sequence (0x{unit})", 1)


def _encoding_fault(body: bytes, at: int, token: str) -> Fault:
    """What is wrong with the UTF-8 sequence at an offset where there is no valid one."""
    try:
        body[at : at + 4].decode()
    except UnicodeDecodeError as error:
        bad = at + error.end
        if error.reason == "invalid start byte":
            return Fault(at, f"Invalid UTF-8 start byte 0x{body[at]:x}", 1)
        if bad < len(body):
            return Fault(bad, f"Invalid UTF-8 middle byte 0x{body[bad]:x}", 1)
    return Fault(len(body), f"Unexpected end-of-input in {token}")


def _number_fault(body: bytes, at: int) -> Fault:
    whole = _INTEGER.match(body, at)
    if whole is None:
        return _sign_fault(body, at)
    end = whole.end()
    if body[end : end + 1].isdigit():
        return Fault(end - 1, "Invalid numeric value: Leading zeroes not allowed", 1)
    if body[end : end + 1] == b".":
        fraction = _FRACTION.match(body, end)
        if fraction is None:
            return _digit_fault(body, min(end + 1, len(body) - 1), "Decimal point not followed by a digit")
        end = fraction.end()
    exponent = _EXPONENT.match(body, end)
    return _digit_fault(body, end if exponent is None else exponent.end(), "Exponent indicator not followed by a digit")


def _sign_fault(body: bytes, at: int) -> Fault:
    following = body[at + 1 : at + 3]
    if following in (b"IN", b"In"):
        return _word_fault(body, at)
    if following[:1] == b".":
        return unexpected(body, at + 1, _VALUE)
    if body[at : at + 1] == b"-" or not following:
        return _digit_fault(body, at + 1, _MINUS)
    return Fault(at + 1, f"Unexpected character ('+' (code 43)) in numeric value: {_PLUS}", 1)


def _digit_fault(body: bytes, at: int, reason: str) -> Fault:
    if at == len(body):
        return Fault(at, "Unexpected end-of-input in a Number value")
    return Fault(at, f"Unexpected character ({_described(body[at])}) in numeric value: {reason}", 1)


def _word_fault(body: bytes, at: int) -> Fault:
    word, end = _word(body, at)
    if word in _NOT_A_NUMBER:
        setting = "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`"
        return Fault(at, f"Non-standard token '{word}': enable {setting} to allow", len(word))
    return Fault(at, f"Unrecognized token '{word}': {_WORD}", end - at)


def _word(body: bytes, at: int) -> tuple[str, int]:
    """The run of letters and digits at an offset, and where reading it stops: after the character that ends it."""
    word, at = chr(body[at]), at + 1
    while at < len(body) and len(word) < _LONGEST_WORD:
        char = _character(body, at)
        at += len(char.encode())
        if not _continues_word(char):
            return word, at
        word += char
    return (word if len(word) < _LONGEST_WORD else f"{word}..."), at


def _character(body: bytes, at: int) -> str:
    """The character at an offset; raises `Fault` where the bytes are not UTF-8."""
    char = body[at : at + 4].decode("utf-8", "surrogateescape")[0]
    if "\ud800" <= char <= "\udfff":
        raise _encoding_fault(body, at, "a token")
    return char


def _starts_word(char: str) -> bool:
    return char.isidentifier() or unicodedata.category(char) == "Sc"


def _continues_word(char: str) -> bool:
    return ("_" + char).isidentifier() or unicodedata.category(char) == "Sc"


def _described(code: int) -> str:
    if code < 32 or 127 <= code < 160:
        return f"(CTRL-CHAR, code {code})"
    return f"'{chr(code)}' (code {code})" if code < 256 else f"'{chr(code)}' (code {code} / 0x{code:x})"


def _place(body: bytes, opened: int | None) -> str:
    if opened is None:
        return f"[{_SOURCE}; line: 1]"
    line, column = position(body, opened)
    return f"[{_SOURCE}; line: {line}, column: {column}]"
