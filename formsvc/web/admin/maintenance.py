"""Maintenance pages: backups, hash chain (历史链), orphaned files, clock."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formsvc.errors import ClockWrong, InputRefused, Problem
from formsvc.usecases.administration import alerts
from formsvc.usecases.maintenance import backups, clock_check, integrity
from formsvc.usecases.maintenance.progress import Stage, read_progress
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("maintenance", __name__)


@blueprint.get("/backups")
def show_backups() -> str:
    """Show the last backup and the last rehearsed restore."""
    status = backups.get_status(ports())
    return render_template(
        "admin/backups.html",
        status=status,
        concerns=alerts.backup_alerts(status),
        progress=read_progress(ports()),
        stages=_stage_names(),
    )


def _stage_names() -> dict[Stage, str]:
    return {
        Stage.COPY: _("正在复制数据文件"),
        Stage.SAVE: _("正在存入文件"),
        Stage.RESTORE: _("试恢复：正在恢复文件"),
        Stage.VERIFY: _("试恢复：正在核对数据文件和历史链"),
        Stage.CHECK: _("试恢复：正在核对文件"),
    }


@blueprint.post("/backups/now")
def request_backup() -> Response:
    # The scheduler makes it within seconds; the page reports progress and result
    backups.request_backup(ports(), who())
    return redirect(url_for("admin.maintenance.show_backups"), 303)


@blueprint.get("/anchor")
def show_chain_head() -> str:
    """Show the head of the chain, to be printed as the daily anchor."""
    return render_template("admin/anchor.html", anchor=integrity.daily_anchor(ports(), who()))


@blueprint.post("/anchor/tidy")
def delete_orphaned_files() -> Response:
    swept = integrity.delete_orphans(ports(), who())
    flash(_("已清理 %(n)s 个文件。", n=swept) if swept else _("没有需要清理的文件。"))
    return redirect(url_for("admin.maintenance.show_chain_head"), 303)


@blueprint.get("/clock")
def show_clock() -> Response:
    """Show the clock and what the store knows, and series that wait."""
    return _clock_page([])


@blueprint.post("/clock")
def accept_clock() -> Response:
    typed = request.form.get("reason", "")
    try:
        clock_check.accept_clock(ports(), who(), reason=typed)
    except InputRefused as refused:
        return _clock_page(list(refused.problems), typed)
    flash(_("已确认时钟。"))
    return redirect(url_for("admin.maintenance.show_clock"), 303)


@blueprint.post("/clock/<series>/<int:year>")
def correct_last_date(series: str, year: int) -> Response:
    field = f"reason-{series}-{year}"
    typed = request.form.get(field, "")
    try:
        late = clock_check.correct_last_date(ports(), who(), series, year, reason=typed)
    except (InputRefused, ClockWrong) as refused:
        problems = [Problem(field, p.message, p.remedy) for p in as_problems(refused)]
        return _clock_page(problems, typed, field)
    flash(_("已更正“%(series)s”的最后日期。", series=late.name))
    return redirect(url_for("admin.maintenance.show_clock"), 303)


def _clock_page(problems: list[Problem], reason: str = "", asked: str = "") -> Response:
    state = clock_check.clock_state(ports())
    late = clock_check.late_series(ports())
    return form_page("admin/clock.html", problems, state=state, late=late, reason=reason, asked=asked)
