"""Requests in, pages out; no rules."""

from __future__ import annotations

from flask import Flask

from formsvc.usecases.wiring import Ports
from formsvc.web import (
    acts,
    admin,
    api,
    approval,
    attachments,
    auth,
    cases,
    drafting,
    errors,
    numbers,
    pages,
    pictures,
    preview,
    responsibility,
    security,
    sessions,
    texts,
)
from formsvc.web.surroundings import EXTENSION

SCREENS = (auth, pages, drafting, preview, attachments, acts, cases, responsibility, approval, numbers, admin)


def register(app: Flask, ports: Ports) -> None:
    """Put pages, filters, errors and protection on the application."""
    app.extensions[EXTENSION] = ports
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    security.register(app)
    texts.register(app)
    sessions.register(app)
    errors.register(app)
    pictures.register(app)
    for screen in SCREENS:
        app.register_blueprint(screen.blueprint)
    api.register(app)
