"""JSON API under /api/v1: bearer tokens, no cookies."""

from __future__ import annotations

from flask import Flask

from formsvc.web.api import dispatch
from formsvc.web.api.endpoints import (
    acts,
    attachments,
    cases,
    drafts,
    forms,
    meta,
    register_rows,
    registers,
    transitions,
)
from formsvc.web.security import csrf

# Importing a module enters its operations into the table; the order is that of the OpenAPI description.
ENDPOINTS = (acts, attachments, cases, drafts, forms, meta, registers, register_rows, transitions)


def register(app: Flask) -> None:
    # a cross-site request cannot carry the bearer token, so there is nothing to forge
    csrf.exempt(dispatch.blueprint)
    dispatch.register_routes(app)


__all__ = ["register"]
