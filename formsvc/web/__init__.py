"""Web interface: turns requests into calls of use cases, and their results into pages. It holds no rules."""

from __future__ import annotations

from flask import Flask

from formsvc.usecases.context import Ports
from formsvc.web import api, errors, filters, i18n, page_images, pages, security
from formsvc.web.account import sessions
from formsvc.web.account import views as account
from formsvc.web.acts import approval, attachments
from formsvc.web.acts import views as acts
from formsvc.web.admin import views as admin
from formsvc.web.cases import responsibility
from formsvc.web.cases import views as cases
from formsvc.web.context import EXTENSION
from formsvc.web.forms import preview
from formsvc.web.forms import views as forms
from formsvc.web.numbers import views as numbers

VIEWS = (account, pages, forms, preview, attachments, acts, cases, responsibility, approval, numbers, admin)


def register(app: Flask, ports: Ports) -> None:
    """Attach the use cases' ports, all pages, the API, error handlers and protections to the application."""
    app.extensions[EXTENSION] = ports
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    security.register(app)
    i18n.register(app)
    filters.register(app)
    sessions.register(app)
    errors.register(app)
    page_images.register(app)
    for view in VIEWS:
        app.register_blueprint(view.blueprint)
    api.register(app)
