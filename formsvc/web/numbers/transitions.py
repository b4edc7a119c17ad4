"""What is written into the number register by hand: a page for each, with what was typed kept when it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import OUTCOMES, ROW_STATE_NAMES, STAGES, masked_row, row_state
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, NotFound, Problem, RightMissing
from formsvc.usecases.numbering import reservations as number_book
from formsvc.usecases.numbering.reservations import Accounting, Reservation
from formsvc.usecases.numbering.rows import NumberRow
from formsvc.web.acts.transitions import voiding_typed
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("steps", __name__)

UNTOLD = (NotFound, RightMissing)
"""Refusals that are no matter of what was typed: they get their own page."""


def page_of(template: str, problems: Sequence[Problem], **shown: Any) -> AnyResponse:
    """A page with a form; what was refused stands above it and beside its fields."""
    page = render_template(template, problems=problems, errors=messages_by_field(problems), **shown)
    return make_response(page, 422 if problems else 200)


def to_register(series: str, year: int) -> AnyResponse:
    """Back to the register of the year."""
    return redirect(url_for("numbers.register", series_id=series, year=year), 303)


def typed(*names: str) -> dict[str, str]:
    """What was typed into fields of these names."""
    return {name: request.form.get(name, "").strip() for name in names}


def whole(text: str) -> int:
    """A whole number as it was typed, 0 for anything else."""
    return parse_whole_number(text) or 0


# Reserve ---------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/reserve", methods=["GET", "POST"])
def reserve(series_id: str) -> ResponseReturnValue:
    """Hand the next numbers of this year to an officer."""
    series = number_book.get_series(ports(), who(), series_id)
    if request.method == "GET":
        return _reserve_page(series, {"count": "10", "due": number_book.default_due_date(ports())}, [])
    given = typed("count", "officer", "reason", "due")
    wish = Reservation(whole(given["count"]), given["officer"], given["reason"], given["due"])
    try:
        rows = number_book.reserve(ports(), who(), series_id, wish)
    except UNTOLD:
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
    return to_register(series_id, rows[0]["year"])


def _reserve_page(series: NumberSeries, given: dict[str, str], problems: list[Problem]) -> AnyResponse:
    officers = [
        (officer["id"], _("%(name)s（%(cert)s）", name=officer["name"], cert=officer["cert_no"]))
        for officer in number_book.certified_officers(ports())
    ]
    year = ports().clock.today().year
    return page_of("numbers/reserve.html", problems, series=series, year=year, given=given, officers=officers)


# Account ---------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/<int:year>/row/<name>/account", methods=["GET", "POST"])
def account(series_id: str, year: int, name: str) -> ResponseReturnValue:
    """Say what became of a reserved number."""
    key = f"{series_id}/{year}/{name}"
    row = number_book.get_row(ports(), who(), key)
    if request.method == "GET":
        return _account_page(row, {}, [])
    given = typed("outcome", "title", "party", "dated", "related", "note")
    try:
        done = number_book.account_for(ports(), who(), key, Accounting(**given))
    except UNTOLD:
        raise
    except FormsvcError as refused:
        return _account_page(row, given, as_problems(refused))
    flash(_("%(number)s 已核销：%(state)s", number=done["text"], state=ROW_STATE_NAMES[row_state(done)]))
    return to_register(series_id, year)


def _account_page(row: NumberRow, given: dict[str, str], problems: list[Problem]) -> AnyResponse:
    outcomes = [(o.value, ROW_STATE_NAMES[o]) for o in OUTCOMES if o.value != row["state"]]
    return page_of("numbers/account.html", problems, row=masked_row(row), given=given, outcomes=outcomes)


# Void ------------------------------------------------------------------------------------------------


@blueprint.route("/<series_id>/<int:year>/row/<name>/void", methods=["GET", "POST"])
def void(series_id: str, year: int, name: str) -> ResponseReturnValue:
    """Void the number of a paper made outside the system."""
    key = f"{series_id}/{year}/{name}"
    row = number_book.get_row(ports(), who(), key)
    said = voiding_typed(request.form)
    if request.method == "GET":
        return _void_page(row, said, [])
    try:
        number_book.void_number(ports(), who(), key, said)
    except UNTOLD:
        raise
    except FormsvcError as refused:
        return _void_page(row, said, as_problems(refused, "reason"))
    flash(_("已作废 %(number)s，文号保留在号簿中，不再使用。", number=row["text"]))
    return to_register(series_id, year)


def _void_page(row: NumberRow, said: Any, problems: list[Problem]) -> AnyResponse:
    stages = [(stage, stage) for stage in STAGES]
    return page_of("numbers/void.html", problems, row=row, typed=said, stages=stages)
