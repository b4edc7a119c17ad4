"""Counts of what each person is refused, downloads and issues."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, request

from formsvc.errors import FormsvcError
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.unusual_activity import Activity, ActivityCounter
from formsvc.web.context import EXTENSION as PORTS
from formsvc.web.context import current_actor, ports
from formsvc.web.monitoring import metrics

EXTENSION = "formsvc_activity"
_FILE_TYPES = ("application/pdf", "application/vnd.openxmlformats-officedocument.", "application/zip")
_ISSUE_ENDPOINTS = ("acts.steps.issue", "api.issue_act")
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    registered: Ports = app.extensions[PORTS]
    app.extensions[EXTENSION] = ActivityCounter(registered.store, registered.limits)
    app.after_request(_count)


def _count(response: Response) -> Response:
    actor, activity = current_actor(), _activity_of(response)
    if actor is None or activity is None:
        return response
    counter: ActivityCounter = current_app.extensions[EXTENSION]
    try:
        if counter.count(ports(), actor.account, activity):
            metrics.observe_unusual_activity(activity)
    except FormsvcError as failed:
        # the answer matters more than the count
        log.error("activity of %s not counted: %s", actor.account.id, failed)
    return response


def _activity_of(response: Response) -> Activity | None:
    if response.status_code in (403, 404):
        return Activity.REFUSED
    if request.endpoint in _ISSUE_ENDPOINTS and request.method == "POST" and response.status_code < 400:
        return Activity.ISSUED
    is_file = response.status_code == 200 and (response.mimetype or "").startswith(_FILE_TYPES)
    return Activity.DOWNLOADED if is_file and request.method == "GET" else None
