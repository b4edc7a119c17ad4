"""Which kinds of document are reviewed and signed off in this office."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import format_list
from formsvc.usecases.administration import review_settings
from formsvc.usecases.approval import phrases
from formsvc.web.context import ports, who
from formsvc.web.form_problems import form_page

blueprint = Blueprint("review_settings", __name__, url_prefix="/review-steps")


@blueprint.get("")
def index() -> AnyResponse:
    return _page({}, [])


@blueprint.post("")
def save() -> AnyResponse:
    try:
        changed = review_settings.save_review_settings(ports(), who(), request.form)
    except InputRefused as refused:
        return _page(request.form.to_dict(), list(refused.problems))
    if changed:
        flash(_("已修改：%(names)s", names=format_list(setting.title for setting in changed)))
    else:
        flash(_("没有改动。"))
    return redirect(url_for("admin.review_settings.index"), 303)


@blueprint.post("/phrases")
def save_phrases() -> AnyResponse:
    lines = request.form.get("phrases", "")
    try:
        kept = phrases.save_office_phrases(ports(), who(), lines)
    except InputRefused as refused:
        return _page({"phrases": lines}, list(refused.problems))
    flash(_("已保存常用语 %(n)s 条。", n=len(kept)))
    return redirect(url_for("admin.review_settings.index"), 303)


def _page(typed: Mapping[str, str], problems: list[Problem]) -> AnyResponse:
    return form_page(
        "admin/review_steps.html",
        problems,
        settings=review_settings.list_review_settings(ports()),
        choices=[(key, name) for key, (name, _steps) in review_settings.CHOICES.items()],
        typed=typed,
        phrases=typed.get("phrases") or "\n".join(phrases.office_phrases(ports())),
    )
