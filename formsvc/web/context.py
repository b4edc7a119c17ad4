"""What every request finds around it: the ports of the service and the person who is signed in."""

from __future__ import annotations

from flask import current_app, g, request

from formsvc.domain.parsing import parse_whole_number
from formsvc.usecases.context import Actor, Ports

EXTENSION = "formsvc"


def ports() -> Ports:
    """The ports of this application."""
    found: Ports = current_app.extensions[EXTENSION]
    return found


def signed_in() -> Actor | None:
    """Who is signed in, or None on the pages for everybody."""
    return g.get("who") if g else None


def who() -> Actor:
    """Who is signed in; pages behind the sign-in always have somebody."""
    found: Actor = g.who
    return found


def wants_json() -> bool:
    """Whether a script or another program asks, not a person reading pages."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def page_asked_for() -> int:
    """The page of a list that the address names; the first where it names none."""
    return max(parse_whole_number(request.args.get("page", "")) or 1, 1)
