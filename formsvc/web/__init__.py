"""Web interface: requests into calls of use cases, results into pages.

It holds no rules of its own.
"""

from __future__ import annotations

from flask import Flask

from formsvc.usecases.context import Ports
from formsvc.web import (
    api,
    errors,
    filters,
    html_characters,
    i18n,
    page_images,
    pages,
    security,
    usage,
)
from formsvc.web.account import refused_pages, sessions
from formsvc.web.account import views as account_views
from formsvc.web.acts import approval, attachments, kept_parties
from formsvc.web.acts import views as acts_views
from formsvc.web.admin import views as admin_views
from formsvc.web.cases import due, responsibility
from formsvc.web.cases import views as cases_views
from formsvc.web.context import EXTENSION
from formsvc.web.desk import statistics
from formsvc.web.forms import guidance, picks, preview
from formsvc.web.forms import views as forms_views
from formsvc.web.monitoring import activity, metrics, probes, request_log
from formsvc.web.numbers import views as numbers_views
from formsvc.web.registers import views as registers_views

# Not named like the packages they lie in, whose names in this package they would take
VIEWS = (
    probes,
    metrics,
    account_views,
    pages,
    forms_views,
    picks,
    preview,
    guidance,
    attachments,
    kept_parties,
    acts_views,
    cases_views,
    due,
    responsibility,
    approval,
    registers_views,
    statistics,
    numbers_views,
    admin_views,
)


def register(app: Flask, ports: Ports) -> None:
    """Attach ports, pages, API, error handlers and protection to the app."""
    app.extensions[EXTENSION] = ports
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # first, so that a request refused by what follows has its route
    request_log.register(app)
    security.register(app)
    i18n.register(app)
    filters.register(app)
    # before the sign-in: its page, with what was typed, is one of them
    refused_pages.register(app)
    sessions.register(app)
    errors.register(app)
    html_characters.register(app)
    usage.register(app)
    activity.register(app)
    page_images.register(app)
    for module in VIEWS:
        app.register_blueprint(module.blueprint)
    api.register(app)
    probes.register(app)
    request_log.wrap(app)
