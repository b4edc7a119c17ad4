"""Number register (号簿): series by year, one year, its export."""

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
from formsvc.usecases.numbering import register_export, reservations
from formsvc.web.context import ports, who
from formsvc.web.numbers import excel_import, manual_entries, transitions

blueprint = Blueprint("numbers", __name__, url_prefix="/numbers")
blueprint.register_blueprint(transitions.blueprint)
blueprint.register_blueprint(manual_entries.blueprint)
blueprint.register_blueprint(excel_import.blueprint)

_OFFICE = "application/vnd.openxmlformats-officedocument"
MIME_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}


@blueprint.app_template_filter()
def full_moment(value: str) -> str:
    """Return date and time with the year, as a export register needs it."""
    return (
        str(format_datetime(datetime.fromisoformat(value), _("y年M月d日 HH:mm"), rebase=False))
        if value
        else ""
    )


@blueprint.get("")
def index() -> ResponseReturnValue:
    """List the registers this person may see, by series and year."""
    pages = [
        register
        for series in number_registers.all_series(ports())
        if _may_see(series)
        for year in number_registers.register_years(ports(), series.id)
        if (register := number_registers.number_register(ports(), series.id, year))
    ]
    late = reservations.list_overdue(ports(), who())
    return render_template("numbers/list.html", registers=pages, late=late, authorities=_authority_names())


@blueprint.get("/<series_id>/<int:year>")
def register(series_id: str, year: int) -> ResponseReturnValue:
    """Show each number of a year with its act or reason, and the gaps."""
    page = _visible_register(series_id, year)
    return render_template(
        "numbers/register.html",
        register=page,
        lines=_register_lines(page),
        started=register_export.first_number_note(page),
        runs=register_rules.ranges(page.gaps),
        keeps=reservations.may_edit_register(who(), page.series),
        voids=who().account.may(Right.VOID, page.series.authority),
        this_year=ports().clock.today().year,
        years=number_registers.register_years(ports(), series_id),
        next_number=number_registers.next_number(ports(), page.series, year),
        authorities=_authority_names(),
    )


@blueprint.get("/<series_id>/<int:year>/register.<any(docx,pdf,xlsx):kind>")
def export(series_id: str, year: int, kind: str) -> ResponseReturnValue:
    page = _visible_register(series_id, year)
    names = _authority_names()
    authority = names.get(page.series.authority, page.series.authority)
    sheet = register_export.build_sheet(ports(), who(), page, authority)
    books = ports().register_documents
    content = books.register_excel(sheet) if kind == "xlsx" else books.register_word(sheet)
    if kind == "pdf":
        content = ports().renderer.pdf(content, register_export.sheet_metadata(sheet))
    response = make_response(content)
    response.mimetype = MIME_TYPES[kind]
    name = quote(f"{sheet.prefix}{sheet.title}.{kind}")
    disposition = "inline" if kind == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{name}"
    return response


def _visible_register(series_id: str, year: int) -> number_registers.RegisterPage:
    page = number_registers.number_register(ports(), series_id, year)
    if page is None or not _may_see(page.series):
        raise NotFound(msg("没有这个文号系列。"), msg("请从号簿中选择。"))
    return page


def _register_lines(page: number_registers.RegisterPage) -> list[dict[str, Any]]:
    gaps = [{"n": n, "text": page.series.number(page.year, n).text, "gap": True} for n in page.gaps]
    return sorted(
        [*(_register_line(register_rules.masked_row(row)) for row in page.rows), *gaps],
        key=register_rules.row_sort_key,
    )


def _register_line(row: dict[str, Any]) -> dict[str, Any]:
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
