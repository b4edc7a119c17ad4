"""Tables of days off (放假安排): preview, import, undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.administration import holiday_sources, holiday_tables
from formsvc.web import usage
from formsvc.web.context import office_calendar, ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page
from formsvc.web.security import MEGABYTE

blueprint = Blueprint("holidays", __name__, url_prefix="/calendar")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def index() -> AnyResponse:
    return _page({"year": _first_missing_year()}, [])


def _first_missing_year() -> int:
    year = ports().clock.today().year
    return next(iter(office_calendar().missing_years((year, year + 1))), year + 1)


def _page(typed: Mapping[str, object], problems: list[Problem]) -> AnyResponse:
    year = ports().clock.today().year
    return form_page(
        "admin/holidays.html",
        problems,
        tables=holiday_tables.list_tables(ports()),
        missing=office_calendar().missing_years((year, year + 1)),
        typed=typed,
    )


@blueprint.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """Return the workbook to fill in, with a sample row on sheet two."""
    columns = [str(name) for name in holiday_sources.COLUMNS.values()]
    notes = [str(note) for note in holiday_sources.NOTES]
    response = make_response(
        ports().register_documents.paper_form(columns, list(holiday_sources.SAMPLE), notes)
    )
    response.mimetype = _XLSX
    name = quote("放假安排模板.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@blueprint.post("")
def preview() -> ResponseReturnValue:
    """Show the table that was uploaded or typed, or what is wrong with it."""
    try:
        table, shown = holiday_tables.check_table(_posted_table(), request.form.get("source", "").strip())
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _page(request.form.to_dict(), as_problems(refused, "lines"))
    stored = json.dumps(table, ensure_ascii=False)
    return render_template("admin/holidays_preview.html", table=shown, stored=stored)


def _posted_table() -> holiday_sources.Table:
    year = parse_whole_number(request.form.get("year", "")) or 0
    upload = request.files.get("book")
    if upload is None or not upload.filename:
        return holiday_sources.read_text(request.form.get("lines", ""), year)
    megabytes = ports().limits.workbook_megabytes
    content = upload.stream.read(megabytes * MEGABYTE + 1)
    if len(content) > megabytes * MEGABYTE:
        raise InputRefused([Problem("book", msg("文件超过 {n} MB。", n=megabytes))])
    # reading a workbook takes a process of its own
    usage.count_upload(len(content))
    try:
        ports().scan(content)
        return holiday_sources.read_file(ports(), upload.filename, content, year)
    except FormsvcError as refused:
        raise InputRefused(as_problems(refused, "book")) from None


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Store the previewed table, checked once more."""
    try:
        table = holiday_tables.import_table(ports(), who(), _previewed())
    except InputRefused as refused:
        return _page(
            {"year": _first_missing_year()}, [Problem("", p.message, p.remedy) for p in refused.problems]
        )
    flash(_("已导入%(year)s年的放假安排，期限随即按它重新计算。", year=table.year))
    return redirect(url_for("admin.holidays.index"), 303)


def _previewed() -> dict[str, Any]:
    try:
        table = json.loads(request.form.get("stored", ""))
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        # the page sends back what it was given; anything else was written by hand
        raise InputRefused([Problem("", msg("预览的内容不完整。"), msg("请重新上传或者填写。"))])
    return table


@blueprint.post("/<int:year>/undo")
def undo(year: int) -> ResponseReturnValue:
    holiday_tables.undo_import(ports(), who(), year)
    flash(_("已撤销导入的%(year)s年放假安排。", year=year))
    return redirect(url_for("admin.holidays.index"), 303)
