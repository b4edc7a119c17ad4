"""The steps of an act after it was handed in."""

from __future__ import annotations

import contextlib

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.numbering.register import Voiding
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.acts import serving
from formsvc.usecases.approval import review as reviewing
from formsvc.usecases.numbering import issue as issuing
from formsvc.web.api.endpoints.drafts import _require_version
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import ActWhole, Approval, Issue, Prints, Review, Service, TakeBlank, Void
from formsvc.web.api.serializers import answered
from formsvc.web.context import ports, who

PART = msg("办理")


def _require_version_if_seen(act_id: str, version: int | None) -> None:
    """What can no longer be seen the decision itself tells of: it may have been sent back just now."""
    with contextlib.suppress(NotFound):
        _require_version(act_id, version)


@operation(
    "POST", "/acts/{act_id}/review", PART, msg("法制审核：通过或者退回"), Scope.DECIDE, body=Review,
    answer=ActWhole, repeatable=True, may_match=True, refusals=(404, 409, 412),
)  # fmt: skip
def review_act(call: Call, act_id: str) -> Answer:
    """Decide on a submitted act."""
    _require_version_if_seen(act_id, call.version)
    passed = call.body.decision == "pass"
    return answered(
        reviewing.review(
            ports(), who(), act_id, passed=passed, comment=call.body.comment, version=call.version
        )
    )


@operation(
    "POST", "/acts/{act_id}/approve", PART, msg("签发或者退回"), Scope.DECIDE, body=Approval, answer=ActWhole,
    repeatable=True, may_match=True, refusals=(404, 409, 412),
)  # fmt: skip
def approve_act(call: Call, act_id: str) -> Answer:
    """Sign an act off or send it back."""
    _require_version_if_seen(act_id, call.version)
    approved = call.body.decision == "approve"
    return answered(
        reviewing.approve(
            ports(), who(), act_id, approved=approved, comment=call.body.comment, version=call.version
        )
    )


@operation(
    "POST", "/acts/{act_id}/issue", PART, msg("编号并制成正式文件；再次请求得到同一个文号"), Scope.ISSUE,
    answer=ActWhole, repeatable=True, resumable=True, refusals=(404, 409),
)  # fmt: skip
def issue_act(call: Call, act_id: str) -> Answer:
    """Number an approved act and make its documents."""
    return answered(issuing.issue_act(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/backfill", PART, msg("补录：编号并写明补录的理由"), Scope.ISSUE, body=Issue,
    answer=ActWhole, repeatable=True, resumable=True, refusals=(404, 409),
)  # fmt: skip
def backfill_act(call: Call, act_id: str) -> Answer:
    """Number an act of an earlier day."""
    reason = call.body.backfill_reason
    return answered(issuing.issue_act(ports(), who(), act_id, backfill_reason=reason))


@operation(
    "POST", "/acts/{act_id}/take-blank", PART, msg("用已领用的文号编号：纸质文书在现场已经用了这个号"), Scope.ISSUE,
    body=TakeBlank, answer=ActWhole, repeatable=True, resumable=True, refusals=(404, 409),
)  # fmt: skip
def take_blank(call: Call, act_id: str) -> Answer:
    """Number an act with a number that had been handed out."""
    return answered(issuing.issue_act(ports(), who(), act_id, blank=call.body.number))


@operation(
    "POST", "/acts/{act_id}/serve", PART, msg("登记送达"), Scope.SERVE, body=Service, answer=ActWhole,
    repeatable=True, refusals=(404, 409),
)  # fmt: skip
def serve_act(call: Call, act_id: str) -> Answer:
    """Record the service of an act."""
    asked: Service = call.body
    record = ServiceRecord(
        method=asked.method,
        served_at=asked.served_at,
        receiver=asked.receiver,
        relation=asked.relation,
        place=asked.place,
        servers=tuple(asked.servers),
        note=asked.note,
    )
    return answered(serving.record_service(ports(), who(), act_id, record))


@operation(
    "POST", "/acts/{act_id}/void", PART, msg("作废没有送达的文书，文号保留"), Scope.ISSUE, body=Void,
    answer=ActWhole, repeatable=True, refusals=(404, 409),
)  # fmt: skip
def void_act(call: Call, act_id: str) -> Answer:
    """Void a numbered act."""
    said: Void = call.body
    voiding = Voiding(said.reason, said.approver, said.stage, said.collected, said.replaced_by)
    return answered(issuing.void_act(ports(), who(), act_id, voiding=voiding))


@operation(
    "POST", "/acts/{act_id}/prints", PART, msg("登记打印了几份"), Scope.ISSUE, body=Prints, answer=ActWhole,
    repeatable=True, refusals=(404, 409),
)  # fmt: skip
def record_prints(call: Call, act_id: str) -> Answer:
    """Note that copies were printed."""
    return answered(issuing.record_print(ports(), who(), act_id, copies=call.body.copies))
