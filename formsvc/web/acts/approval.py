"""Approval pages: one act with its checklist, and the decision."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.acts.act import WAITING_STATES, Act, State, Step
from formsvc.errors import FormsvcError, NotFound, Problem, RightMissing
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log, details
from formsvc.usecases.approval import checklist as review_checklist
from formsvc.usecases.approval import phrases
from formsvc.usecases.approval import review as approval_review
from formsvc.web.acts import batch_approval
from formsvc.web.acts.answer_changes import last_return
from formsvc.web.acts.transitions import announce_issued
from formsvc.web.acts.views import answers_context, page_sizes_or_error
from formsvc.web.context import ports, who
from formsvc.web.errors import http_status
from formsvc.web.form_problems import as_problems, messages_by_field, with_status

blueprint = Blueprint("approval", __name__)
blueprint.register_blueprint(batch_approval.blueprint)

RETURN, SIGN_AND_NUMBER = "return", "sign_and_number"


@dataclass(frozen=True)
class QueuePosition:
    """Position of an act in the queue, from 1, and its neighbours' ids."""

    number: int
    total: int
    previous_id: str
    next_id: str


@blueprint.get("/approval/<act_id>")
def show(act_id: str) -> ResponseReturnValue:
    """Show one act's pages, its checklist and the decision form."""
    act = access.get_act(ports(), who(), act_id)
    if act.status not in WAITING_STATES:
        flash(_("这件文书现在的状态是“%(state)s”，不再等候办理。", state=act.state_name))
        return redirect(url_for("acts.show", act_id=act_id))
    access_log.log_view(ports(), who(), act, msg("审批页"))
    batch_approval.note_opened(act)
    return _decision_page(act_id, "", [])


@blueprint.post("/acts/<act_id>/review")
def review(act_id: str) -> ResponseReturnValue:
    return _decide(act_id, Step.REVIEW)


@blueprint.post("/acts/<act_id>/approve")
def approve(act_id: str) -> ResponseReturnValue:
    """Sign the act, or sign and number it, or return it."""
    return _decide(act_id, Step.APPROVE)


def _decide(act_id: str, step: Step) -> AnyResponse:
    # without scripts a chosen phrase stands in the list until it is sent
    comment = request.form.get("comment", "").strip() or request.form.get("phrase", "")
    # Before the decision, which removes the act from the queue
    position = _queue_position(act_id)
    try:
        act = _apply_decision(act_id, step, comment)
    except (NotFound, RightMissing):
        raise
    except FormsvcError as refused:
        act = access.get_act(ports(), who(), act_id)
        if act.status not in WAITING_STATES:
            raise
        page = _decision_page(act_id, comment, as_problems(refused), http_status(refused))
        return with_status(page, refused)
    return redirect(_following_page(act, position), 303)


def _following_page(act: Act, position: QueuePosition) -> str:
    if position.next_id:
        return url_for("approval.show", act_id=position.next_id)
    if act.status is State.ISSUED:
        return url_for("acts.show", act_id=act.id)
    return url_for("approval.batch.queue")


def _apply_decision(act_id: str, step: Step, comment: str) -> Act:
    decision, version = request.form.get("decision", ""), request.form.get("version", type=int)
    if decision == SIGN_AND_NUMBER and step is Step.APPROVE:
        act = approval_review.approve_and_issue(ports(), who(), act_id, comment=comment, version=version)
        announce_issued(act)
        return act
    passed = decision != RETURN
    if step is Step.REVIEW:
        act = approval_review.review(ports(), who(), act_id, passed=passed, comment=comment, version=version)
    else:
        act = approval_review.approve(
            ports(), who(), act_id, approved=passed, comment=comment, version=version
        )
    _flash_decision(act, step, passed)
    return act


def _flash_decision(act: Act, step: Step, passed: bool) -> None:
    name = f"{act.title}（{act.party}）" if act.party else act.title
    if not passed:
        flash(_("已退回起草人：%(what)s", what=name))
    elif step is Step.REVIEW:
        flash(_("已审核通过，转签发：%(what)s", what=name))
    else:
        flash(_("已签发，待编号：%(what)s", what=name))


def _decision_page(act_id: str, comment: str, problems: list[Problem], status: int = 200) -> AnyResponse:
    checklist = review_checklist.load_checklist(ports(), who(), act_id)
    act = checklist.act
    page_sizes, page_error = page_sizes_or_error(act)
    steps = details.allowed_steps(ports(), who(), act)
    decision = details.DECISIONS.get(act.status)
    definition, events = checklist.revision.definition, details.act_details(ports(), who(), act_id).events
    shown_problems = _on_decision_page(problems, decision in steps and checklist.is_sound)
    page = render_template(
        "approval/act.html",
        checklist=checklist,
        act=act,
        **answers_context(act, definition),
        page_sizes=page_sizes,
        page_error=page_error,
        position=_queue_position(act_id),
        comment=comment,
        problems=shown_problems,
        errors=messages_by_field(shown_problems),
        steps=steps,
        decision=decision,
        one_press=Step.APPROVE in steps and approval_review.may_approve_and_issue(who(), act),
        names=details.display_names(ports()),
        events=events,
        last_return=last_return(act, definition, events),
        phrases=phrases.usual_phrases(ports(), who()),
    )
    return make_response(page, status)


def _on_decision_page(problems: list[Problem], about_comment: bool) -> list[Problem]:
    """Move the problems to the only field of this page, the comment."""
    return [
        Problem("comment" if about_comment and not p.field else "", p.message, p.remedy, p.law)
        for p in problems
    ]


def _queue_position(act_id: str) -> QueuePosition:
    """Return the act's position in the person's queue, 0 if not in it."""
    ids = [act.id for act in approval_review.list_tasks(ports(), who())]
    if act_id not in ids:
        return QueuePosition(0, len(ids), "", ids[0] if ids else "")
    index = ids.index(act_id)
    previous_id = ids[index - 1] if index else ""
    # From the last one the person goes on with those passed over, from the first
    next_id = ids[index + 1] if index + 1 < len(ids) else (ids[0] if index else "")
    return QueuePosition(index + 1, len(ids), previous_id, next_id)
