"""Setting up the office: the steps, and all number series in one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.errors import InputRefused, Problem
from formsvc.usecases.set_up import series_proposals
from formsvc.usecases.set_up.steps import StepName, set_up_steps
from formsvc.web.context import ports, who
from formsvc.web.form_problems import form_page

blueprint = Blueprint("getting_started", __name__, url_prefix="/start")


@blueprint.get("")
def index() -> AnyResponse:
    return _page({}, [])


@blueprint.post("/series")
def make_series() -> AnyResponse:
    chosen = {key: request.form.get(f"first-{key}", "1") for key in request.form.getlist("series")}
    if not chosen:
        return _page({}, [Problem("", _("没有勾选文号系列。"), _("请先勾选，再按按钮。"))])
    try:
        made = series_proposals.make_series(ports(), who(), chosen)
    except InputRefused as refused:
        return _page(chosen, refused.problems)
    flash(_("已建好文号系列 %(n)s 个。没用过的可以在“文号系列”里改、删。", n=len(made)))
    return redirect(url_for("admin.getting_started.index"), 303)


def _page(typed: Mapping[str, str], problems: Sequence[Problem]) -> AnyResponse:
    steps = set_up_steps(ports())
    return form_page(
        "admin/getting_started.html",
        problems,
        steps=steps,
        pages={
            StepName.OFFICE: url_for("admin.records.index", name="offices"),
            StepName.AUTHORITIES: url_for("admin.records.index", name="authorities"),
            StepName.PEOPLE: url_for("admin.people.index"),
            StepName.OFFICERS: url_for("admin.records.index", name="officers"),
            StepName.SERIES: url_for("admin.records.index", name="series"),
            StepName.CALENDAR: url_for("admin.holidays.index"),
            StepName.BACKUP: url_for("admin.maintenance.show_backups"),
            StepName.TRIAL: url_for("pages.catalogue"),
        },
        needed=sum(step.needed and not step.is_done for step in steps),
        proposals=series_proposals.propose_series(ports()),
        typed=typed,
        year=ports().clock.today().year,
    )
