"""What each page tells before its operations, and before those of OAuth: how to try them."""

from collections.abc import Iterator

from trunkline.http.oauth.consent import AUTHORIZE
from trunkline.http.reference.chapter import command
from trunkline.http.reference.document import document, prepare
from trunkline.http.reference.examples import HERE, NAMES, TOKEN
from trunkline.http.reference.markup import Html, element, joined, prose

REDIRECT = "http://localhost:9999/callback"
SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")
REGISTERING = f"""\
trunkline app create Dialer --portal 1000001 \\
  --redirect-uri {REDIRECT} \\
  {" ".join(f"--scope {scope}" for scope in SCOPES)}"""
ASKING = f"""\
export CLIENT_ID=... CLIENT_SECRET=...
echo "{HERE}{AUTHORIZE}?client_id=$CLIENT_ID&redirect_uri={REDIRECT}&scope={"%20".join(SCOPES)}\""""


def intro(name: str) -> Html:
    """The section before the operations of one page."""
    info = document()["info"]
    return element(
        "section",
        element("h1", "The API"),
        element(
            "p", prose(f"Trunkline {info['version']} serves HubSpot's CRM API. Every operation that it has is here.")
        ),
        *_start(name),
        class_="intro",
    )


def _start(name: str) -> Iterator[Html]:
    """What the commands of all other operations take."""
    yield element("h2", "Before you start")
    yield element(
        "p",
        prose(
            f"The commands take your token from `{TOKEN}`. This is the one of `make serve`; another one comes from "
            "`trunkline token create`."
        ),
    )
    yield command(f"export {TOKEN}=pat-local-development")
    yield element(
        "p",
        "On an empty server, paste the following once. Then every command on this page works as it stands, in any "
        "order, in the same shell; those of OAuth take more. Elsewhere your records have other ids.",
    )
    yield element(
        "p",
        prose(
            "What is most likely a mistake, though HubSpot says nothing about it, has a header `X-Trunkline-Warning` "
            "beside its answer. `GET /_trunkline/warnings/CODE` explains the code that it begins with."
        ),
    )
    title = element("summary", "Commands that make something to work on")
    yield element("details", title, command("\n".join(prepare(name))))


def oauth() -> Html:
    """How to come by what the commands of OAuth take."""
    how = (
        "An app that others let into their portals is given its tokens. To try it, register an app, while the server "
        "runs or not, and open the address in a browser that the last command prints: there somebody lets the app in. "
        "The page that the browser is sent to then is not there, but its address has the `code`."
    )
    rows = (joined(element("dt", element("code", name)), element("dd", what)) for name, what in NAMES.items())
    return element(
        "div",
        element("p", prose(how)),
        command(REGISTERING),
        command(ASKING),
        element("p", "The commands take what you have come by from variables:"),
        element("dl", *rows, class_="facts"),
        class_="intro",
    )
