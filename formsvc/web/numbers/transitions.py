"""Pages that change numbers in the register: reserve, account for, void."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import OUTCOMES, ROW_STATE_NAMES, STAGES, masked_row, row_state
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.numbering import reservations
from formsvc.usecases.numbering.accounting import Accounting, account_for
from formsvc.usecases.numbering.reservations import Reservation
from formsvc.usecases.numbering.rows import NumberRow
from formsvc.web.acts.transitions import voiding_from_form
from formsvc.web.context import ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page

blueprint = Blueprint("steps", __name__)


def redirect_to_register(series: str, year: int) -> AnyResponse:
    return redirect(url_for("numbers.register", series_id=series, year=year), 303)


def form_values(*names: str) -> dict[str, str]:
    """Return the stripped form values by field name."""
    return {name: request.form.get(name, "").strip() for name in names}


def int_or_zero(text: str) -> int:
    return parse_whole_number(text) or 0


# Reserve ---------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/reserve", methods=["GET", "POST"])
def reserve(series_id: str) -> ResponseReturnValue:
    """Reserve the next numbers of this year for an officer."""
    series = reservations.get_series(ports(), who(), series_id)
    if request.method == "GET":
        return _reserve_page(series, {"count": "10", "due": reservations.default_due_date(ports())}, [])
    given = form_values("count", "officer", "reason", "due")
    # A count that is no number becomes 0, which the use case refuses with its own sentence
    reservation = Reservation(int_or_zero(given["count"]), given["officer"], given["reason"], given["due"])
    try:
        rows = reservations.reserve(ports(), who(), series_id, reservation)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _reserve_page(series, given, as_problems(refused))
    flash(
        _(
            "已由%(person)s领用 %(count)s 个号：%(first)s 至 %(last)s",
            person=rows[0]["reserved_for"],
            count=len(rows),
            first=rows[0]["text"],
            last=rows[-1]["text"],
        )
    )
    return redirect_to_register(series_id, rows[0]["year"])


def _reserve_page(series: NumberSeries, given: dict[str, str], problems: list[Problem]) -> AnyResponse:
    officers = [
        (officer["id"], _("%(name)s（%(cert)s）", name=officer["name"], cert=officer["cert_no"]))
        for officer in reservations.certified_officers(ports())
    ]
    year = ports().clock.today().year
    return form_page(
        "numbers/reserve.html", problems, series=series, year=year, given=given, officers=officers
    )


# Account ---------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/<int:year>/row/<name>/account", methods=["GET", "POST"])
def account(series_id: str, year: int, name: str) -> ResponseReturnValue:
    """Account for a reserved number (核销): what it was used for."""
    key = f"{series_id}/{year}/{name}"
    row = reservations.get_row(ports(), who(), key)
    if request.method == "GET":
        return _account_page(row, {}, [])
    given = form_values("outcome", "title", "party", "dated", "related", "note")
    try:
        accounted = account_for(ports(), who(), key, Accounting(**given))
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _account_page(row, given, as_problems(refused))
    state = ROW_STATE_NAMES[row_state(accounted)]
    flash(_("%(number)s 已核销：%(state)s", number=accounted["text"], state=state))
    return redirect_to_register(series_id, year)


def _account_page(row: NumberRow, given: dict[str, str], problems: list[Problem]) -> AnyResponse:
    outcomes = [(o.value, ROW_STATE_NAMES[o]) for o in OUTCOMES if o.value != row["state"]]
    return form_page("numbers/account.html", problems, row=masked_row(row), given=given, outcomes=outcomes)


# Void ------------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/<int:year>/row/<name>/void", methods=["GET", "POST"])
def void(series_id: str, year: int, name: str) -> ResponseReturnValue:
    """Void the number of a document made outside the system."""
    key = f"{series_id}/{year}/{name}"
    row = reservations.get_row(ports(), who(), key)
    voiding = voiding_from_form(request.form)
    if request.method == "GET":
        return _void_page(row, voiding, [])
    try:
        reservations.void_number(ports(), who(), key, voiding)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _void_page(row, voiding, as_problems(refused, "reason"))
    flash(_("已作废 %(number)s，文号保留在号簿中，不再使用。", number=row["text"]))
    return redirect_to_register(series_id, year)


def _void_page(row: NumberRow, voiding: Any, problems: list[Problem]) -> AnyResponse:
    stages = [(stage, stage) for stage in STAGES]
    return form_page("numbers/void.html", problems, row=row, typed=voiding, stages=stages)
