"""Request context: the ports of the application and the person who is signed in."""

from __future__ import annotations

from flask import current_app, g, request

from formsvc.domain.parsing import parse_whole_number
from formsvc.usecases.context import Actor, Ports

EXTENSION = "formsvc"


def ports() -> Ports:
    registered: Ports = current_app.extensions[EXTENSION]
    return registered


def current_actor() -> Actor | None:
    """Return the person signed in, or None on public pages and outside a request."""
    return g.get("who") if g else None


def who() -> Actor:
    """Return the person signed in; only for pages behind the sign-in, where sessions have set it."""
    actor: Actor = g.who
    return actor


def wants_json() -> bool:
    """Return whether a script or another program sent the request, not a person's browser navigating."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def requested_page() -> int:
    """Return the list page in the query string, counted from 1; 1 for anything that is no page number."""
    return max(parse_whole_number(request.args.get("page", "")) or 1, 1)
