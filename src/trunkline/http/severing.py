"""Cutting off a connection on purpose: before there is an answer, or in the middle of one."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trunkline.bench.fault import Fault
from trunkline.http.outflow import drop

TRANSPORT = "transport"
"""Where the scope has the connection of a request that came over a socket."""

STRUCK = "fault"
"""Where the scope has the name of the fault that struck a request."""

SEVERED = "severed"
"""Where the scope has what its caller in this process is to be raised, in the place of a connection that breaks."""


class Severed(ConnectionResetError):
    """What is raised to who calls the application in this process, where there is no connection to break."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"The connection was cut off by the fault {fault}.")
        self.fault = fault


async def sever(fault: Fault, answer: ASGIApp | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Breaks the connection of a request that a fault strikes, after half of the answer if there is one."""
    if answer is not None:
        await answer(scope, receive, _halved(send))
    transport: asyncio.Transport | None = scope.get(TRANSPORT)
    if transport is None:
        scope[SEVERED] = Severed(fault.name)
        return
    if fault.kind == "reset":
        drop(transport)
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _halved(send: Send) -> Send:
    """Sends a head as it is, and half of the body that it announces."""
    left = 0

    async def half(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            left = int(dict(message["headers"]).get(b"content-length", 0)) // 2
            await send(message)
        elif left:
            body = bytes(message.get("body", b""))[:left]
            left -= len(body)
            await send({"type": "http.response.body", "body": body, "more_body": True})

    return half
