"""Accounts: people, their roles by authority, passwords, offboarding."""

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
from formsvc.usecases.administration import accounts, offboarding, records, sign_in
from formsvc.web.admin import forms
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("people", __name__, url_prefix="/people")

# Without i, l, o, 0 and 1. Twelve characters of 31 have 59 bits
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_LENGTH = 12
# Between authority and role in the value of a checkbox
SEPARATOR = "|"


@blueprint.get("")
def index() -> ResponseReturnValue:
    offices = {record["id"]: record["name"] for record in records.list_records(ports(), "offices")}
    return render_template(
        "admin/people.html",
        people=accounts.list_accounts(ports()),
        offices=offices,
        second_factor=sign_in.is_second_factor_on(ports()),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """Add a person; without a typed password generate one and show it once."""
    form = _form(None)
    if request.method == "GET":
        return _page(form, None, [])
    problems = forms.validate(form)
    password = form.password.data or generate_password()
    try:
        if problems:
            return _page(form, None, problems)
        account = replace(_account_from_form(form), must_change_password=True)
        accounts.add_account(ports(), who(), account, password)
    except FormsvcError as refused:
        return _page(form, None, as_problems(refused, "password"))
    if form.password.data:
        flash(_("已增加人员 %(name)s，首次登录时须修改密码。", name=account.display_name))
        return redirect(url_for("admin.people.index"), 303)
    return _password_page(account, password)


@blueprint.route("/<name>", methods=["GET", "POST"])
def change(name: str) -> ResponseReturnValue:
    before = _account(name)
    form = _form(before)
    if request.method == "GET":
        return _page(form, before, [])
    problems = forms.validate(form)
    try:
        if problems:
            return _page(form, before, problems)
        typed = _account_from_form(form)
        after = replace(
            before,
            display_name=typed.display_name,
            office=typed.office,
            roles=typed.roles,
            active=typed.active,
        )
        accounts.change_account(ports(), who(), after)
    except FormsvcError as refused:
        return _page(form, before, as_problems(refused))
    message = _("已保存 %(name)s 的资料。") if after.active else _("已停用 %(name)s，不能再登录。")
    flash(message % {"name": after.display_name})
    return redirect(url_for("admin.people.index"), 303)


@blueprint.route("/<name>/leave", methods=["GET", "POST"])
def deactivate(name: str) -> ResponseReturnValue:
    """Show a person's open work, hand it over and deactivate the account."""
    person = _account(name)
    to = request.form.get("to", "")
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            work = offboarding.deactivate(ports(), who(), name, to=to)
        except FormsvcError as refused:
            problems = as_problems(refused, "to")
        else:
            flash(_("已停用 %(name)s，移交 %(n)s 件。", name=person.display_name, n=len(work.own)))
            return redirect(url_for("admin.people.index"), 303)
    return form_page(
        "admin/leave.html",
        problems,
        account=person,
        work=offboarding.open_work(ports(), name),
        colleagues=[(c.id, c.display_name) for c in offboarding.colleagues(ports(), name)],
        to=to,
    )


@blueprint.post("/<name>/second-factor")
def remove_second_factor(name: str) -> ResponseReturnValue:
    """Let a person enrol another phone."""
    sign_in.remove_second_factor(ports(), who(), name)
    flash(_("已取消，%(name)s下次登录时重新设置。", name=_account(name).display_name))
    return redirect(url_for("admin.people.change", name=name), 303)


@blueprint.post("/<name>/password")
def reset_password(name: str) -> ResponseReturnValue:
    """Set a typed or generated password, to be changed at the next sign-in."""
    account = _account(name)
    typed = request.form.get("new_password", "")
    password = typed or generate_password()
    try:
        accounts.set_password(ports(), who(), name, password)
        sign_in.clear_throttle(ports(), name)
    except FormsvcError as refused:
        return _page(_form(account, posted=False), account, as_problems(refused, "new_password"))
    if typed:
        flash(_("已重设 %(name)s 的密码，下次登录时须修改。", name=account.display_name))
        return redirect(url_for("admin.people.index"), 303)
    return _password_page(account, password)


def generate_password() -> str:
    """Return an initial password that the rules accept."""
    length = max(PASSWORD_LENGTH, ports().limits.password_characters)
    while True:
        password = "".join(secrets.choice(PASSWORD_ALPHABET) for _n in range(length))
        if accounts.strength_of_password(ports(), None, password).problem is None:
            return password


def _account(name: str) -> Account:
    account = accounts.get_account(ports(), name)
    if account is None:
        raise NotFound(msg("没有登录名为“{name}”的人员。", name=name), msg("请从人员列表中选择。"))
    return account


def _form(account: Account | None, *, posted: bool = True) -> Any:
    shown = (
        {
            "id": account.id,
            "display_name": account.display_name,
            "office": account.office,
            "active": account.active,
            "roles": [
                f"{authority}{SEPARATOR}{role}"
                for authority, roles in account.roles.items()
                for role in roles
            ],
        }
        if account
        else None
    )
    form = forms.PersonForm(data=shown) if posted else forms.PersonForm(None, data=shown)
    offices = [(record["id"], record["name"]) for record in records.list_records(ports(), "offices")]
    form.office.choices = forms.as_choices(offices)
    form.roles.choices = forms.as_choices(
        (f"{authority}{SEPARATOR}{role.value}", name)
        for authority, name in authority_choices()
        for role in Role
    )
    if account:
        form.id.data = account.id
    return form


def authority_choices() -> list[tuple[str, str]]:
    named = [(record["id"], record["name"]) for record in records.list_records(ports(), "authorities")]
    return [(EVERY_AUTHORITY, _("所有机关")), *named]


def _account_from_form(form: Any) -> Account:
    roles: dict[str, list[str]] = {}
    for chosen in form.roles.data or ():
        authority, _separator, role = str(chosen).partition(SEPARATOR)
        roles.setdefault(authority, []).append(role)
    return Account(
        id=form.id.data.lower(),
        display_name=form.display_name.data,
        office=form.office.data or "",
        roles=roles,
        active=bool(form.active.data),
    )


def _page(form: Any, account: Account | None, problems: list[Problem]) -> AnyResponse:
    return form_page(
        "admin/person.html",
        problems,
        form=form,
        account=account,
        authorities=authority_choices(),
        roles=[(role.value, ROLE_NAMES[role]) for role in Role],
        separator=SEPARATOR,
    )


def _password_page(account: Account, password: str) -> AnyResponse:
    return make_response(render_template("admin/password.html", account=account, password=password))
