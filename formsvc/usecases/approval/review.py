"""Legal review and approval: one decision per act, not by its drafter."""

from __future__ import annotations

from formsvc.domain.accounts.account import RIGHT_NAMES, Right
from formsvc.domain.acts.act import STEPS, Act, State, Step, require_step
from formsvc.errors import Conflict, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import may_see, visible_act
from formsvc.usecases.administration.review_settings import steps_of
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import require_unchanged, validated_act
from formsvc.usecases.event_log import record_event
from formsvc.usecases.numbering.issue import issue_act
from formsvc.usecases.ports import Condition, Transaction


def review(
    ports: Ports, actor: Actor, act_id: str, *, passed: bool, comment: str = "", version: int | None = None
) -> Act:
    """Pass a submitted act or return it; a return needs a comment.

    Raise TransitionRefused, RightMissing, InputRefused, Conflict.
    """
    if not passed:
        return _return_to_drafter(ports, actor, act_id, comment, Step.REVIEW, version)
    return _pass_on(ports, actor, act_id, comment, Step.REVIEW, version)


def approve(
    ports: Ports, actor: Actor, act_id: str, *, approved: bool, comment: str = "", version: int | None = None
) -> Act:
    """Approve an act or return it; a return needs a comment.

    Raise TransitionRefused, RightMissing, InputRefused, Conflict.
    """
    if not approved:
        return _return_to_drafter(ports, actor, act_id, comment, Step.APPROVE, version)
    return _pass_on(ports, actor, act_id, comment, Step.APPROVE, version)


def _pass_on(ports: Ports, actor: Actor, act_id: str, comment: str, step: Step, version: int | None) -> Act:
    with ports.store.read() as tx:
        act = _act_to_decide(ports, tx, actor, act_id, step, version)
    rule = require_step(act.status, step)
    act = validated_act(ports, act)
    now = ports.clock.now().isoformat(timespec="seconds")
    target = rule.target or act.status
    if step is Step.REVIEW:
        target = steps_of(ports, ports.definitions.revision(act.revision).definition).after_review
    by = {"reviewed_by": actor.account.id} if step is Step.REVIEW else {"approved_by": actor.account.id}
    decided = act.changed(now, state=target.value, **by)
    with ports.store.write() as tx:
        require_unchanged(act, _act_to_decide(ports, tx, actor, act_id, step, version))
        tx.acts.replace(act.id, decided.to_record())
        record_event(tx, ports.clock, actor, act.id, rule.event, note=comment.strip())
    return decided


def _return_to_drafter(
    ports: Ports, actor: Actor, act_id: str, comment: str, step: Step, version: int | None
) -> Act:
    if not comment.strip():
        raise FormsvcError(msg("退回时必须写明理由。"), msg("请在“意见”中写清需要改什么，再按“退回修改”。"))
    with ports.store.write() as tx:
        act = _act_to_decide(ports, tx, actor, act_id, step, version)
        now = ports.clock.now().isoformat(timespec="seconds")
        back = act.changed(
            now,
            state=State.DRAFT.value,
            returned_note=comment.strip(),
            returned_answers=dict(act.answers),
            reviewed_by="",
            approved_by="",
        )
        tx.acts.replace(act.id, back.to_record())
        record_event(tx, ports.clock, actor, act.id, "Returned", note=comment.strip())
    return back


def _act_to_decide(
    ports: Ports, tx: Transaction, actor: Actor, act_id: str, step: Step, version: int | None
) -> Act:
    _require_not_returned(tx, actor, act_id, step)
    act = visible_act(tx, actor, act_id)
    rule = require_step(act.status, step)
    actor.account.require(rule.right, act.authority, _authority_name(tx, act))
    if ports.policy.four_eyes and act.drafter == actor.account.id:
        raise FormsvcError(
            msg("本件由您起草，不能由您本人{step}。", step=RIGHT_NAMES[rule.right]),
            msg("请由另一位有权限的人员办理。"),
        )
    # the reviewer decides on what the page showed, not on what was changed since
    if version is not None and version != act.version:
        raise Conflict(msg("这件文书在您打开之后有变动。"), msg("请刷新页面，按最新内容作决定。"))
    return act


def _require_not_returned(tx: Transaction, actor: Actor, act_id: str, step: Step) -> None:
    """Raise Conflict if the act was returned to its drafter in the meantime."""
    record = tx.acts.get(act_id)
    act = Act.from_record(record) if record else None
    if (
        act is not None
        and act.status is State.DRAFT
        and act.submitted_at
        and act.drafter != actor.account.id
        and actor.account.may(STEPS[step].right, act.authority)
    ):
        raise Conflict(
            msg("这件文书刚才已经退回或者撤回，正由起草人修改，您的决定没有记下。"),
            msg("再次提交以后，它会回到待办列表。"),
        )


def _authority_name(tx: Transaction, act: Act) -> str:
    record = tx.authorities.get(act.authority) if act.authority else None
    return str(record["name"]) if record else ""


def list_tasks(ports: Ports, actor: Actor) -> list[Act]:
    wanted: list[tuple[State, Right]] = [
        (State.SUBMITTED, Right.REVIEW),
        (State.REVIEWED, Right.APPROVE),
        (State.APPROVED, Right.ISSUE),
    ]
    found: list[Act] = []
    with ports.store.read() as tx:
        for state, right in wanted:
            if not actor.account.may(right, ""):
                continue
            records = tx.acts.find(Condition("state", "==", state.value), order="submitted_at")
            acts = map(Act.from_record, records)
            found += [a for a in acts if _may_decide(ports, actor, a, right) and may_see(actor, a)]
    return sorted(found, key=lambda act: act.submitted_at)


def _may_decide(ports: Ports, actor: Actor, act: Act, right: Right) -> bool:
    own = act.drafter == actor.account.id and right in (Right.REVIEW, Right.APPROVE)
    return actor.account.may(right, act.authority) and not (own and ports.policy.four_eyes)


def may_approve_and_issue(actor: Actor, act: Act) -> bool:
    return all(actor.account.may(right, act.authority) for right in (Right.APPROVE, Right.ISSUE))


def approve_and_issue(
    ports: Ports, actor: Actor, act_id: str, *, comment: str = "", version: int | None = None
) -> Act:
    """Approve an act (签发), then issue it.

    Repeatable: if the approval went through and the number failed, a second call issues. Raise
    TransitionRefused, RightMissing, InputRefused, Conflict.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    actor.account.require(Right.ISSUE, act.authority)
    signed_by_them = act.status is State.APPROVED and act.approved_by == actor.account.id
    if not signed_by_them and not act.is_numbered:
        approve(ports, actor, act_id, approved=True, comment=comment, version=version)
    return issue_act(ports, actor, act_id)
