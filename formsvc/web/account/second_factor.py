"""Second factor: enrol one's phone, and print the recovery codes."""

from __future__ import annotations

import time

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from formsvc.domain.accounts.second_factor import new_key
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.administration import sign_in
from formsvc.web.account import sessions
from formsvc.web.context import ports, who

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")


@blueprint.route("", methods=["GET", "POST"])
def enrol() -> ResponseReturnValue:
    """Show a key to enter into the phone; its first code proves it."""
    if not sessions.must_enrol(who().account):
        return redirect(url_for("auth.password"))
    key = session.setdefault("new_key", new_key())
    problems = []
    if request.method == "POST":
        try:
            codes = sign_in.enrol_second_factor(
                ports(), who(), key, request.form.get("code", ""), time.time()
            )
        except FormsvcError as wrong:
            problems = [Problem("code", wrong.message, wrong.remedy)]
        else:
            session.pop("new_key")
            return render_template("account/recovery_codes.html", codes=codes)
    page = render_template(
        "account/second_factor.html",
        key=" ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        problems=problems,
    )
    return make_response(page, 422 if problems else 200)
