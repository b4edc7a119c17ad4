"""Requests in, pages out; no rules."""

from __future__ import annotations

from flask import Flask

from formsvc.usecases.context import Ports
from formsvc.web import api, errors, pages, security
from formsvc.web import filters as texts
from formsvc.web import page_images as pictures
from formsvc.web.account import sessions
from formsvc.web.account import views as auth
from formsvc.web.acts import approval, attachments
from formsvc.web.acts import views as acts
from formsvc.web.admin import views as admin
from formsvc.web.cases import responsibility
from formsvc.web.cases import views as cases
from formsvc.web.context import EXTENSION
from formsvc.web.forms import preview
from formsvc.web.forms import views as drafting
from formsvc.web.numbers import views as numbers

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
