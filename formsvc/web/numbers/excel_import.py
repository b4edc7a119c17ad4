"""Import of manual entries from Excel: preview, then all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from flask import Blueprint, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ENTRIES, ROW_STATE_NAMES, ranges
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.usecases.numbering import manual_entries, manual_import, reservations
from formsvc.usecases.numbering.manual_entries import EntryReport, ManualEntry
from formsvc.usecases.numbering.manual_import import COLUMNS, CellFault
from formsvc.web import usage
from formsvc.web.context import ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page
from formsvc.web.numbers.transitions import redirect_to_register
from formsvc.web.security import MEGABYTE

blueprint = Blueprint("import", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<series_id>/<int:year>/import")
def start(series_id: str, year: int) -> ResponseReturnValue:
    return _start_page(reservations.get_series(ports(), who(), series_id), year, [])


def _start_page(
    series: NumberSeries, year: int, problems: list[Problem], faults: Sequence[CellFault] = ()
) -> AnyResponse:
    return form_page(
        "numbers/import.html",
        problems,
        series=series,
        year=year,
        faults=faults,
        most=process_limits().entered_numbers,
    )


@blueprint.get("/<series_id>/<int:year>/import/template.xlsx")
def template(series_id: str, year: int) -> ResponseReturnValue:
    """Return the workbook to fill in, with a sample row on sheet two."""
    series = reservations.get_series(ports(), who(), series_id)
    columns = [str(name) for name in COLUMNS.values()]
    content = ports().register_documents.paper_form(
        columns, manual_import.sample_row(series, year), [str(note) for note in manual_import.NOTES]
    )
    response = make_response(content)
    response.mimetype = XLSX
    name = quote(f"{series.prefix}{year}年纸质文号登记模板.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@blueprint.post("/<series_id>/<int:year>/import")
def preview(series_id: str, year: int) -> ResponseReturnValue:
    """Show what would be entered, or every fault by row and column."""
    series = reservations.get_series(ports(), who(), series_id)
    try:
        papers = manual_import.read_entries(ports(), _uploaded_workbook())
        examined = manual_entries.check_entries(
            ports(), who(), series_id, year, [paper for _row, paper in papers]
        )
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _start_page(series, year, as_problems(refused, "book"))
    faults = manual_import.cell_faults([row for row, _paper in papers], examined)
    if faults:
        summary = msg("这个工作簿有 {n} 处要更正，一行也没有登记。", n=len(faults))
        return _start_page(series, year, [Problem("book", summary)], faults)
    return _preview_page(series, year, examined)


def _uploaded_workbook() -> bytes:
    upload = request.files.get("book")
    megabytes = ports().limits.workbook_megabytes
    content = upload.stream.read(megabytes * MEGABYTE + 1) if upload else b""
    if not content:
        raise FormsvcError(msg("请选择填好的 Excel 文件。"))
    if len(content) > megabytes * MEGABYTE:
        raise FormsvcError(msg("文件超过 {n} MB。", n=megabytes), msg("请分几个文件上传。"))
    # reading it takes a process of its own
    usage.count_upload(len(content))
    ports().scan(content)
    return content


def _preview_page(series: NumberSeries, year: int, examined: EntryReport) -> str:
    papers = json.dumps([asdict(f.entry) for f in examined.checks], ensure_ascii=False)
    return render_template(
        "numbers/import_preview.html", series=series, year=year, examined=examined, papers=papers,
        runs=ranges(examined.gaps), kinds={kind.value: ROW_STATE_NAMES[kind] for kind in ENTRIES},
    )  # fmt: skip


@blueprint.post("/<series_id>/<int:year>/import/confirm")
def confirm(series_id: str, year: int) -> ResponseReturnValue:
    """Enter all previewed rows, checked once more, or none."""
    series = reservations.get_series(ports(), who(), series_id)
    try:
        rows = manual_entries.record_entries(ports(), who(), series_id, year, _previewed_papers())
    except PAGE_ERRORS:
        raise
    except InputRefused as refused:
        problems = [Problem("book", p.message, p.remedy) for p in refused.problems]
        return _start_page(series, year, problems)
    flash(_("已登记 %(n)s 个号：%(first)s 等", n=len(rows), first=rows[0]["text"]))
    return redirect_to_register(series_id, year)


def _previewed_papers() -> list[ManualEntry]:
    """Return the rows posted by the preview page, or raise InputRefused."""
    try:
        papers: Any = json.loads(request.form.get("papers", ""))
        return [ManualEntry(**_as_strings(paper)) for paper in papers]
    # The page sends back what it was given; anything else was written by hand
    except (ValueError, TypeError, RecursionError) as error:
        problem = Problem("book", msg("预览的内容不完整。"), msg("请重新上传文件。"))
        raise InputRefused([problem]) from error


def _as_strings(paper: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in dict(paper).items()}
