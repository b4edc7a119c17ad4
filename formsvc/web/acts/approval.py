"""Acts that wait for this person: the queue, one act with what to check, and the decision."""

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
from formsvc.usecases.acts import access_log as sight
from formsvc.usecases.acts import details as viewing
from formsvc.usecases.approval import checklist as checking
from formsvc.usecases.approval import review as reviewing
from formsvc.web.acts.transitions import tell_issued
from formsvc.web.acts.views import sheets_of, words_of
from formsvc.web.context import ports, who
from formsvc.web.errors import http_status
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("approval", __name__)

RETURN, SIGN_AND_NUMBER = "return", "sign_and_number"


@dataclass(frozen=True)
class Place:
    """Where an act stands in the queue, and its neighbours."""

    at: int
    of: int
    before: str
    after: str


@blueprint.get("/approval")
def queue() -> ResponseReturnValue:
    """Everything that waits for this person, oldest first."""
    acts = reviewing.list_tasks(ports(), who())
    return render_template("approval/queue.html", acts=acts, names=viewing.display_names(ports()))


@blueprint.get("/approval/<act_id>")
def show(act_id: str) -> ResponseReturnValue:
    """One act: its pages on the left, what to check and the decision on the right."""
    act = access.get_act(ports(), who(), act_id)
    if act.status not in WAITING_STATES:
        flash(_("这件文书现在的状态是“%(state)s”，不再等候办理。", state=act.state_name))
        return redirect(url_for("acts.show", act_id=act_id))
    sight.log_view(ports(), who(), act, msg("审批页"))
    return _decision_page(act_id, "", [])


@blueprint.post("/acts/<act_id>/review")
def review(act_id: str) -> ResponseReturnValue:
    """Pass the act on, or return it with a comment."""
    return _decided(act_id, Step.REVIEW)


@blueprint.post("/acts/<act_id>/approve")
def approve(act_id: str) -> ResponseReturnValue:
    """Sign the act off, with its number in the same press where wanted, or return it with a comment."""
    return _decided(act_id, Step.APPROVE)


def _decided(act_id: str, step: Step) -> AnyResponse:
    comment = request.form.get("comment", "")
    place = _place(act_id)
    try:
        act = _take(act_id, step, comment)
    except (NotFound, RightMissing):
        raise
    except FormsvcError as refused:
        act = access.get_act(ports(), who(), act_id)
        if act.status not in WAITING_STATES:
            raise
        return _decision_page(act_id, comment, as_problems(refused), http_status(refused))
    if act.status is State.ISSUED:
        return redirect(url_for("acts.show", act_id=act_id), 303)
    return redirect(
        url_for("approval.show", act_id=place.after) if place.after else url_for("approval.queue"), 303
    )


def _take(act_id: str, step: Step, comment: str) -> Act:
    decision, version = request.form.get("decision", ""), request.form.get("version", type=int)
    if decision == SIGN_AND_NUMBER and step is Step.APPROVE:
        act = reviewing.approve_and_issue(ports(), who(), act_id, comment=comment, version=version)
        tell_issued(act)
        return act
    fine = decision != RETURN
    if step is Step.REVIEW:
        act = reviewing.review(ports(), who(), act_id, passed=fine, comment=comment, version=version)
    else:
        act = reviewing.approve(ports(), who(), act_id, approved=fine, comment=comment, version=version)
    _tell(act, step, fine)
    return act


def _tell(act: Act, step: Step, fine: bool) -> None:
    what = f"{act.title}（{act.party}）" if act.party else act.title
    if not fine:
        flash(_("已退回起草人：%(what)s", what=what))
    elif step is Step.REVIEW:
        flash(_("已审核通过，转签发：%(what)s", what=what))
    else:
        flash(_("已签发，待编号：%(what)s", what=what))


def _decision_page(act_id: str, comment: str, problems: list[Problem], status: int = 200) -> AnyResponse:
    found = checking.load_checklist(ports(), who(), act_id)
    sheets, trouble = sheets_of(found.act)
    steps = viewing.allowed_steps(ports(), who(), found.act)
    decision = viewing.DECISIONS.get(found.act.status)
    told = _on_this_page(problems, decision in steps and found.is_sound)
    page = render_template(
        "approval/act.html",
        found=found,
        act=found.act,
        **words_of(found.act, found.revision.definition),
        sheets=sheets,
        trouble=trouble,
        place=_place(act_id),
        comment=comment,
        problems=told,
        errors=messages_by_field(told),
        steps=steps,
        decision=decision,
        one_press=Step.APPROVE in steps and reviewing.may_approve_and_issue(who(), found.act),
        names=viewing.display_names(ports()),
        events=viewing.act_details(ports(), who(), act_id).events,
    )
    return make_response(page, status)


def _on_this_page(problems: list[Problem], about_comment: bool) -> list[Problem]:
    """The answers' fields are not on this page; what names no field is about the comment while there is one."""
    return [
        Problem("comment" if about_comment and not p.field else "", p.message, p.remedy, p.law)
        for p in problems
    ]


def _place(act_id: str) -> Place:
    """The act's place in this person's queue; at 0 when it is not theirs to decide."""
    ids = [act.id for act in reviewing.list_tasks(ports(), who())]
    if act_id not in ids:
        return Place(0, len(ids), "", ids[0] if ids else "")
    at = ids.index(act_id)
    before = ids[at - 1] if at else ""
    after = ids[at + 1] if at + 1 < len(ids) else (ids[0] if at else "")
    return Place(at + 1, len(ids), before, after)
