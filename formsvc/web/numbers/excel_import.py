"""Papers' numbers from Excel: a template to download, every fault by row and column, a preview, then all of it or nothing."""

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
from formsvc.usecases.numbering import manual_entries as paper_numbers
from formsvc.usecases.numbering import manual_import as paper_import
from formsvc.usecases.numbering import reservations as number_book
from formsvc.usecases.numbering.manual_entries import MOST_AT_ONCE, EntryReport, ManualEntry
from formsvc.usecases.numbering.manual_import import COLUMNS, CellFault
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems
from formsvc.web.numbers.transitions import UNTOLD, page_of, to_register
from formsvc.web.security import MEGABYTE

blueprint = Blueprint("import", __name__)

LARGEST_BOOK = 5 * MEGABYTE
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<series_id>/<int:year>/import")
def start(series_id: str, year: int) -> ResponseReturnValue:
    """Where the workbook is chosen."""
    return _start_page(number_book.get_series(ports(), who(), series_id), year, [])


def _start_page(
    series: NumberSeries, year: int, problems: list[Problem], faults: Sequence[CellFault] = ()
) -> AnyResponse:
    return page_of(
        "numbers/import.html", problems, series=series, year=year, faults=faults, most=MOST_AT_ONCE
    )


@blueprint.get("/<series_id>/<int:year>/import/template.xlsx")
def template(series_id: str, year: int) -> ResponseReturnValue:
    """The workbook to fill in, with a sample row of this register on its second sheet."""
    series = number_book.get_series(ports(), who(), series_id)
    columns = [str(name) for name in COLUMNS.values()]
    content = ports().register_documents.paper_form(
        columns, paper_import.sample_row(series, year), [str(note) for note in paper_import.NOTES]
    )
    answer = make_response(content)
    answer.mimetype = XLSX
    name = quote(f"{series.prefix}{year}年纸质文号登记模板.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@blueprint.post("/<series_id>/<int:year>/import")
def preview(series_id: str, year: int) -> ResponseReturnValue:
    """Read the workbook and show what would be entered; nothing is written."""
    series = number_book.get_series(ports(), who(), series_id)
    try:
        papers = paper_import.read_entries(ports(), _uploaded())
        examined = paper_numbers.check_entries(
            ports(), who(), series_id, year, [paper for _row, paper in papers]
        )
    except UNTOLD:
        raise
    except FormsvcError as refused:
        return _start_page(series, year, as_problems(refused, "book"))
    faults = paper_import.cell_faults([row for row, _paper in papers], examined)
    if faults:
        told = msg("这个工作簿有 {n} 处要更正，一行也没有登记。", n=len(faults))
        return _start_page(series, year, [Problem("book", told)], faults)
    return _preview_page(series, year, examined)


def _uploaded() -> bytes:
    upload = request.files.get("book")
    content = upload.stream.read(LARGEST_BOOK + 1) if upload else b""
    if not content:
        raise FormsvcError(msg("请选择填好的 Excel 文件。"))
    if len(content) > LARGEST_BOOK:
        raise FormsvcError(msg("文件超过 {n} MB。", n=LARGEST_BOOK // MEGABYTE), msg("请分几个文件上传。"))
    return content


def _preview_page(series: NumberSeries, year: int, examined: EntryReport) -> str:
    papers = json.dumps([asdict(f.entry) for f in examined.checks], ensure_ascii=False)
    return render_template(
        "numbers/import_preview.html", series=series, year=year, examined=examined, papers=papers,
        runs=ranges(examined.gaps), kinds={kind.value: ROW_STATE_NAMES[kind] for kind in ENTRIES},
    )  # fmt: skip


@blueprint.post("/<series_id>/<int:year>/import/confirm")
def confirm(series_id: str, year: int) -> ResponseReturnValue:
    """Enter everything that was previewed; looked at again, for somebody may have come before."""
    series = number_book.get_series(ports(), who(), series_id)
    try:
        rows = paper_numbers.record_entries(ports(), who(), series_id, year, _previewed())
    except UNTOLD:
        raise
    except InputRefused as refused:
        told = [Problem("book", p.message, p.remedy) for p in refused.problems]
        return _start_page(series, year, told)
    flash(_("已登记 %(n)s 个号：%(first)s 等", n=len(rows), first=rows[0]["text"]))
    return to_register(series_id, year)


def _previewed() -> list[ManualEntry]:
    """The papers the preview page sent along. Raises InputRefused for anything else."""
    wrong = InputRefused([Problem("book", msg("预览的内容不完整。"), msg("请重新上传文件。"))])
    try:
        given: Any = json.loads(request.form.get("papers", ""))
        return [ManualEntry(**_texts(one)) for one in given]
    except (ValueError, TypeError, RecursionError) as error:
        raise wrong from error


def _texts(one: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in dict(one).items()}
