"""The office at a glance: what is open and overdue, and what was issued."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.statistics.view import OfficeView
from formsvc.usecases.cases.struck_steps import ChosenStep
from formsvc.usecases.ports import RegisterSheet
from formsvc.usecases.reminders import urging
from formsvc.usecases.statistics import office_views
from formsvc.usecases.statistics.office_views import CountedGroup
from formsvc.web import filters
from formsvc.web.context import ports, who

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED_IN_WORKBOOK = 500


@blueprint.get("")
def index() -> str:
    overview = office_views.office_overview(ports(), who())
    return render_template(
        "desk/statistics.html",
        overview=overview,
        may_urge=lambda item: urging.may_urge(who(), item.after.authority),
        urged=urging.urged_today(ports(), {item.after.drafter for item in overview.longest}),
        is_admin=who().account.is_admin,
        list_of=_list_of,
        now=ports().clock.now().isoformat(timespec="minutes"),
        today=ports().clock.today(),
        yesterday=filters.yesterday(),
    )


@blueprint.get("/statistics.xlsx")
def export() -> Response:
    """Return every table of the page as one sheet, then the overdue items."""
    overview = office_views.office_overview(ports(), who(), longest=LISTED_IN_WORKBOOK)
    lines = [
        (str(counted.title), str(group.name), str(group.total), str(group.late))
        for counted in overview.views
        for group in counted.groups
    ]
    lines += [
        (
            str(_("已经逾期")),
            f"{due.step.title}　{due.after.party}　{due.after.number}",
            due.day.isoformat() if due.day else "",
            str(filters.time_left(due.day)),
        )
        for due in overview.longest
    ]
    now = ports().clock.now()
    sheet = RegisterSheet(
        title=str(_("未结和逾期")),
        authority="",
        prefix="",
        head=(str(_("表")), str(_("项目")), str(_("数量、日期")), str(_("其中逾期"))),
        lines=tuple(lines),
        summary=str(_("逾期 %(late)s 项，未办 %(open)s 项", late=overview.late, open=overview.open)),
        printed=f"{filters.long_day(now.date())} {filters.clock_time(now)}",
    )
    response = make_response(ports().register_documents.register_excel(sheet))
    response.mimetype = WORKBOOK
    name = quote(f"{sheet.title}{now:%Y-%m-%d}.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@blueprint.post("/urge")
def urge_step() -> AnyResponse:
    """Remind the drafter of a step, on their home page."""
    act, step, items = (*request.form.get("step", "").split(":", 2), "", "")[:3]
    choice = ChosenStep(act, step, tuple(item for item in items.split(",") if item))
    person = urging.urge(ports(), who(), choice)
    flash(_("已催办：%(name)s的首页“催办”里有这一项。", name=person.display_name))
    return redirect(url_for("statistics.index"), 303)


def _list_of(view: OfficeView, group: CountedGroup, *, late: bool = False) -> str:
    """Return the address of the list that a number counts."""
    query: dict[str, Any] = {view.group: group.key} if view.group != "month" else {}
    today = ports().clock.today()
    if view.source == "acts":
        # a kind is counted from the beginning of the year, a month within it
        query["dated_from"] = group.first_day or f"{today.year}-01-01"
        query["dated_to"] = min(filter(None, (group.last_day, today.isoformat())))
        return url_for("acts.index", state="in_force", **query)
    last = min(filter(None, (group.last_day, filters.yesterday()))) if late else group.last_day
    query |= {name: day for name, day in (("first_day", group.first_day), ("last_day", last)) if day}
    return url_for("due.index", which="all", **query)
