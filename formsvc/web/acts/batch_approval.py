"""The queue of an approver, and decisions on several acts in one press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.domain.acts.act import Act, State
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.acts import details
from formsvc.usecases.approval import review
from formsvc.usecases.numbering import issue
from formsvc.web import page_images
from formsvc.web.context import ports, who

blueprint = Blueprint("batch", __name__, url_prefix="/approval")

# acts whose pages were opened, in the cookie of the session: act and version
OPENED = "opened"
MOST_OPENED = 40
# numbering an act takes up to a second; a server gives up on a request after some thirty
MOST_AT_ONCE = 15


@dataclass(frozen=True)
class Outcome:
    """Outcome for one chosen act: a step taken, or a refusal."""

    act: Act | None
    done: str
    refused: str = ""


@blueprint.get("")
def queue() -> ResponseReturnValue:
    return _queue_page([])


@blueprint.post("")
def decide_chosen() -> ResponseReturnValue:
    """Agree to each chosen act that was opened; say of each what became of it."""
    chosen = list(dict.fromkeys(request.form.getlist("act")))
    if not chosen:
        return _queue_page([Outcome(None, "", _("没有勾选文书。请先勾选看过的文书，再按按钮。"))])
    known = {act.id: act for act in review.list_tasks(ports(), who())}
    outcomes = [_decided(known.get(act_id)) for act_id in chosen[:MOST_AT_ONCE]]
    if len(chosen) > MOST_AT_ONCE:
        left = _(
            "一次最多办 %(n)s 件，其余 %(left)s 件没有办，请再勾选。",
            n=MOST_AT_ONCE,
            left=len(chosen) - MOST_AT_ONCE,
        )
        outcomes.append(Outcome(None, "", left))
    return _queue_page(outcomes)


def note_opened(act: Act) -> None:
    """Remember that this person has opened the act as it is now."""
    mark = _mark(act)
    session[OPENED] = [*(each for each in _opened() if each != mark), mark][-MOST_OPENED:]


def _opened() -> list[str]:
    marks: list[str] = session.get(OPENED, [])
    return marks


def _mark(act: Act) -> str:
    return f"{act.id}:{act.version}"


def _queue_page(outcomes: Sequence[Outcome]) -> str:
    acts, opened = review.list_tasks(ports(), who()), set(_opened())
    return render_template(
        "approval/queue.html",
        acts=acts,
        outcomes=outcomes,
        opened={act.id for act in acts if _mark(act) in opened},
        names=details.display_names(ports()),
        drafter_of=partial(details.printed_drafter, ports()),
        most=MOST_AT_ONCE,
    )


def _decided(act: Act | None) -> Outcome:
    if act is None:
        return Outcome(None, "", _("有一件已由别人办理，或者不再等您办理。"))
    if _mark(act) not in _opened():
        return Outcome(act, "", _("没有办：您还没有打开看过（或者看过之后有变动）。请打开看过再办。"))
    try:
        return Outcome(act, _agree(act))
    except FormsvcError as refused:
        return Outcome(act, "", str(join_messages(msg("没有办："), refused.message, refused.remedy)))


def _agree(act: Act) -> str:
    """Take the act's next step; return what was done."""
    if act.status is State.SUBMITTED:
        review.review(ports(), who(), act.id, passed=True, version=act.version)
        return str(_("已审核通过，转签发"))
    if act.status is State.APPROVED:
        issued = issue.issue_act(ports(), who(), act.id)
    elif review.may_approve_and_issue(who(), act):
        issued = review.approve_and_issue(ports(), who(), act.id, version=act.version)
    else:
        review.approve(ports(), who(), act.id, approved=True, version=act.version)
        return str(_("已签发，待编号"))
    page_images.draw_ahead(issued)
    return str(_("已编号 %(number)s", number=issued.number) if issued.number else _("已记录"))
