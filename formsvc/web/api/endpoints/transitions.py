"""Transitions of an act: review, approve, issue, serve, void, print."""

from __future__ import annotations

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.numbering.register import Voiding
from formsvc.i18n.messages import msg
from formsvc.usecases.acts import issued_files, serving
from formsvc.usecases.approval import review
from formsvc.usecases.effects import case_locks
from formsvc.usecases.numbering import issue
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.preconditions import require_version_if_visible
from formsvc.web.api.request_schemas import (
    ApprovalRequest,
    BackfillRequest,
    PrintRequest,
    ReopenRequest,
    ReservedNumberRequest,
    ReviewRequest,
    ServiceCorrectionRequest,
    ServiceRequest,
    VoidRequest,
)
from formsvc.web.api.response_schemas import ActDetail
from formsvc.web.api.serializers import act_response
from formsvc.web.context import ports, who

TAG = msg("办理")


@operation(
    "POST", "/acts/{act_id}/review", TAG, msg("法制审核：通过或者退回"), Scope.DECIDE, body=ReviewRequest,
    response=ActDetail, idempotent=True, accepts_if_match=True, error_statuses=(404, 409, 412),
)  # fmt: skip
def review_act(call: Call, act_id: str) -> ApiResponse:
    require_version_if_visible(act_id, call.version)
    passed = call.body.decision == "pass"
    return act_response(
        review.review(ports(), who(), act_id, passed=passed, comment=call.body.comment, version=call.version)
    )


@operation(
    "POST", "/acts/{act_id}/approve", TAG, msg("签发或者退回"), Scope.DECIDE, body=ApprovalRequest, response=ActDetail,
    idempotent=True, accepts_if_match=True, error_statuses=(404, 409, 412),
)  # fmt: skip
def approve_act(call: Call, act_id: str) -> ApiResponse:
    require_version_if_visible(act_id, call.version)
    approved = call.body.decision == "approve"
    return act_response(
        review.approve(
            ports(), who(), act_id, approved=approved, comment=call.body.comment, version=call.version
        )
    )


@operation(
    "POST", "/acts/{act_id}/issue", TAG, msg("编号并制成正式文件；再次请求得到同一个文号"), Scope.ISSUE,
    response=ActDetail, idempotent=True, resumable=True, error_statuses=(404, 409),
)  # fmt: skip
def issue_act(call: Call, act_id: str) -> ApiResponse:
    return act_response(issue.issue_act(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/backfill", TAG, msg("补录：编号并写明补录的理由"), Scope.ISSUE, body=BackfillRequest,
    response=ActDetail, idempotent=True, resumable=True, error_statuses=(404, 409),
)  # fmt: skip
def backfill_act(call: Call, act_id: str) -> ApiResponse:
    reason = call.body.backfill_reason
    return act_response(issue.issue_act(ports(), who(), act_id, backfill_reason=reason))


@operation(
    "POST", "/acts/{act_id}/take-blank", TAG, msg("用已领用的文号编号：纸质文书在现场已经用了这个号"), Scope.ISSUE,
    body=ReservedNumberRequest, response=ActDetail, idempotent=True, resumable=True, error_statuses=(404, 409),
)  # fmt: skip
def take_blank(call: Call, act_id: str) -> ApiResponse:
    return act_response(issue.issue_act(ports(), who(), act_id, blank=call.body.number))


@operation(
    "POST", "/acts/{act_id}/serve", TAG, msg("登记送达"), Scope.SERVE, body=ServiceRequest, response=ActDetail,
    idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def serve_act(call: Call, act_id: str) -> ApiResponse:
    return act_response(serving.record_service(ports(), who(), act_id, _service_record(call.body)))


def _service_record(body: ServiceRequest) -> ServiceRecord:
    return ServiceRecord(
        method=body.method,
        served_at=body.served_at,
        receiver=body.receiver,
        relation=body.relation,
        place=body.place,
        servers=tuple(body.servers),
        note=body.note,
    )


@operation(
    "POST", "/acts/{act_id}/serve/correct", TAG, msg("更正登记有误的送达，写明理由"), Scope.SERVE,
    body=ServiceCorrectionRequest, response=ActDetail, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def correct_service(call: Call, act_id: str) -> ApiResponse:
    body: ServiceCorrectionRequest = call.body
    record = _service_record(body.service) if body.service else None
    return act_response(serving.correct_service(ports(), who(), act_id, record, reason=body.reason))


@operation(
    "POST", "/acts/{act_id}/reopen-case", TAG, msg("重新办理已结案锁定的案件，由签发人写明理由"), Scope.DECIDE,
    body=ReopenRequest, response=ActDetail, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def reopen_case(call: Call, act_id: str) -> ApiResponse:
    return act_response(case_locks.reopen_case(ports(), who(), act_id, reason=call.body.reason))


@operation(
    "POST", "/acts/{act_id}/void", TAG, msg("作废没有送达的文书，文号保留"), Scope.ISSUE, body=VoidRequest,
    response=ActDetail, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def void_act(call: Call, act_id: str) -> ApiResponse:
    body: VoidRequest = call.body
    voiding = Voiding(body.reason, body.approver, body.stage, body.collected, body.replaced_by)
    return act_response(issue.void_act(ports(), who(), act_id, voiding=voiding))


@operation(
    "POST", "/acts/{act_id}/prints", TAG, msg("登记打印了几份"), Scope.ISSUE, body=PrintRequest, response=ActDetail,
    idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def record_prints(call: Call, act_id: str) -> ApiResponse:
    return act_response(issued_files.record_print(ports(), who(), act_id, copies=call.body.copies))
