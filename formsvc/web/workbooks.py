"""Workbooks as responses."""

from __future__ import annotations

from urllib.parse import quote

from flask import make_response
from werkzeug.wrappers import Response as AnyResponse

from formsvc.usecases.registers.excel.workbooks import TypedSheet
from formsvc.web.context import ports

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(sheets: list[TypedSheet], name: str) -> AnyResponse:
    response = make_response(ports().register_documents.sheets(sheets))
    response.mimetype = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def list_workbook(sheet: TypedSheet) -> AnyResponse:
    """Return the workbook of a list, named after it and the day."""
    return workbook_response([sheet], f"{sheet.title}{ports().clock.today():%Y%m%d}.xlsx")
