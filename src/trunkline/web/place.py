"""The addresses of pages."""

from urllib.parse import quote, urlencode

ROOT = "/portal"


def home(portal: int, *steps: object, **query: object) -> str:
    """The address of a page of a portal; a list in the query is a name that comes again and again."""
    path = "/".join(quote(str(step), safe="") for step in (portal, *steps))
    sought = urlencode({name: value for name, value in query.items() if value not in (None, "", [])}, doseq=True)
    return f"{ROOT}/{path}" + (f"?{sought}" if sought else "")
