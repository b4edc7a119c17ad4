"""Requests in, pages out; no rules."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from formsvc.usecases.wiring import Ports
from formsvc.web import errors, security, sessions, texts
from formsvc.web.surroundings import EXTENSION

BLUEPRINTS = ("auth", "pages", "drafting", "preview", "acts", "approval", "numbers", "admin", "api")


def register(app: Flask, ports: Ports) -> None:
    """Put pages, filters, errors and protection on the application."""
    app.extensions[EXTENSION] = ports
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    security.register(app)
    texts.register(app)
    sessions.register(app)
    errors.register(app)
    for name in BLUEPRINTS:
        if find_spec(f"formsvc.web.{name}"):
            app.register_blueprint(import_module(f"formsvc.web.{name}").blueprint)
