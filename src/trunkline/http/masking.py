"""Taking secrets out of what is kept of requests and answers."""

import re
from collections.abc import Iterable

MASKED = "masked"

SECRET_HEADERS = frozenset((b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"x-trunkline-secret"))
ADDRESSES = frozenset((b"location", b"referer"))
"""Headers with an address, in which there may be a code."""

NAMES = (
    "access_token|accesstoken|refresh_token|refreshtoken|id_token|idtoken|client_secret|clientsecret|code_verifier"
    "|hapikey|api_?key|token_?key|token|password|secret|signature|assertion"
)
"""What secrets are called, in bodies and queries alike."""

_MEMBER = re.compile(rf'("(?:{NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"?'.encode(), re.IGNORECASE)
_CODE = re.compile(rb'("code"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_FIELD = re.compile(rf"((?:^|[?&])(?:{NAMES}|code|state)=)[^&#\s]*", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(rb"\bpat-[\w-]{8,}")
_TICKET = re.compile(rb"(/exports/|/webhooks-journal/files/)\d[\w-]+")
_PATH = re.compile(r"(/(?:access|refresh)-tokens/|/exports/(?=\d+-)|/webhooks-journal/files/).*", re.DOTALL)

OAUTH = "/oauth"


def path(text: str) -> str:
    """A path without the tokens that HubSpot has in some, and without tickets for files."""
    return _PATH.sub(rf"\1{MASKED}", text)


def query(text: str) -> str:
    """A query, or a form, with its secrets masked."""
    return _FIELD.sub(rf"\1{MASKED}", text) if text else text


def headers(pairs: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers with their secrets masked; of an authorization the scheme stays."""
    return [
        (name, _header(name, value)) if name in SECRET_HEADERS or name in ADDRESSES else (name, value)
        for name, value in pairs
    ]


def _header(name: bytes, value: bytes) -> bytes:
    if name in ADDRESSES:
        return query(path(value.decode("latin-1"))).encode("latin-1")
    scheme, blank, _ = value.partition(b" ")
    shown = scheme + blank if blank and name.endswith(b"authorization") else b""
    return shown + MASKED.encode()


def body(content: bytes, where: str) -> bytes:
    """A body of a request to a path, or of its answer, with its secrets masked: JSON, a form, or any text."""
    content = _MEMBER.sub(rb'\1"masked"', content)
    content = _TICKET.sub(rb"\1masked", _TOKEN.sub(b"masked", content))
    if where.startswith(OAUTH):
        content = query(_CODE.sub(rb'\1"masked"', content).decode("latin-1")).encode("latin-1")
    return content


def is_plain(template: str | None, status: int) -> bool:
    """Whether there are no secrets in the bodies of a request of this route with an answer of this status.

    What succeeded and is about records has none, and is not looked through: that would take long.
    """
    return template is not None and 200 <= status < 300 and template.startswith("/crm") and "exports" not in template
