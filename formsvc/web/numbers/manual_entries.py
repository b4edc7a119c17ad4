"""Papers' numbers entered into the register, one by one or from Excel, and gaps explained."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ENTRIES, ROW_STATE_NAMES, ranges, row_state
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.numbering import manual_entries as paper_numbers
from formsvc.usecases.numbering import reservations as number_book
from formsvc.usecases.numbering.manual_entries import ManualEntry
from formsvc.web.context import ports, who
from formsvc.web.filters import number_ranges
from formsvc.web.form_problems import as_problems
from formsvc.web.numbers.transitions import UNTOLD, page_of, to_register, typed, whole

blueprint = Blueprint("papers", __name__)

FIELDS = ("number", "kind", "title", "party", "dated", "reason")


@blueprint.route("/<series_id>/<int:year>/enter", methods=["GET", "POST"])
def enter(series_id: str, year: int) -> ResponseReturnValue:
    """Enter one paper's number; what is odd about it is shown first, and entered when pressed again."""
    series = number_book.get_series(ports(), who(), series_id)
    if request.method == "GET":
        return _enter_page(series, year, {"number": request.args.get("n", "")}, [])
    given = typed(*FIELDS)
    try:
        examined = paper_numbers.check_entries(ports(), who(), series_id, year, [ManualEntry(**given)])
        odd = _odd(examined)
        if examined.is_fine and odd and request.form.get("seen") != "yes":
            return _enter_page(series, year, given, [], odd)
        row = paper_numbers.record_entries(ports(), who(), series_id, year, [ManualEntry(**given)])[0]
    except UNTOLD:
        raise
    except FormsvcError as refused:
        return _enter_page(series, year, given, as_problems(refused))
    flash(_("已登记 %(number)s（%(kind)s）", number=row["text"], kind=ROW_STATE_NAMES[row_state(row)]))
    return to_register(series_id, year)


def _odd(examined: paper_numbers.EntryReport) -> list[str]:
    """Everything about papers that may be so, but that somebody should look at."""
    told = [str(notice) for finding in examined.checks for notice in finding.notices]
    if examined.gaps:
        told.append(
            _(
                "登记以后，以下 %(n)s 个号会成为空缺，须另行说明：%(list)s",
                n=len(examined.gaps),
                list=number_ranges(ranges(examined.gaps)),
            )
        )
    return told


def _enter_page(
    series: NumberSeries,
    year: int,
    given: dict[str, str],
    problems: list[Problem],
    odd: list[str] | None = None,
) -> AnyResponse:
    kinds = [(kind.value, ROW_STATE_NAMES[kind]) for kind in ENTRIES]
    return page_of(
        "numbers/enter.html", problems, series=series, year=year, given=given, kinds=kinds, odd=odd or []
    )


@blueprint.route("/<series_id>/<int:year>/explain", methods=["GET", "POST"])
def explain(series_id: str, year: int) -> ResponseReturnValue:
    """Say why there is nothing under numbers that have no row."""
    series = number_book.get_series(ports(), who(), series_id)
    if request.method == "GET":
        asked = {name: request.args.get(name, "") for name in ("first", "last")}
        return page_of("numbers/explain.html", [], series=series, year=year, given=asked)
    given = typed("first", "last", "reason")
    first, last = whole(given["first"]), whole(given["last"])
    try:
        rows = paper_numbers.explain_gap(ports(), who(), series_id, year, first, last, given["reason"])
    except UNTOLD:
        raise
    except FormsvcError as refused:
        found = as_problems(refused)
        return page_of("numbers/explain.html", found, series=series, year=year, given=given)
    flash(_("已说明 %(n)s 个空号", n=len(rows)))
    return to_register(series_id, year)
