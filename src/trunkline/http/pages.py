"""The HTML pages for what is no operation at all, as the real service answers them (behaviour 5.7)."""

import re
from html import escape
from http import HTTPStatus

_SECRET = re.compile(r"(/(?:access|refresh)-tokens/).*", re.DOTALL)

PAGE = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error {status} {reason}</title>
</head>
<body><h2>HTTP ERROR {status}</h2>
<p>Problem accessing {path}. Reason:
<pre>    {reason}</pre></p>
</body>
</html>
"""


def page(status: int, path: str) -> bytes:
    """The page of one status; the path is escaped, and a token in it is not repeated."""
    return PAGE.format(status=status, reason=HTTPStatus(status).phrase, path=escape(without_token(path))).encode()


def without_token(path: str) -> str:
    """A path that may be told to anybody: HubSpot has tokens in some."""
    return _SECRET.sub(r"\1…", path)
