"""Manual entries in the register: paper documents, explained gaps."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ENTRIES, ROW_STATE_NAMES, ranges, row_state
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.numbering import manual_entries, reservations
from formsvc.usecases.numbering.manual_entries import ManualEntry
from formsvc.web.context import ports, who
from formsvc.web.filters import number_ranges
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page
from formsvc.web.numbers.transitions import form_values, int_or_zero, redirect_to_register

blueprint = Blueprint("papers", __name__)

FIELDS = ("number", "kind", "title", "party", "dated", "reason")


@blueprint.route("/<series_id>/<int:year>/enter", methods=["GET", "POST"])
def enter(series_id: str, year: int) -> ResponseReturnValue:
    """Enter a paper document's number; a second press confirms warnings."""
    series = reservations.get_series(ports(), who(), series_id)
    if request.method == "GET":
        return _enter_page(series, year, {"number": request.args.get("n", "")}, [])
    given = form_values(*FIELDS)
    try:
        examined = manual_entries.check_entries(ports(), who(), series_id, year, [ManualEntry(**given)])
        warnings = _warnings(examined)
        if examined.is_fine and warnings and request.form.get("seen") != "yes":
            return _enter_page(series, year, given, [], warnings)
        row = manual_entries.record_entries(ports(), who(), series_id, year, [ManualEntry(**given)])[0]
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _enter_page(series, year, given, as_problems(refused))
    flash(_("已登记 %(number)s（%(kind)s）", number=row["text"], kind=ROW_STATE_NAMES[row_state(row)]))
    return redirect_to_register(series_id, year)


def _warnings(examined: manual_entries.EntryReport) -> list[str]:
    """Return warnings about entries that are allowed but should be looked at."""
    warnings = [str(notice) for finding in examined.checks for notice in finding.notices]
    if examined.gaps:
        warnings.append(
            _(
                "登记以后，以下 %(n)s 个号会成为空缺，须另行说明：%(list)s",
                n=len(examined.gaps),
                list=number_ranges(ranges(examined.gaps)),
            )
        )
    return warnings


def _enter_page(
    series: NumberSeries,
    year: int,
    given: dict[str, str],
    problems: list[Problem],
    warnings: list[str] | None = None,
) -> AnyResponse:
    kinds = [(kind.value, ROW_STATE_NAMES[kind]) for kind in ENTRIES]
    return form_page(
        "numbers/enter.html",
        problems,
        series=series,
        year=year,
        given=given,
        kinds=kinds,
        warnings=warnings or [],
    )


@blueprint.route("/<series_id>/<int:year>/explain", methods=["GET", "POST"])
def explain(series_id: str, year: int) -> ResponseReturnValue:
    """Explain a gap: a range of numbers without entry."""
    series = reservations.get_series(ports(), who(), series_id)
    if request.method == "GET":
        # The register links here with the gap's first and last number
        gap = {name: request.args.get(name, "") for name in ("first", "last")}
        return form_page("numbers/explain.html", [], series=series, year=year, given=gap)
    given = form_values("first", "last", "reason")
    first, last = int_or_zero(given["first"]), int_or_zero(given["last"])
    try:
        rows = manual_entries.explain_gap(ports(), who(), series_id, year, first, last, given["reason"])
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return form_page("numbers/explain.html", as_problems(refused), series=series, year=year, given=given)
    flash(_("已说明 %(n)s 个空号", n=len(rows)))
    return redirect_to_register(series_id, year)
