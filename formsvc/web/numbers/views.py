"""号簿: the series with their years, and the register of one year, as it is printed and bound."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from formsvc.domain.accounts.account import Right
from formsvc.domain.numbering import register as register_rules
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import RowState
from formsvc.errors import NotFound
from formsvc.i18n.messages import FORM_CONTEXT, DefinitionText, msg
from formsvc.usecases.administration import records
from formsvc.usecases.numbering import register as number_registers
from formsvc.usecases.numbering import register_export as register_sheet
from formsvc.usecases.numbering import reservations as number_book
from formsvc.web.context import ports, who
from formsvc.web.numbers import excel_import as number_import
from formsvc.web.numbers import manual_entries as number_papers
from formsvc.web.numbers import transitions as number_steps

blueprint = Blueprint("numbers", __name__, url_prefix="/numbers")
blueprint.register_blueprint(number_steps.blueprint)
blueprint.register_blueprint(number_papers.blueprint)
blueprint.register_blueprint(number_import.blueprint)

_OFFICE = "application/vnd.openxmlformats-officedocument"
MIMES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}


@blueprint.app_template_filter()
def full_moment(value: str) -> str:
    """Day and time in full, as a register on paper needs them."""
    return (
        str(format_datetime(datetime.fromisoformat(value), _("y年M月d日 HH:mm"), rebase=False))
        if value
        else ""
    )


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every series this person may look into, year by year."""
    pages = [
        register
        for series in number_registers.all_series(ports())
        if _may_see(series)
        for year in number_registers.register_years(ports(), series.id)
        if (register := number_registers.number_register(ports(), series.id, year))
    ]
    late = number_book.list_overdue(ports(), who())
    return render_template("numbers/list.html", registers=pages, late=late, authorities=_authority_names())


@blueprint.get("/<series_id>/<int:year>")
def register(series_id: str, year: int) -> ResponseReturnValue:
    """One series in one year: each number, whose it is, and the numbers nobody can explain."""
    found = _found(series_id, year)
    return render_template(
        "numbers/register.html",
        register=found,
        lines=_lines(found),
        started=register_sheet.first_number_note(found),
        runs=register_rules.ranges(found.gaps),
        keeps=number_book.may_edit_register(who(), found.series),
        voids=who().account.may(Right.VOID, found.series.authority),
        this_year=ports().clock.today().year,
        years=number_registers.register_years(ports(), series_id),
        next_number=number_registers.next_number(ports(), found.series, year),
        authorities=_authority_names(),
    )


@blueprint.get("/<series_id>/<int:year>/register.<any(docx,pdf,xlsx):kind>")
def printed(series_id: str, year: int, kind: str) -> ResponseReturnValue:
    """The register of a year as a Word file, a PDF or a workbook."""
    found = _found(series_id, year)
    names = _authority_names()
    authority = names.get(found.series.authority, found.series.authority)
    sheet = register_sheet.build_sheet(ports(), who(), found, authority)
    books = ports().register_documents
    content = books.register_excel(sheet) if kind == "xlsx" else books.register_word(sheet)
    if kind == "pdf":
        content = ports().renderer.pdf(content, register_sheet.sheet_metadata(sheet))
    answer = make_response(content)
    answer.mimetype = MIMES[kind]
    name = quote(f"{sheet.prefix}{sheet.title}.{kind}")
    shown = "inline" if kind == "pdf" else "attachment"
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{name}"
    return answer


def _found(series_id: str, year: int) -> number_registers.RegisterPage:
    found = number_registers.number_register(ports(), series_id, year)
    if found is None or not _may_see(found.series):
        raise NotFound(msg("没有这个文号系列。"), msg("请从号簿中选择。"))
    return found


def _lines(found: number_registers.RegisterPage) -> list[dict[str, Any]]:
    """The rows in the order of their numbers with what explains them, a line for every gap among them."""
    gaps = [{"n": n, "text": found.series.number(found.year, n).text, "gap": True} for n in found.gaps]
    return sorted(
        [*(_line(register_rules.masked_row(row)) for row in found.rows), *gaps],
        key=register_rules.row_sort_key,
    )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    state = register_rules.row_state(row)
    return row | {
        "title": DefinitionText(FORM_CONTEXT, row["title"]),
        "name": row["id"].rpartition("/")[2],
        "state_text": register_rules.ROW_STATE_NAMES[state],
        "explained": register_rules.explanation(row),
        "late": register_rules.is_overdue(row, ports().clock.today()),
        "to_account": state in (RowState.RESERVED, RowState.LOST),
        "on_paper": state in register_rules.ON_PAPER,
    }


def _may_see(series: NumberSeries) -> bool:
    return who().account.is_admin or who().account.may(Right.VIEW, series.authority)


def _authority_names() -> dict[str, str]:
    return {record["id"]: record["name"] for record in records.list_records(ports(), "authorities")}
