"""The own address for reminders of what is due."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.errors import InputRefused, Problem
from formsvc.usecases.reminders import addresses
from formsvc.web.context import ports, who

blueprint = Blueprint("reminders", __name__)


@blueprint.get("/account/reminders")
def show() -> str:
    return _page(addresses.email_of(who().account), [])


def _page(typed: str, problems: list[Problem]) -> str:
    return render_template(
        "account/reminders.html",
        typed=typed,
        problems=problems,
        at=ports().policy.remind_at,
        has_server=ports().mailer is not None,
    )


@blueprint.post("/account/reminders")
def save() -> ResponseReturnValue:
    typed = request.form.get(addresses.EMAIL, "")
    try:
        addresses.save_email(ports(), who(), typed)
    except InputRefused as refused:
        return _page(typed, list(refused.problems)), 422
    flash(_("已保存提醒的邮箱。") if typed.strip() else _("已去掉提醒的邮箱。"))
    return redirect(url_for("auth.reminders.show"), 303)
