"""Cursors of pages that go by record id: where a page starts, and where the next one does."""

from trunkline.errors import MalformedCursor
from trunkline.http.call import Call
from trunkline.wire.record import NextPage, Paging


def start(call: Call) -> int:
    """The id from which on a page starts; raises `MalformedCursor` for what no page ever gave (behaviour 8.5)."""
    after = call.request.query_params.get("after") or "0"
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise MalformedCursor(after)
    return int(after)


def next_page(call: Call, first: int) -> Paging:
    """The page that starts with an id; the link keeps the query, with `after` last (behaviour 8.1, 8.2)."""
    url = call.request.url.remove_query_params("after")
    query = f"{url.query}&after={first}" if url.query else f"after={first}"
    return Paging(NextPage(str(first), str(url.replace(query=query))))
