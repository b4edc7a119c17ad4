"""People who sign in: adding them, their roles for each authority, and new passwords."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import EVERY_AUTHORITY, ROLE_NAMES, Account, Role
from formsvc.errors import FormsvcError, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.administration import accounts as administration
from formsvc.usecases.administration import offboarding as handover
from formsvc.usecases.administration import records
from formsvc.usecases.administration import sign_in as admission
from formsvc.web.admin import forms as admin_forms
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("people", __name__, url_prefix="/people")

EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"
GENERATED_LENGTH = 12
BETWEEN = "|"


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Everybody who may sign in, and what they may do."""
    offices = {record["id"]: record["name"] for record in records.list_records(ports(), "offices")}
    return render_template("admin/people.html", people=administration.list_accounts(ports()), offices=offices)


@blueprint.route("/new", methods=["GET", "POST"])
def added() -> ResponseReturnValue:
    """A new person; a password nobody typed is made and shown once."""
    form = _form(None)
    if request.method == "GET":
        return _page(form, None, [])
    problems = admin_forms.problems_in(form)
    password = form.password.data or generated_password()
    try:
        if problems:
            return _page(form, None, problems)
        account = replace(_typed(form), must_change_password=True)
        administration.add_account(ports(), who(), account, password)
    except FormsvcError as refused:
        return _page(form, None, as_problems(refused, "password"))
    if form.password.data:
        flash(_("已增加人员 %(name)s，首次登录时须修改密码。", name=account.display_name))
        return redirect(url_for("admin.people.index"), 303)
    return _password_page(account, password)


@blueprint.route("/<name>", methods=["GET", "POST"])
def changed(name: str) -> ResponseReturnValue:
    """A person's name, office, roles, and whether they may sign in."""
    before = _account(name)
    form = _form(before)
    if request.method == "GET":
        return _page(form, before, [])
    problems = admin_forms.problems_in(form)
    try:
        if problems:
            return _page(form, before, problems)
        typed = _typed(form)
        after = replace(
            before,
            display_name=typed.display_name,
            office=typed.office,
            roles=typed.roles,
            active=typed.active,
        )
        administration.change_account(ports(), who(), after)
    except FormsvcError as refused:
        return _page(form, before, as_problems(refused))
    said = _("已保存 %(name)s 的资料。") if after.active else _("已停用 %(name)s，不能再登录。")
    flash(said % {"name": after.display_name})
    return redirect(url_for("admin.people.index"), 303)


@blueprint.route("/<name>/leave", methods=["GET", "POST"])
def leaving(name: str) -> ResponseReturnValue:
    """What a person has open, who takes it over, and the switch."""
    person = _account(name)
    to = request.form.get("to", "")
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            work = handover.deactivate(ports(), who(), name, to=to)
        except FormsvcError as refused:
            problems = as_problems(refused, "to")
        else:
            flash(_("已停用 %(name)s，移交 %(n)s 件。", name=person.display_name, n=len(work.own)))
            return redirect(url_for("admin.people.index"), 303)
    page = render_template(
        "admin/leave.html",
        account=person,
        work=handover.open_work(ports(), name),
        colleagues=[(c.id, c.display_name) for c in handover.colleagues(ports(), name)],
        to=to,
        problems=problems,
        errors=messages_by_field(problems),
    )
    return make_response(page, 422 if problems else 200)


@blueprint.post("/<name>/password")
def password_set(name: str) -> ResponseReturnValue:
    """A new password, typed or made; it must be changed at the next sign-in."""
    account = _account(name)
    typed = request.form.get("new_password", "")
    password = typed or generated_password()
    try:
        administration.set_password(ports(), who(), name, password)
        admission.clear_throttle(ports(), name)
    except FormsvcError as refused:
        return _page(_form(account, posted=False), account, as_problems(refused, "new_password"))
    if typed:
        flash(_("已重设 %(name)s 的密码，下次登录时须修改。", name=account.display_name))
        return redirect(url_for("admin.people.index"), 303)
    return _password_page(account, password)


def generated_password() -> str:
    """A password that can be read out on the telephone."""
    return "".join(secrets.choice(EASY_TO_READ) for _n in range(GENERATED_LENGTH))


def _account(name: str) -> Account:
    found = administration.get_account(ports(), name)
    if found is None:
        raise NotFound(msg("没有登录名为“{name}”的人员。", name=name), msg("请从人员列表中选择。"))
    return found


def _form(account: Account | None, *, posted: bool = True) -> Any:
    shown = (
        {
            "id": account.id,
            "display_name": account.display_name,
            "office": account.office,
            "active": account.active,
            "roles": [f"{place}{BETWEEN}{role}" for place, roles in account.roles.items() for role in roles],
        }
        if account
        else None
    )
    form = admin_forms.PersonForm(data=shown) if posted else admin_forms.PersonForm(None, data=shown)
    offices = [(record["id"], record["name"]) for record in records.list_records(ports(), "offices")]
    form.office.choices = admin_forms.offer(offices)
    form.roles.choices = admin_forms.offer(
        (f"{place}{BETWEEN}{role.value}", name) for place, name in places() for role in Role
    )
    if account:
        form.id.data = account.id
    return form


def places() -> list[tuple[str, str]]:
    """For which authorities roles are held: all of them, or one."""
    named = [(record["id"], record["name"]) for record in records.list_records(ports(), "authorities")]
    return [(EVERY_AUTHORITY, _("所有机关")), *named]


def _typed(form: Any) -> Account:
    roles: dict[str, list[str]] = {}
    for chosen in form.roles.data or ():
        place, _between, role = str(chosen).partition(BETWEEN)
        roles.setdefault(place, []).append(role)
    return Account(
        id=form.id.data.lower(),
        display_name=form.display_name.data,
        office=form.office.data or "",
        roles=roles,
        active=bool(form.active.data),
    )


def _page(form: Any, account: Account | None, problems: list[Problem]) -> AnyResponse:
    page = render_template(
        "admin/person.html",
        form=form,
        account=account,
        places=places(),
        roles=[(role.value, ROLE_NAMES[role]) for role in Role],
        between=BETWEEN,
        problems=problems,
        errors=messages_by_field(problems),
    )
    return make_response(page, 422 if problems else 200)


def _password_page(account: Account, password: str) -> AnyResponse:
    return make_response(render_template("admin/password.html", account=account, password=password))
