"""签发并编号: one press for a person who may both approve and number."""

from __future__ import annotations

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.approval.review import approve
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import visible_act
from formsvc.usecases.numbering.issue import issue_act


def may_sign_and_number(who: Actor, act: Act) -> bool:
    """Whether the person holds both rights for the act's authority."""
    return all(who.account.may(right, act.authority) for right in (Right.APPROVE, Right.ISSUE))


def sign_and_number(
    ports: Ports, who: Actor, act_id: str, *, comment: str = "", version: int | None = None
) -> Act:
    """Approve, then number. Pressed again after the approval alone went through, it goes on with the number.

    Raises TransitionRefused, RightMissing, InputRefused, Conflict; when only the number failed, the approval stands.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    who.account.require(Right.ISSUE, act.authority)
    signed_by_them = act.standing is State.APPROVED and act.approved_by == who.account.id
    if not signed_by_them and not act.is_numbered:
        approve(ports, who, act_id, approved=True, comment=comment, version=version)
    return issue_act(ports, who, act_id)
