"""系统日志: sign-ins, views of personal data, administration, and everything done with acts."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from formsvc.domain.acts.act import EVENT_NAMES, SIGHT_EVENTS
from formsvc.domain.chinese import parse_date
from formsvc.errors import Problem
from formsvc.usecases import event_log as history
from formsvc.usecases.administration import accounts as administration
from formsvc.web.context import ports, requested_page, who
from formsvc.web.form_problems import messages_by_field

blueprint = Blueprint("journal", __name__, url_prefix="/journal")

SIGN_INS = ("SignedIn", "SignInRefused", "SignedOut")


def _sorts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """What can be looked for: its name and the kinds of events it is made of."""
    apart = {*SIGN_INS, *SIGHT_EVENTS}
    done = tuple(kind for kind in EVENT_NAMES if kind not in apart)
    return {
        "sign-in": (_("登录"), SIGN_INS),
        "sight": (_("查阅个人信息"), tuple(sorted(SIGHT_EVENTS))),
        "admin": (_("系统管理"), ("Administered",)),
        "acts": (_("办理文书"), done),
    }


@blueprint.get("")
def index() -> str:
    """A page of the journal, narrowed by sort, person and day."""
    sorts = _sorts()
    typed = {name: request.args.get(name, "").strip() for name in ("sort", "by", "day")}
    day, problems = _day(typed["day"])
    page = history.list_events(
        ports(),
        who(),
        kinds=sorts[typed["sort"]][1] if typed["sort"] in sorts else (),
        by=typed["by"],
        day=day,
        page=requested_page(),
    )
    given: dict[str, Any] = {name: text for name, text in typed.items() if text}
    return render_template(
        "admin/journal.html",
        page=page,
        typed=typed,
        problems=problems,
        errors=messages_by_field(problems),
        sorts=[(code, name) for code, (name, _kinds) in sorts.items()],
        people=[(a.id, a.display_name) for a in administration.list_accounts(ports())],
        other_page=partial(url_for, "admin.journal.index", **given),
    )


def _day(text: str) -> tuple[str, list[Problem]]:
    try:
        return (parse_date(text).isoformat() if text else ""), []
    except ValueError as wrong:
        return "", [Problem("day", str(wrong))]
