"""The check that Schemathesis puts every answer to: the same judges as in all other tests.

Schemathesis loads this module by its name (`SCHEMATHESIS_HOOKS`).
"""

from urllib.parse import urlsplit

import httpx
import schemathesis
from fuzz import verdict


@schemathesis.check
def verdict_of_all_tests(context: schemathesis.CheckContext, response: schemathesis.Response, case: object) -> None:
    """Nothing in the answer is wrong by the wire cases' invariants and by HubSpot's specification."""
    url = urlsplit(str(response.request.url))
    headers = httpx.Headers([(name, value) for name, values in response.headers.items() for value in values])
    path = f"{url.path}?{url.query}"
    answer = verdict.reply(str(response.request.method), path, response.status_code, headers, response.content)
    found = list(verdict.complaints(answer))
    assert not found, "\n".join(found)
