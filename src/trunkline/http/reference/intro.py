"""What the contents tell before the operations, and the chapter of OAuth before its own: how to try them."""

from collections.abc import Iterator

from trunkline.http.oauth.consent import AUTHORIZE
from trunkline.http.reference.document import document, prepare
from trunkline.http.reference.examples import HERE, NAMES, TOKEN
from trunkline.http.reference.markup import Html, element, joined, prose
from trunkline.http.reference.samples import command
from trunkline.language import Say

REDIRECT = "http://localhost:9999/callback"
SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")
REGISTERING = f"""\
trunkline app create Dialer --portal 1000001 \\
  --redirect-uri {REDIRECT} \\
  {" ".join(f"--scope {scope}" for scope in SCOPES)}"""
ASKING = f"""\
export CLIENT_ID=... CLIENT_SECRET=...
echo "{HERE}{AUTHORIZE}?client_id=$CLIENT_ID&redirect_uri={REDIRECT}&scope={"%20".join(SCOPES)}\""""

READY = "pat-local-development"
"""The token of `make serve`, which everybody knows."""

TAKEN = (
    "The examples take your token from `TRUNKLINE_TOKEN`. This is the one of `make serve`; another one comes from "
    "`trunkline token create`. Python's need the package `requests`, and those of Node are modules (`.mjs`) for "
    "version 18 or newer."
)
PASTED = (
    "On an empty server, paste the following once. Then every example works as it stands, in any order, in the same "
    "shell; those of OAuth take more. Elsewhere your records have other ids."
)
WARNED = (
    "What is most likely a mistake, though HubSpot says nothing about it, has a header `X-Trunkline-Warning` "
    "beside its answer. `GET /_trunkline/warnings/CODE` explains the code that it begins with."
)
OWN_APP = (
    "An app that others let into their portals is given its tokens. To try it, register an app, while the server "
    "runs or not, and open the address in a browser that the last command prints: there somebody lets the app in. "
    "The page that the browser is sent to then is not there, but its address has the `code`."
)


def intro(say: Say, name: str) -> Html:
    """The section before the contents of one version."""
    version = document()["info"]["version"]
    served = say("Trunkline {version} serves HubSpot's CRM API. Every operation that it has is here.", version=version)
    return element("section", element("h1", say("The API")), element("p", served), *_start(say, name), class_="intro")


def _start(say: Say, name: str) -> Iterator[Html]:
    """What all examples take."""
    yield element("h2", say("Before you start"))
    yield element("p", prose(say(TAKEN)))
    yield command(say, f"export {TOKEN}={READY}")
    yield element("p", say(PASTED))
    title = element("summary", say("Commands that make something to work on"))
    yield element("details", title, command(say, "\n".join(prepare(name))))
    yield element("p", prose(say(WARNED)))


def oauth(say: Say) -> Html:
    """How to come by what the commands of OAuth take."""
    rows = (joined(element("dt", element("code", name)), element("dd", say(what))) for name, what in NAMES.items())
    return element(
        "div",
        element("p", prose(say(OWN_APP))),
        command(say, REGISTERING),
        command(say, ASKING),
        element("p", say("The commands take what you have come by from variables:")),
        element("dl", *rows, class_="facts"),
        class_="intro",
    )
