"""Request context: the application's ports and the person signed in."""

from __future__ import annotations

from flask import current_app, g, request

from formsvc.domain.calendar import Calendar
from formsvc.domain.parsing import parse_whole_number
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Actor, Ports

EXTENSION = "formsvc"


def ports() -> Ports:
    registered: Ports = current_app.extensions[EXTENSION]
    return registered


def current_actor() -> Actor | None:
    """Return the person signed in; None on public pages, outside requests."""
    return g.get("who") if g else None


def who() -> Actor:
    """Return the person signed in; only for pages behind the sign-in."""
    actor: Actor = g.who
    return actor


def office_calendar() -> Calendar:
    """Return the calendar with imported tables, read once a request."""
    if "calendar" not in g:
        g.calendar = get_calendar(ports())
    calendar: Calendar = g.calendar
    return calendar


def wants_json() -> bool:
    """Return whether a script or program sent the request."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def requested_page() -> int:
    """Return the list page in the query string, from 1; 1 if malformed."""
    return max(parse_whole_number(request.args.get("page", "")) or 1, 1)
