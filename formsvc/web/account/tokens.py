"""Tokens that act as the person signed in: confirm, renew, revoke."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.domain.accounts.api_token import SCOPE_NAMES, Scope
from formsvc.usecases.acts import details
from formsvc.usecases.administration import api_tokens
from formsvc.web.context import ports, who

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "account/tokens.html",
        tokens=api_tokens.own_tokens(ports(), who()),
        names=details.display_names(ports()),
        scope_names={scope.value: SCOPE_NAMES[scope] for scope in Scope},
        now=ports().clock.now(),
    )


@blueprint.post("/<token_id>/confirm")
def confirm(token_id: str) -> ResponseReturnValue:
    token = api_tokens.confirm_token(ports(), who(), token_id)
    flash(_("已确认令牌“%(name)s”。", name=token.name))
    return redirect(url_for("auth.tokens.index"), 303)


@blueprint.post("/<token_id>/renew")
def renew(token_id: str) -> ResponseReturnValue:
    token = api_tokens.renew_token(ports(), who(), token_id)
    flash(_("令牌“%(name)s”已续期。", name=token.name))
    return redirect(url_for("auth.tokens.index"), 303)


@blueprint.post("/<token_id>/revoke")
def revoke(token_id: str) -> ResponseReturnValue:
    token = api_tokens.revoke_own_token(ports(), who(), token_id)
    flash(_("已收回令牌 %(name)s，它不能再用。", name=token.name))
    return redirect(url_for("auth.tokens.index"), 303)
