"""保存期限: how long acts of each kind are kept, which are due, and the erasure of what is personal in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.errors import InputRefused, Problem
from formsvc.usecases.administration import retention
from formsvc.web.context import ports, who
from formsvc.web.form_problems import messages_by_field

blueprint = Blueprint("retention", __name__, url_prefix="/retention")


@blueprint.get("")
def index() -> AnyResponse:
    """The rule, and the acts that are due."""
    kept = {f"years-{family}": str(years) for family, years in retention.retention_years(ports()).items()}
    return _page(kept, [])


@blueprint.post("")
def keep() -> AnyResponse:
    """Keep the rule."""
    typed = {family: request.form.get(f"years-{family}", "") for family in retention.form_families(ports())}
    try:
        retention.save_retention_rule(ports(), who(), typed)
    except InputRefused as refused:
        return _page(request.form.to_dict(), list(refused.problems))
    flash(_("已保存。"))
    return redirect(url_for("admin.retention.index"), 303)


@blueprint.post("/erase")
def erase() -> AnyResponse:
    """Erase what is personal in the acts that were ticked."""
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
    if not due:  # no longer any, and no fields of theirs to point at
        problems = [replace(p, field="") if p.field in ("acts", "reason") else p for p in problems]
    kept = {f"years-{family}": str(years) for family, years in retention.retention_years(ports()).items()}
    page = render_template(
        "admin/retention.html",
        families=retention.form_families(ports()),
        due=due,
        ticked=request.form.getlist("acts"),
        typed={**kept, **typed},
        problems=problems,
        errors=messages_by_field(problems),
    )
    return make_response(page, 422 if problems else 200)
