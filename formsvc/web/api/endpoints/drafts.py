"""Create, change, submit, withdraw and discard drafts."""

from __future__ import annotations

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.drafting import complete_submission, drafts
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.preconditions import conflict_as_precondition, require_version
from formsvc.web.api.request_schemas import FollowUpRequest, NewAct, NewData
from formsvc.web.api.response_schemas import ActDetail
from formsvc.web.api.serializers import act_response, draft_response
from formsvc.web.context import ports, who

TAG = msg("起草")


@operation(
    "POST", "/acts", TAG, msg("新建文书：保存为草稿，或者直接提交"), Scope.DRAFT, body=NewAct, response=ActDetail,
    status=201, idempotent=True, resumable=True, error_statuses=(404, 409),
)  # fmt: skip
def create_act(call: Call) -> ApiResponse:
    body: NewAct = call.body
    answers = body.data
    if body.prefill:
        answers = complete_submission.with_prefilled(ports(), who(), body.form, answers)
    draft = complete_submission.create_act(
        ports(),
        who(),
        body.form,
        answers,
        submit=body.submit,
        source_act=body.source or "",
        act_id=call.new_id,
    )
    return draft_response(draft, created=True)


@operation(
    "PUT", "/acts/{act_id}", TAG, msg("改写草稿的全部内容；If-Match 写草稿的 ETag"), Scope.DRAFT, body=NewData,
    response=ActDetail, requires_if_match=True, error_statuses=(404, 409, 412, 428),
)  # fmt: skip
def replace_draft(call: Call, act_id: str) -> ApiResponse:
    require_version(act_id, call.version)
    with conflict_as_precondition():
        version = call.version or 0
        return draft_response(
            complete_submission.replace_answers(ports(), who(), act_id, call.body.data, version=version)
        )


@operation(
    "DELETE", "/acts/{act_id}", TAG, msg("删除没有提交的草稿"), Scope.DRAFT, status=204, accepts_if_match=True,
    error_statuses=(404, 409, 412),
)  # fmt: skip
def discard_draft(call: Call, act_id: str) -> ApiResponse:
    require_version(act_id, call.version)
    drafts.discard_draft(ports(), who(), act_id)
    return ApiResponse()


@operation(
    "POST", "/acts/{act_id}/submit", TAG, msg("提交审核"), Scope.DRAFT, response=ActDetail, accepts_if_match=True,
    idempotent=True, error_statuses=(404, 409, 412),
)  # fmt: skip
def submit_act(call: Call, act_id: str) -> ApiResponse:
    require_version(act_id, call.version)
    return act_response(drafts.submit(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/withdraw", TAG, msg("编号之前撤回修改，限起草人"), Scope.DRAFT, response=ActDetail,
    idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def withdraw_act(call: Call, act_id: str) -> ApiResponse:
    return act_response(drafts.withdraw(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/copy", TAG, msg("复制为新的草稿"), Scope.DRAFT, response=ActDetail, status=201,
    idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def copy_act(call: Call, act_id: str) -> ApiResponse:
    return act_response(drafts.copy_act(ports(), who(), act_id), created=True)


@operation(
    "POST", "/acts/{act_id}/follow", TAG, msg("据此制作另一种文书，带出内容"), Scope.DRAFT, body=FollowUpRequest,
    response=ActDetail, status=201, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def follow_act(call: Call, act_id: str) -> ApiResponse:
    access.get_act(ports(), who(), act_id)
    return act_response(drafts.open_form(ports(), who(), call.body.form, source_act=act_id), created=True)
