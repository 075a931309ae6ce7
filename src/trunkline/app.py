"""The one place where everything is wired: a store, the state that requests share, and the routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from trunkline.clock import Clock
from trunkline.crm.catalog import shipped_types
from trunkline.http import download, face
from trunkline.http.call import State, state_of
from trunkline.http.control import control_routes
from trunkline.http.frame import Frame
from trunkline.http.hooks.telling import telling
from trunkline.http.leading import led
from trunkline.http.ledger import Ledger
from trunkline.http.line import Line
from trunkline.http.news import heed
from trunkline.http.oauth import pages
from trunkline.http.oauth.consent import ConsentPages
from trunkline.http.oauth.signing import SigningPages
from trunkline.http.oauth.visitor import Visitors
from trunkline.http.operation import Operation
from trunkline.http.pages import page
from trunkline.http.pulled import link
from trunkline.http.reference import serving
from trunkline.http.routes import OPERATIONS
from trunkline.http.sampling import sampling
from trunkline.http.switch import Switch
from trunkline.http.worker import working
from trunkline.settings import Settings
from trunkline.store.protocol import Store
from trunkline.store.sqlite.index import SearchIndex
from trunkline.store.sqlite.store import SqliteStore
from trunkline.web import web_routes
from trunkline.web.counting import Counting


def open_store(settings: Settings, clock: Clock) -> Store:
    """The store that the settings name, not yet opened."""
    if is_shared(settings.data):
        # What migrates a database is slow to import.
        from trunkline.store.postgres.store import PostgresStore

        return PostgresStore(
            settings.data,
            clock,
            durability=settings.durability,
            connections=settings.database_connections,
            search_lag=settings.search_lag,
            search_wait=settings.search_wait,
            search_timeout=settings.search_timeout,
        )
    index = SearchIndex(
        settings.data,
        clock,
        shipped_types(),
        lag=settings.search_lag,
        wait=settings.search_wait,
        limit=settings.search_timeout,
    )
    return SqliteStore(settings.data, clock, durability=settings.durability, cache_mb=settings.cache_mb, index=index)


def is_shared(data: str) -> bool:
    """Whether several processes may have the store that is named so at once."""
    return data.startswith(("postgresql://", "postgres://"))


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock,
    store: Store,
    secret: str,
    stopping: asyncio.Event | None = None,
    ledger: Ledger | None = None,
) -> AsyncIterator[ASGIApp]:
    """The application over an opened store; the store is closed at the end. Raises `StoreRefused`.

    Once `stopping` is set it says that it is not ready any more. `ledger` is where it counts requests together with
    other processes.
    """
    await store.open()
    try:
        state = await state_of(store, clock, settings, secret, stopping, ledger)
        store.hear(partial(heed, state))
        tidied, counted = led(store, state.trail.tidy, "tidy"), Counting(clock)
        async with working(state), telling(state), tidied, state.trail.kept(), sampling(state), counted as counting:
            yield build(state, counting)
    finally:
        await store.close()


def build(state: State, counting: Counting | None = None) -> ASGIApp:
    """The ASGI application of one server; `counting` ends before its store does."""
    later = [(path, partial(_route, path, state, row, version)) for row in OPERATIONS for version, path in row.paths()]
    visitors = Visitors(state)
    faces = (ConsentPages(state, visitors), SigningPages(state, visitors))
    shown = [route for face in faces for route in face.routes()]
    others: list[BaseRoute] = [
        *shown,
        *face.routes(),
        *pages.routes(),
        *download.routes(state),
        *link.routes(state),
        *control_routes(state),
        *serving.routes(),
        *web_routes(state, visitors, counting or Counting(state.clock)),
    ]
    return Frame(
        ExceptionMiddleware(Switch(others, later), {404: _html, 405: _html}),
        state.clock,
        state.measures,
        state.requests,
    )


def _route(path: str, state: State, row: Operation, version: str) -> Route:
    return Route(path, Line(state, row, version), methods=[row.method])


async def _html(request: Request, cause: Exception) -> Response:
    status = cause.status_code if isinstance(cause, HTTPException) else 500
    headers = {"content-type": "text/html;charset=utf-8"}
    if isinstance(cause, HTTPException) and cause.headers:
        headers |= dict(cause.headers)
    return Response(page(status, request.url.path), status, headers)
