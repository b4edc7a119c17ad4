"""API tokens: given out once, listed, revoked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.api_token import EVERY_SCOPE, LONGEST_DAYS, SCOPE_NAMES, USUAL_DAYS, USUAL_LIMIT
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.acts import details as viewing
from formsvc.usecases.administration import accounts as administration
from formsvc.usecases.administration import api_tokens as tokens
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every token, without its secret."""
    return render_template(
        "admin/tokens.html",
        tokens=tokens.list_tokens(ports()),
        names=viewing.display_names(ports()),
        now=ports().clock.now(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def added() -> ResponseReturnValue:
    """A new token; its secret is on the page that answers, and nowhere else."""
    if request.method == "GET":
        first = {"name": "", "account": "", "scopes": ["read"], "days": USUAL_DAYS, "limit": USUAL_LIMIT}
        return _page(first, [])
    typed = _typed()
    try:
        secret = tokens.add_token(
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
    return render_template("admin/token_shown.html", name=typed["name"], secret=secret)


def _typed() -> dict[str, Any]:
    texts = {name: request.form.get(name, "").strip() for name in ("name", "account", "days", "limit")}
    return {**texts, "scopes": request.form.getlist("scopes")}


def _page(typed: dict[str, Any], problems: list[Problem]) -> AnyResponse:
    people = [(a.id, a.display_name) for a in administration.list_accounts(ports()) if a.active]
    page = render_template(
        "admin/token.html",
        typed=typed,
        people=people,
        scopes=[(scope, name) for scope, name in SCOPE_NAMES.items() if scope in EVERY_SCOPE],
        longest=LONGEST_DAYS,
        problems=problems,
        errors=messages_by_field(problems),
    )
    return make_response(page, 422 if problems else 200)


@blueprint.post("/<token_id>/revoke")
def revoked(token_id: str) -> ResponseReturnValue:
    """End a token for good."""
    token = tokens.revoke_token(ports(), who(), token_id)
    flash(_("已收回令牌 %(name)s，它不能再用。", name=token.name))
    return redirect(url_for("admin.tokens.index"), 303)
