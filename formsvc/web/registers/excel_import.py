"""Import of rows from Excel: file, columns, rows, then all or nothing.

What was uploaded and decided is kept on the server until the import is done; the address names it by a signed token
that only the same person can use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.paging import page_count
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import FormsvcError, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.registers import row_changes, row_search
from formsvc.usecases.registers.excel import import_plan, import_writing
from formsvc.usecases.registers.excel.import_plan import Choice, ImportPlan, Outcome, RowDecision
from formsvc.usecases.registers.excel.workbooks import WorkbookTable
from formsvc.web import usage
from formsvc.web.context import ports, requested_page, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page, with_status
from formsvc.web.registers.import_rows import review_rows
from formsvc.web.security import MEGABYTE

blueprint = Blueprint("import", __name__)

PAGE_SIZE = 100


@dataclass(frozen=True)
class ImportState:
    """An import that is being prepared."""

    file: str
    sheet: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    columns: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def table(self) -> WorkbookTable:
        rows = tuple((line, tuple(texts)) for line, texts in self.rows)
        return WorkbookTable(self.sheet, tuple(self.headings), rows)

    @property
    def decided(self) -> dict[int, RowDecision]:
        return {int(line): RowDecision(**decision) for line, decision in self.decisions.items()}


def _register(register_id: str) -> RegisterDefinition:
    register = row_search.get_register(ports(), register_id)
    row_changes.require_editor(register, who())
    return register


@blueprint.get("/<register_id>/import")
def start(register_id: str) -> ResponseReturnValue:
    return _start_page(_register(register_id), [])


def _start_page(register: RegisterDefinition, problems: list[Problem]) -> AnyResponse:
    columns = [
        (register.heading_of(c.key), c.label, bool(c.required)) for c in register.columns if not c.columns
    ]
    limits = ports().limits
    return form_page(
        "registers/import.html",
        problems,
        register=register,
        headings=columns,
        most=limits.register_rows,
        megabytes=limits.workbook_megabytes,
    )


@blueprint.post("/<register_id>/import")
def upload(register_id: str) -> ResponseReturnValue:
    register = _register(register_id)
    book = request.files.get("book")
    try:
        content = _uploaded(book.stream.read(_most_bytes() + 1) if book else b"")
        table = import_plan.read_file(ports(), who(), register_id, content)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return with_status(_start_page(register, as_problems(refused, "book")), refused)
    columns = import_plan.matched_columns(register, table)
    name = (book.filename or "" if book else "").replace("\\", "/").rpartition("/")[2][:120]
    rows = [(line, list(texts)) for line, texts in table.rows]
    state = ImportState(name, table.sheet, list(table.headings), rows, columns)
    # a file with the headings of an export needs no question
    unclear = [heading for heading, key in columns.items() if not key]
    page = "columns" if unclear else "review"
    return redirect(
        url_for(f"registers.import.{page}", register_id=register_id, token=_keep(register, state))
    )


def _most_bytes() -> int:
    return ports().limits.workbook_megabytes * MEGABYTE


def _uploaded(content: bytes) -> bytes:
    if not content:
        raise FormsvcError(msg("请选择填好的 Excel 文件。"))
    if len(content) > _most_bytes():
        raise FormsvcError(
            msg("文件超过 {n} MB。", n=ports().limits.workbook_megabytes), msg("请分几个文件上传。")
        )
    # reading it takes a process of its own
    usage.count_upload(len(content))
    ports().scan(content)
    return content


def _signer(register: RegisterDefinition) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"import {register.id} {who().account.id}")


def _keep(register: RegisterDefinition, state: ImportState) -> str:
    """Keep a state on the server and return its token."""
    content = json.dumps(asdict(state), ensure_ascii=False).encode(errors="replace")
    return str(_signer(register).dumps(ports().files.keep(content)))


def _kept(register: RegisterDefinition, token: str) -> ImportState:
    """Return a state that was kept. Raise NotFound."""
    try:
        stored: Mapping[str, Any] = json.loads(ports().files.read(str(_signer(register).loads(token))))
        return ImportState(**stored)
    except (BadData, FormsvcError, ValueError, TypeError) as error:
        raise NotFound(msg("上传的文件已不再保留，没有导入。"), msg("请重新上传。")) from error


@blueprint.get("/<register_id>/import/<token>/columns")
def columns(register_id: str, token: str) -> ResponseReturnValue:
    register = _register(register_id)
    return _columns_page(register, token, _kept(register, token), [])


def _columns_page(
    register: RegisterDefinition, token: str, state: ImportState, problems: list[Problem]
) -> AnyResponse:
    samples = {
        heading: "、".join(dict.fromkeys(row[1][n] for row in state.rows[:20] if row[1][n]))[:60]
        for n, heading in enumerate(state.headings)
    }
    return form_page(
        "registers/import_columns.html",
        problems,
        register=register,
        token=token,
        state=state,
        samples=samples,
        options=[(c.key, c.label) for c in register.columns if not c.columns],
    )


@blueprint.post("/<register_id>/import/<token>/columns")
def match_columns(register_id: str, token: str) -> ResponseReturnValue:
    register = _register(register_id)
    state = _kept(register, token)
    chosen = {heading: request.form.get(f"column-{n}", "") for n, heading in enumerate(state.headings)}
    state = replace(state, columns=chosen)
    try:
        import_plan.plan_import(ports(), who(), register_id, _without_rows(state).table, chosen)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _columns_page(register, token, state, as_problems(refused))
    return redirect(url_for("registers.import.review", register_id=register_id, token=_keep(register, state)))


def _without_rows(state: ImportState) -> ImportState:
    """Return the state without rows, to check its columns alone."""
    return replace(state, rows=[])


@blueprint.get("/<register_id>/import/<token>")
def review(register_id: str, token: str) -> ResponseReturnValue:
    """Show row by row what the import would do."""
    register = _register(register_id)
    return _review_page(register, token, _kept(register, token), [])


def _plan(register: RegisterDefinition, state: ImportState) -> ImportPlan:
    return import_plan.plan_import(ports(), who(), register.id, state.table, state.columns, state.decided)


def _review_page(
    register: RegisterDefinition, token: str, state: ImportState, problems: list[Problem]
) -> AnyResponse:
    plan = _plan(register, state)
    view = request.args.get("view", "")
    rows = review_rows(register, plan, view)
    page = min(requested_page(), max(page_count(len(rows), PAGE_SIZE), 1))
    counts = plan.counts
    return form_page(
        "registers/import_review.html",
        problems,
        register=register,
        token=token,
        state=state,
        plan=plan,
        counts=counts,
        total=len(plan.rows),
        undecided=plan.undecided,
        importable=counts[Outcome.NEW] + counts[Outcome.CHANGED],
        view=view,
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        pages=page_count(len(rows), PAGE_SIZE),
        matched=sum(bool(key) for key in state.columns.values()),
        unused=[heading for heading, key in state.columns.items() if not key],
        address=partial(url_for, "registers.import.review", register_id=register.id, token=token),
        days=import_writing.WITHDRAWABLE.days,
    )


@blueprint.post("/<register_id>/import/<token>")
def decide(register_id: str, token: str) -> ResponseReturnValue:
    """Keep the decisions of a page, or import what is decided."""
    register = _register(register_id)
    state = _kept(register, token)
    decided = replace(state, decisions={**state.decisions, **_sent_decisions(state)})
    if request.form.get("do") not in ("all", "leave"):
        kept = _keep(register, decided)
        view: dict[str, Any] = {"view": request.args["view"]} if request.args.get("view") else {}
        return redirect(url_for("registers.import.review", register_id=register_id, token=kept, **view))
    plan = _plan(register, decided)
    if request.form.get("do") == "leave":
        plan = plan.without_undecided()
    try:
        receipt = import_writing.write_import(ports(), who(), plan, state.file)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        problems = as_problems(refused)
        return with_status(_review_page(register, _keep(register, decided), decided, problems), refused)
    flash(_("已导入：新增 %(added)s 行，变更 %(changed)s 行", added=receipt.added, changed=receipt.changed))
    return redirect(url_for("registers.import.receipt", register_id=register_id, batch=receipt.batch))


def _sent_decisions(state: ImportState) -> dict[str, dict[str, Any]]:
    """Return the decisions that the page sent, of lines that the file has."""
    lines = {str(line) for line, _texts in state.rows}
    sent: dict[str, dict[str, Any]] = {}
    for line in set(request.form.getlist("line")) & lines:
        known = state.decisions.get(line, {})
        typed = {
            name.partition(":")[2]: text
            for name, text in request.form.items()
            if name.startswith(f"cell-{line}:") and text.strip()
        }
        choice = request.form.get(f"choice-{line}", "")
        choice = choice if choice in set(Choice) else ""
        if choice or typed or known:
            sent[line] = {"choice": choice, "cells": {**known.get("cells", {}), **typed}}
    return sent


@blueprint.get("/<register_id>/imports/<batch>")
def receipt(register_id: str, batch: str) -> ResponseReturnValue:
    register = row_search.get_register(ports(), register_id)
    return _receipt_page(register, batch, [])


def _receipt_page(register: RegisterDefinition, batch: str, problems: list[Problem]) -> AnyResponse:
    return form_page(
        "registers/import_receipt.html",
        problems,
        register=register,
        receipt=import_writing.get_import(ports(), register.id, batch),
        days=import_writing.WITHDRAWABLE.days,
        may_edit=row_changes.may_edit(register, who()),
    )


@blueprint.post("/<register_id>/imports/<batch>/withdraw")
def withdraw(register_id: str, batch: str) -> ResponseReturnValue:
    """Take an import back as a whole."""
    register = _register(register_id)
    try:
        count = import_writing.withdraw_import(ports(), who(), register_id, batch)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return with_status(_receipt_page(register, batch, as_problems(refused)), refused)
    flash(_("已撤回这次导入，共 %(n)s 行", n=count))
    return redirect(url_for("registers.show", register_id=register_id))
