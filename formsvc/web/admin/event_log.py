"""Page of the event log (系统日志)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from formsvc.domain.acts.act import EVENT_NAMES, SIGHT_EVENTS
from formsvc.domain.chinese import parse_date
from formsvc.errors import Problem
from formsvc.usecases import event_log
from formsvc.usecases.administration import accounts
from formsvc.web.context import ports, requested_page, who
from formsvc.web.form_problems import messages_by_field

blueprint = Blueprint("event_log", __name__, url_prefix="/journal")

SIGN_IN_EVENTS = ("SignedIn", "SignInRefused", "SignedOut")


def _event_groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the groups of events to filter by: code → name and event kinds."""
    # All kinds without a group of their own, so that a new kind of event is found too
    on_acts = tuple(kind for kind in EVENT_NAMES if kind not in {*SIGN_IN_EVENTS, *SIGHT_EVENTS})
    return {
        "sign-in": (_("登录"), SIGN_IN_EVENTS),
        "sight": (_("查阅个人信息"), tuple(sorted(SIGHT_EVENTS))),
        "admin": (_("系统管理"), ("Administered",)),
        "acts": (_("办理文书"), on_acts),
    }


@blueprint.get("")
def index() -> str:
    groups = _event_groups()
    typed = {name: request.args.get(name, "").strip() for name in ("sort", "by", "day")}
    day, problems = _parse_day(typed["day"])
    page = event_log.list_events(
        ports(),
        who(),
        kinds=groups[typed["sort"]][1] if typed["sort"] in groups else (),
        by=typed["by"],
        day=day,
        page=requested_page(),
    )
    query: dict[str, Any] = {name: text for name, text in typed.items() if text}
    return render_template(
        "admin/journal.html",
        page=page,
        typed=typed,
        problems=problems,
        errors=messages_by_field(problems),
        groups=[(code, name) for code, (name, _kinds) in groups.items()],
        people=[(a.id, a.display_name) for a in accounts.list_accounts(ports())],
        other_page=partial(url_for, "admin.event_log.index", **query),
    )


def _parse_day(text: str) -> tuple[str, list[Problem]]:
    try:
        return (parse_date(text, ports().clock.today()).isoformat() if text else ""), []
    except ValueError as wrong:
        return "", [Problem("day", str(wrong))]
