"""Heeding what other processes changed: what this one remembers of it is forgotten, or doubted until it is needed."""

from trunkline.http.call import State
from trunkline.store.protocol import Notice


def heed(state: State, notice: Notice) -> None:
    """Takes a notice in. It waits for nothing, so that no request is answered from memory after it."""
    match notice.kind:
        case "catalog":
            _doubt(state, notice.portal, notice)
        case "accounts":
            state.gate.forget()
        case "portal":
            state.gate.forget()
            state.forget(notice.portal)
        case "job":
            state.enlisted.set()
        case "bench":
            state.bench.doubt()
            state.hooks.changed.set()
        case "all":
            state.gate.forget()
            state.enlisted.set()
            state.bench.doubt()
            state.hooks.changed.set()
            for portal in state.loading:
                _doubt(state, portal, notice)


def _doubt(state: State, portal: int, notice: Notice) -> None:
    """Has a catalog compared with the store's before it is used again; one that nobody asked for needs no doubt."""
    if portal in state.loading:
        state.doubts[portal] = notice
