"""Limits of the person who sent the request, counted for all workers."""

from __future__ import annotations

from flask import Flask, current_app, g

from formsvc.usecases.allowances import PersonalLimits
from formsvc.usecases.context import CONSOLE, Ports
from formsvc.web.context import EXTENSION as PORTS
from formsvc.web.context import ports, who

EXTENSION = "formsvc_personal_limits"


def register(app: Flask) -> None:
    registered: Ports = app.extensions[PORTS]
    app.extensions[EXTENSION] = PersonalLimits(registered.store, registered.limits)


def personal_limits() -> PersonalLimits:
    limits: PersonalLimits = current_app.extensions[EXTENSION]
    return limits


def _has_own_limit() -> bool:
    """Return whether the request came with a token made on the server.

    The limit that it was given there stands in place of those of a person.
    """
    token = g.get("token")
    return token is not None and token.made_by == CONSOLE.id


def count_save() -> None:
    """Raise Throttled if this person has saved too often."""
    personal_limits().count_save(who().account.id, ports().clock.now())


def count_upload(size: int) -> None:
    """Raise Throttled if this person has uploaded too much."""
    if not _has_own_limit():
        personal_limits().count_upload(who().account.id, size, ports().clock.now())
