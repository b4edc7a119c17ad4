"""People responsible for fire safety in towns and villages on a date."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.cases.responsibility import DUTY_NAMES
from formsvc.domain.chinese import parse_date
from formsvc.errors import Problem
from formsvc.usecases.cases.responsibility import responsibility_matrix
from formsvc.web.context import ports, who
from formsvc.web.form_problems import form_page

blueprint = Blueprint("responsibility", __name__, url_prefix="/responsibility")


@blueprint.get("")
def index() -> AnyResponse:
    typed, problems = request.args.get("on", "").strip(), []
    day = ports().clock.today()
    try:
        day = parse_date(typed, day) if typed else day
    except ValueError as wrong:
        problems = [Problem("on", str(wrong))]
    towns = responsibility_matrix(ports(), who(), day)
    return form_page(
        "responsibility.html",
        problems,
        towns=towns,
        troubles=sum(town.warning_count for town in towns),
        day=day,
        typed=typed or day.isoformat(),
        duties=DUTY_NAMES,
    )
