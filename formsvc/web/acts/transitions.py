"""Steps of an act: number, print, serve, void, withdraw, copy, follow."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.acts.act import Act, ServiceRecord, State, Step
from formsvc.domain.numbering.register import STAGES, Voiding
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log, details, serving
from formsvc.usecases.drafting import drafts
from formsvc.usecases.effects import case_locks
from formsvc.usecases.numbering import issue as issuance
from formsvc.usecases.numbering import register, reserved_numbers
from formsvc.usecases.numbering import voiding as voiding_use_case
from formsvc.web import filters, page_images, usage
from formsvc.web.acts import service_form
from formsvc.web.context import ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page, with_status

blueprint = Blueprint("steps", __name__)


def _redirect_to_act(act_id: str) -> AnyResponse:
    return redirect(url_for("acts.show", act_id=act_id), 303)


# Number ----------------------------------------------------------------------------------------------


@blueprint.get("/<act_id>/issue")
def issue_page(act_id: str) -> ResponseReturnValue:
    """Show the next number, and a field for the reason of a backfilled one."""
    act = details.require_allowed_step(ports(), who(), act_id, Step.ISSUE)
    return _issue_page(act, [])


@blueprint.post("/<act_id>/issue")
def issue(act_id: str) -> ResponseReturnValue:
    reason, blank = (request.form.get(name, "").strip() for name in ("backfill_reason", "blank"))
    try:
        act = issuance.issue_act(ports(), who(), act_id, backfill_reason=reason, blank=blank)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        # Someone else may have issued or returned it meanwhile: there is nothing left to fill in
        act = access.get_act(ports(), who(), act_id)
        if act.status is not State.APPROVED:
            raise
        return with_status(_issue_page(act, as_problems(refused), reason, blank), refused)
    announce_issued(act)
    return _redirect_to_act(act_id)


def announce_issued(act: Act) -> None:
    """Flash the act's number and start to draw its pages."""
    page_images.draw_ahead(act)
    flash(
        _("已编号 %(number)s", number=act.number) if act.number else _("已记录《%(title)s》", title=act.title)
    )


def _issue_page(act: Act, problems: list[Problem], reason: str = "", blank: str = "") -> AnyResponse:
    # The fields at fault are those of the answers, which are not on this page
    unbound = [Problem("", p.message, p.remedy, p.law) for p in problems]
    expected = register.expected_number(ports(), act)
    reserved = [
        (
            row["id"],
            _(
                "%(number)s（%(person)s %(day)s领用）",
                number=row["text"],
                person=row["reserved_for"],
                day=filters.day(row["reserved_at"][:10]),
            ),
        )
        for row in reserved_numbers.list_reserved_for_act(ports(), act)
    ]
    return form_page(
        "acts/issue.html", unbound, act=act, reason=reason, expected=expected, blank=blank, reserved=reserved
    )


# Serve -----------------------------------------------------------------------------------------------


@blueprint.get("/<act_id>/service")
def service_page(act_id: str) -> ResponseReturnValue:
    act = details.require_allowed_step(ports(), who(), act_id, Step.SERVE)
    definition = ports().definitions.revision(act.revision).definition
    # The address is shown unmasked, since the document has to be served there
    access_log.log_view(ports(), who(), act, msg("登记送达页"))
    return _service_page(act, service_form.initial_values(act, definition, ports().clock.now()), [])


@blueprint.post("/<act_id>/service")
def record_service(act_id: str) -> ResponseReturnValue:
    typed = service_form.form_values(request.form)
    record: ServiceRecord = service_form.parse_service(typed, ports().clock.today())
    try:
        act = serving.record_service(ports(), who(), act_id, record)
    except InputRefused as refused:
        return _service_page(access.get_act(ports(), who(), act_id), typed, list(refused.problems))
    flash(
        _("已登记%(method)s：%(title)s %(number)s", method=record.method, title=act.title, number=act.number)
    )
    return _redirect_to_act(act_id)


def _service_page(
    act: Act, typed: dict[str, str], problems: list[Problem], reason: str | None = None
) -> AnyResponse:
    """Show the form of a service; with a reason it corrects the one recorded."""
    return form_page(
        "acts/service.html",
        problems,
        act=act,
        reason=reason,
        typed=typed,
        receipt=_receipt_form(act) if reason is None else "",
        methods=service_form.method_choices(),
        relations=service_form.relation_choices(),
    )


def _receipt_form(act: Act) -> str:
    """Return the form of a service receipt (送达回证) to make from the act, or ""."""
    current = ports().definitions.current()
    possible = (form for form, _title in details.follow_up_forms(ports(), who(), act))
    return next((form for form in possible if current[form].definition.serves), "")


@blueprint.get("/<act_id>/service/correct")
def correction_page(act_id: str) -> ResponseReturnValue:
    """Show the recorded service, to be corrected with a reason."""
    act = details.require_allowed_step(ports(), who(), act_id, Step.CORRECT_SERVICE)
    access_log.log_view(ports(), who(), act, msg("更正送达页"))
    return _service_page(act, service_form.recorded_values(act), [], reason="")


@blueprint.post("/<act_id>/service/correct")
def correct_service(act_id: str) -> ResponseReturnValue:
    typed, reason = service_form.form_values(request.form), request.form.get("reason", "").strip()
    # the second button says that it was not served at all
    record = (
        None
        if request.form.get("outcome") == "unserved"
        else service_form.parse_service(typed, ports().clock.today())
    )
    act = details.require_allowed_step(ports(), who(), act_id, Step.CORRECT_SERVICE)
    try:
        serving.correct_service(ports(), who(), act_id, record, reason=reason)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _service_page(act, typed, as_problems(refused, "reason"), reason=reason)
    flash(_("已更正送达：%(title)s %(number)s", title=act.title, number=act.number))
    return _redirect_to_act(act_id)


# Void, withdraw, copy, follow ------------------------------------------------------------------------


@blueprint.get("/<act_id>/void")
def void_page(act_id: str) -> ResponseReturnValue:
    act = details.require_allowed_step(ports(), who(), act_id, Step.VOID)
    return _void_page(act, Voiding("", who().account.display_name, "" if act.prints else STAGES[0]), [])


@blueprint.post("/<act_id>/void")
def void(act_id: str) -> ResponseReturnValue:
    """Void the act; its number is not used again."""
    voiding = voiding_from_form(request.form)
    act = details.require_allowed_step(ports(), who(), act_id, Step.VOID)
    try:
        # Programs may leave the stage out; people on this page may not
        if not voiding.stage:
            raise InputRefused([Problem("stage", msg("请选择文书所处的阶段。"))])
        issuance.void_act(ports(), who(), act_id, voiding=voiding)
    except FormsvcError as refused:
        return _void_page(act, voiding, as_problems(refused, "reason"))
    flash(_("已作废 %(number)s，文号保留在号簿中，不再使用。", number=act.number or act.title))
    return _redirect_to_act(act_id)


def voiding_from_form(form: Mapping[str, str]) -> Voiding:
    return Voiding(
        reason=form.get("reason", ""),
        approver=form.get("approver", ""),
        stage=form.get("stage", ""),
        collected=form.get("collected") == "yes",
        replaced_by=form.get("replaced_by", ""),
    )


def _void_page(act: Act, typed: Voiding, problems: list[Problem]) -> AnyResponse:
    stages = [(stage, stage) for stage in STAGES]
    later = voiding_use_case.documents_standing_on(ports(), who(), act.id)
    known = ports().definitions.life_of(act.revision)
    conditions = known.void_conditions if known else ""
    return form_page(
        "acts/void.html", problems, act=act, typed=typed, stages=stages, later=later, conditions=conditions
    )


@blueprint.get("/<act_id>/reopen")
def reopen_page(act_id: str) -> ResponseReturnValue:
    return _reopen_page(act_id, "", [])


@blueprint.post("/<act_id>/reopen")
def reopen(act_id: str) -> ResponseReturnValue:
    """Lift the lock of the case, with the reason of who answers for it."""
    reason = request.form.get("reason", "").strip()
    try:
        first = case_locks.reopen_case(ports(), who(), act_id, reason=reason)
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _reopen_page(act_id, reason, as_problems(refused, "reason"))
    flash(_("已重新办理，可以继续据以制作文书。"))
    return _redirect_to_act(first.id)


def _reopen_page(act_id: str, reason: str, problems: list[Problem]) -> AnyResponse:
    first, lock = case_locks.case_lock_of(ports(), who(), act_id)
    return form_page("acts/reopen.html", problems, act=first, lock=lock, reason=reason)


@blueprint.post("/<act_id>/withdraw")
def withdraw(act_id: str) -> ResponseReturnValue:
    act = drafts.withdraw(ports(), who(), act_id)
    flash(_("已撤回《%(title)s》，可以修改后再次提交。", title=act.title))
    return redirect(url_for("drafting.edit", act_id=act_id), 303)


@blueprint.post("/<act_id>/copy")
def copy(act_id: str) -> ResponseReturnValue:
    usage.count_save()
    draft = drafts.copy_act(ports(), who(), act_id)
    flash(_("已复制为新草稿，请核对日期和内容。"))
    return redirect(url_for("drafting.edit", act_id=draft.id), 303)


@blueprint.post("/<act_id>/new/<form>")
def follow(act_id: str, form: str) -> ResponseReturnValue:
    """Open a follow-up draft of another form, prefilled from this act."""
    source = access.get_act(ports(), who(), act_id)
    usage.count_save()
    draft = drafts.open_form(ports(), who(), form, source_act=act_id)
    source_name = source.number or source.title
    flash(_("已据 %(source)s 新建《%(title)s》草稿。", source=source_name, title=draft.title))
    return redirect(url_for("drafting.edit", act_id=draft.id), 303)
