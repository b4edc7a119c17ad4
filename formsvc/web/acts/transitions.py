"""The steps a person takes with an act: number, print, serve, void, withdraw, copy, make the next one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.acts.act import Act, ServiceRecord, State, Step
from formsvc.domain.cases import next_steps as cases
from formsvc.domain.numbering.register import STAGES, Voiding
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, InputRefused, NotFound, Problem, RightMissing
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log as sight
from formsvc.usecases.acts import details as viewing
from formsvc.usecases.acts import serving
from formsvc.usecases.drafting import drafts as drafting
from formsvc.usecases.numbering import issue as issuing
from formsvc.usecases.numbering import register
from formsvc.usecases.numbering import reserved_numbers as blanks
from formsvc.web import filters, page_images
from formsvc.web.acts import service_form
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("steps", __name__)

UNTOLD = (NotFound, RightMissing)
"""Refusals that are no matter of what was typed: they get their own page."""


def _to_act(act_id: str) -> AnyResponse:
    return redirect(url_for("acts.show", act_id=act_id), 303)


def _page(template: str, problems: list[Problem], status: int = 422, **shown: object) -> AnyResponse:
    page = render_template(template, problems=problems, errors=messages_by_field(problems), **shown)
    return make_response(page, status if problems else 200)


# Number ----------------------------------------------------------------------------------------------


@blueprint.get("/<act_id>/issue")
def issue_page(act_id: str) -> ResponseReturnValue:
    """Which number comes next, and room for the reason of a back-filled one."""
    act = viewing.require_allowed_step(ports(), who(), act_id, Step.ISSUE)
    return _issue_page(act, [])


@blueprint.post("/<act_id>/issue")
def issue(act_id: str) -> ResponseReturnValue:
    """Number the act and make its documents."""
    reason, blank = (request.form.get(name, "").strip() for name in ("backfill_reason", "blank"))
    try:
        act = issuing.issue_act(ports(), who(), act_id, backfill_reason=reason, blank=blank)
    except UNTOLD:
        raise
    except FormsvcError as refused:
        act = access.get_act(ports(), who(), act_id)
        if act.status is not State.APPROVED:
            raise
        return _issue_page(act, as_problems(refused), reason, blank)
    tell_issued(act)
    return _to_act(act_id)


def tell_issued(act: Act) -> None:
    """Say which number the act got; its pages are drawn meanwhile."""
    page_images.draw_ahead(act)
    flash(
        _("已编号 %(number)s", number=act.number) if act.number else _("已记录《%(title)s》", title=act.title)
    )


def _issue_page(act: Act, problems: list[Problem], reason: str = "", blank: str = "") -> AnyResponse:
    own = [Problem("", p.message, p.remedy, p.law) for p in problems]
    expected = register.expected_number(ports(), act)
    handed_out = [
        (
            row["id"],
            _(
                "%(number)s（%(person)s %(day)s领用）",
                number=row["text"],
                person=row["reserved_for"],
                day=filters.day(row["reserved_at"][:10]),
            ),
        )
        for row in blanks.list_reserved_for_act(ports(), act.form, act.authority, act.agent, act.dated)
    ]
    return _page(
        "acts/issue.html", own, act=act, reason=reason, expected=expected, blank=blank, handed_out=handed_out
    )


# Print -----------------------------------------------------------------------------------------------


@blueprint.get("/<act_id>/print")
def print_page(act_id: str) -> ResponseReturnValue:
    """How many copies; after the press the document in the browser's viewer, and what was noted."""
    viewing.require_allowed_step(ports(), who(), act_id, Step.PRINT)
    return _print_page(act_id, "1", [], noted=request.args.get("noted", 0, type=int))


@blueprint.post("/<act_id>/print")
def record_print(act_id: str) -> ResponseReturnValue:
    """Note the copies and show the document."""
    typed = request.form.get("copies", "").strip()
    viewing.require_allowed_step(ports(), who(), act_id, Step.PRINT)
    try:
        issuing.record_print(ports(), who(), act_id, copies=parse_whole_number(typed) or 0)
    except FormsvcError as refused:
        return _print_page(act_id, typed, as_problems(refused, "copies"))
    return redirect(url_for("acts.steps.print_page", act_id=act_id, noted=parse_whole_number(typed)), 303)


def _print_page(act_id: str, copies: str, problems: list[Problem], noted: int = 0) -> AnyResponse:
    found = viewing.act_details(ports(), who(), act_id)
    return _page("acts/print.html", problems, file=found, act=found.act, copies=copies, noted=noted)


# Serve -----------------------------------------------------------------------------------------------


@blueprint.get("/<act_id>/service")
def service_page(act_id: str) -> ResponseReturnValue:
    """How, when, where and to whom the document was served."""
    act = viewing.require_allowed_step(ports(), who(), act_id, Step.SERVE)
    definition = ports().definitions.revision(act.revision).definition
    sight.log_view(ports(), who(), act, msg("登记送达页"))  # whoever serves must know the address
    return _service_page(act, service_form.first_typed(act, definition, ports().clock.now()), [])


@blueprint.post("/<act_id>/service")
def record_service(act_id: str) -> ResponseReturnValue:
    """Record the service; nothing typed is lost when something is missing."""
    typed = service_form.typed_in(request.form)
    record: ServiceRecord = service_form.read(typed)
    try:
        act = serving.record_service(ports(), who(), act_id, record)
    except InputRefused as refused:
        return _service_page(access.get_act(ports(), who(), act_id), typed, list(refused.problems))
    flash(
        _("已登记%(method)s：%(title)s %(number)s", method=record.method, title=act.title, number=act.number)
    )
    return _to_act(act_id)


def _service_page(act: Act, typed: dict[str, str], problems: list[Problem]) -> AnyResponse:
    return _page(
        "acts/service.html",
        problems,
        act=act,
        typed=typed,
        receipt=any(form == cases.RECEIPT for form, _title in viewing.follow_up_forms(ports(), who(), act)),
        methods=service_form.methods(),
        relations=[(word, word) for word in serving.RELATIONS],
    )


# Void, withdraw, copy, follow ------------------------------------------------------------------------


@blueprint.get("/<act_id>/void")
def void_page(act_id: str) -> ResponseReturnValue:
    """What voiding means, and room for the reason."""
    act = viewing.require_allowed_step(ports(), who(), act_id, Step.VOID)
    return _void_page(act, Voiding("", who().account.display_name, "" if act.prints else STAGES[0]), [])


@blueprint.post("/<act_id>/void")
def void(act_id: str) -> ResponseReturnValue:
    """Void the act; its number stays taken."""
    said = voiding_typed(request.form)
    act = viewing.require_allowed_step(ports(), who(), act_id, Step.VOID)
    try:
        if not said.stage:
            raise InputRefused([Problem("stage", msg("请选择文书所处的阶段。"))])
        issuing.void_act(ports(), who(), act_id, voiding=said)
    except FormsvcError as refused:
        return _void_page(act, said, as_problems(refused, "reason"))
    flash(_("已作废 %(number)s，文号保留在号簿中，不再使用。", number=act.number or act.title))
    return _to_act(act_id)


def voiding_typed(form: Mapping[str, str]) -> Voiding:
    """What was typed on a page that voids."""
    return Voiding(
        reason=form.get("reason", ""),
        approver=form.get("approver", ""),
        stage=form.get("stage", ""),
        collected=form.get("collected") == "yes",
        replaced_by=form.get("replaced_by", ""),
    )


def _void_page(act: Act, typed: Voiding, problems: list[Problem]) -> AnyResponse:
    stages = [(stage, stage) for stage in STAGES]
    return _page("acts/void.html", problems, act=act, typed=typed, stages=stages)


@blueprint.post("/<act_id>/withdraw")
def withdraw(act_id: str) -> ResponseReturnValue:
    """Take the act back into drafting."""
    act = drafting.withdraw(ports(), who(), act_id)
    flash(_("已撤回《%(title)s》，可以修改后再次提交。", title=act.title))
    return redirect(url_for("drafting.edit", act_id=act_id), 303)


@blueprint.post("/<act_id>/copy")
def copy(act_id: str) -> ResponseReturnValue:
    """A new draft with the same answers."""
    draft = drafting.copy_act(ports(), who(), act_id)
    flash(_("已复制为新草稿，请核对日期和内容。"))
    return redirect(url_for("drafting.edit", act_id=draft.id), 303)


@blueprint.post("/<act_id>/new/<form>")
def follow(act_id: str, form: str) -> ResponseReturnValue:
    """A new draft made from this act."""
    source = access.get_act(ports(), who(), act_id)
    draft = drafting.open_form(ports(), who(), form, source_act=act_id)
    made_from = source.number or source.title
    flash(_("已据 %(source)s 新建《%(title)s》草稿。", source=made_from, title=draft.title))
    return redirect(url_for("drafting.edit", act_id=draft.id), 303)
