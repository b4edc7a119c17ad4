"""Printing of an issued act: what, how often, and the file to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.acts.act import Act, Step
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.acts import details, issued_files
from formsvc.usecases.acts.issued_files import IssuedCopy
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("printing", __name__)


@blueprint.get("/<act_id>/print")
def print_page(act_id: str) -> ResponseReturnValue:
    """Ask what to print and how often; once recorded, show the document."""
    details.require_allowed_step(ports(), who(), act_id, Step.PRINT)
    return _print_page(act_id, "1", [], noted=request.args.get("noted", 0, type=int))


@blueprint.post("/<act_id>/print")
def record_print(act_id: str) -> ResponseReturnValue:
    typed = request.form.get("copies", "").strip()
    act = details.require_allowed_step(ports(), who(), act_id, Step.PRINT)
    wanted = _wanted(issued_files.issued_copies(ports(), act))
    times = parse_whole_number(typed) or 0
    try:
        titles = [copy.title for copy in wanted if copy.title]
        issued_files.record_print(ports(), who(), act_id, copies=times * _papers(wanted), titles=titles)
    except FormsvcError as refused:
        return _print_page(act_id, typed, as_problems(refused, "copies"))
    return redirect(url_for("acts.printing.print_page", act_id=act_id, noted=times, **_chosen()), 303)


def _chosen() -> dict[str, Any]:
    """Return what was chosen, as arguments of an address."""
    return {name: request.values.get(name) or None for name in ("copy", "both_sides")}


def _wanted(copies: Sequence[IssuedCopy]) -> Sequence[IssuedCopy]:
    chosen = parse_whole_number(request.values.get("copy", "")) or 0
    return copies[chosen - 1 : chosen] if 1 <= chosen <= len(copies) else copies


def _papers(copies: Sequence[IssuedCopy]) -> int:
    return sum(copy.count for copy in copies)


def _titles(copies: Sequence[IssuedCopy]) -> str:
    return "、".join(_("%(title)s %(n)s 份", title=copy.title, n=copy.count) for copy in copies if copy.title)


def _choices(copies: Sequence[IssuedCopy]) -> list[tuple[str, str]]:
    """Return what can be printed: everything, or one of the copies."""
    single = [(str(n), _("只打印%(titles)s", titles=_titles([copy]))) for n, copy in enumerate(copies, 1)]
    return [("0", _titles(copies)), *single]


def _print_page(act_id: str, times: str, problems: list[Problem], noted: int = 0) -> AnyResponse:
    act_details = details.act_details(ports(), who(), act_id)
    act = act_details.act
    copies = issued_files.issued_copies(ports(), act)
    wanted = _wanted(copies)
    return form_page(
        "acts/print.html",
        problems,
        file=act_details,
        act=act,
        times=times,
        noted=noted,
        papers=noted * _papers(wanted),
        choices=_choices(copies) if len(copies) > 1 else [],
        titles=_titles(wanted),
        chosen=request.values.get("copy", "0"),
        both_sides=request.values.get("both_sides", ""),
        file_to_print=_file_to_print(act, wanted),
    )


def _file_to_print(act: Act, wanted: Sequence[IssuedCopy]) -> str:
    """Return the address of the kept PDF, or of all papers as one file."""
    if _papers(wanted) == 1 and wanted[0].pdf == act.pdf:
        return url_for("acts.documents.pdf", act_id=act.id)
    return url_for("acts.documents.print_file", act_id=act.id, **_chosen())
