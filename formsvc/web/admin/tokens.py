"""API tokens: list, add, revoke."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.api_token import PAGE_DAYS, SCOPE_NAMES, USUAL_LIMIT
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.acts import details
from formsvc.usecases.administration import accounts, api_tokens
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "admin/tokens.html",
        tokens=api_tokens.list_tokens(ports()),
        names=details.display_names(ports()),
        now=ports().clock.now(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """Add a token; the response shows its secret, stored only as a hash."""
    if request.method == "GET":
        first = {"name": "", "account": "", "scopes": ["read"], "days": PAGE_DAYS, "limit": USUAL_LIMIT}
        return _page(first, [])
    typed = _form_values()
    try:
        secret = api_tokens.add_token(
            ports(),
            typed["name"],
            typed["account"],
            actor=who(),
            scopes=typed["scopes"],
            days=parse_whole_number(typed["days"]) or 0,
            limit=parse_whole_number(typed["limit"]) or 0,
        )
    except FormsvcError as refused:
        return _page(typed, as_problems(refused, "account"))
    waits_for = "" if typed["account"] == who().account.id else typed["account"]
    names = details.display_names(ports(), [waits_for])
    return render_template(
        "admin/token_shown.html", name=typed["name"], secret=secret, waits_for=names.get(waits_for, "")
    )


def _form_values() -> dict[str, Any]:
    texts = {name: request.form.get(name, "").strip() for name in ("name", "account", "days", "limit")}
    return {**texts, "scopes": request.form.getlist("scopes")}


def _page(typed: dict[str, Any], problems: list[Problem]) -> AnyResponse:
    people = [(a.id, a.display_name) for a in accounts.list_accounts(ports()) if a.active]
    allowed = api_tokens.scopes_to_give(who().account)
    return form_page(
        "admin/token.html",
        problems,
        typed=typed,
        people=people,
        scopes=[(scope, name) for scope, name in SCOPE_NAMES.items() if scope in allowed],
        longest=PAGE_DAYS,
    )


@blueprint.post("/<token_id>/revoke")
def revoke(token_id: str) -> ResponseReturnValue:
    token = api_tokens.revoke_token(ports(), who(), token_id)
    flash(_("已收回令牌 %(name)s，它不能再用。", name=token.name))
    return redirect(url_for("admin.tokens.index"), 303)
