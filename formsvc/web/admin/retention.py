"""Retention (保存期限): years by form family, acts due, erasure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.errors import InputRefused, Problem
from formsvc.usecases.administration import retention
from formsvc.web.context import ports, who
from formsvc.web.form_problems import form_page

blueprint = Blueprint("retention", __name__, url_prefix="/retention")


@blueprint.get("")
def index() -> AnyResponse:
    return _page({}, [])


@blueprint.post("")
def save() -> AnyResponse:
    typed = {family: request.form.get(f"years-{family}", "") for family in retention.form_families(ports())}
    try:
        retention.save_retention_rule(ports(), who(), typed)
    except InputRefused as refused:
        return _page(request.form.to_dict(), list(refused.problems))
    flash(_("已保存。"))
    return redirect(url_for("admin.retention.index"), 303)


@blueprint.post("/erase")
def erase() -> AnyResponse:
    """Erase the personal data of the ticked acts."""
    try:
        erased = retention.erase(
            ports(), who(), request.form.getlist("acts"), reason=request.form.get("reason", "")
        )
    except InputRefused as refused:
        return _page(request.form.to_dict(), list(refused.problems))
    flash(_("已删除 %(n)s 件文书的个人信息和正式文件。", n=len(erased)))
    return redirect(url_for("admin.retention.index"), 303)


def _page(typed: Mapping[str, str], problems: list[Problem]) -> AnyResponse:
    due = retention.list_due(ports(), who())
    # Without due acts the page has no fields for them that a problem could link to
    if not due:
        problems = [replace(p, field="") if p.field in ("acts", "reason") else p for p in problems]
    stored = {f"years-{family}": str(years) for family, years in retention.retention_years(ports()).items()}
    return form_page(
        "admin/retention.html",
        problems,
        families=retention.form_families(ports()),
        due=due,
        ticked=request.form.getlist("acts"),
        typed={**stored, **typed},
    )
