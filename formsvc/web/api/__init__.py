"""The door for other programs: JSON under /api/v1, a bearer token, no cookies."""

from __future__ import annotations

from flask import Flask

from formsvc.web.api import dispatch as door
from formsvc.web.api.endpoints import acts, attachments, cases, drafts, forms, registers
from formsvc.web.api.endpoints import meta as overview
from formsvc.web.api.endpoints import transitions as steps
from formsvc.web.security import csrf

PARTS = (overview, forms, acts, drafts, steps, attachments, cases, registers)
"""Importing a part puts its operations into the table."""


def register(app: Flask) -> None:
    """Put every operation of the table on the application."""
    csrf.exempt(door.blueprint)
    door.open_door(app)


__all__ = ["PARTS", "register"]
