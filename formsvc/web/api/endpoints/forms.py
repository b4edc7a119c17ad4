"""Forms: list, definition with schema, and trial evaluation of answers."""

from __future__ import annotations

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import msg
from formsvc.usecases.administration.review_settings import steps_of
from formsvc.usecases.drafting import complete_submission
from formsvc.usecases.revisions import Revision, definition_json
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.request_schemas import TrialRequest
from formsvc.web.api.response_schemas import FormDetail, FormList, FormSummary, TrialResult
from formsvc.web.api.serializers import notice_items, submission_errors
from formsvc.web.context import ports, who

TAG = msg("文书目录")


def _summary_fields(revision: Revision) -> dict[str, object]:
    definition = revision.definition
    return {
        "id": definition.id,
        "title": str(definition.title),
        "family": definition.family,
        "summary": definition.summary,
        "revision": revision.id,
        "legal_review": steps_of(ports(), definition).legal_review,
        "numbered": definition.numbering.is_numbered,
    }


@operation("GET", "/forms", TAG, msg("现在可以制作的文书"), Scope.READ, response=FormList)
def list_forms(call: Call) -> ApiResponse:
    return ApiResponse(
        FormList(
            items=[
                FormSummary.model_validate(_summary_fields(r)) for r in ports().definitions.current().values()
            ]
        )
    )


@operation(
    "GET", "/forms/{form}", TAG, msg("一种文书：定义、填报内容的 JSON Schema、示例"), Scope.READ,
    response=FormDetail, error_statuses=(404,),
)  # fmt: skip
def get_form(call: Call, form: str) -> ApiResponse:
    revision = ports().definitions.current_revision(form)
    definition = revision.definition
    detail = {"schema_": definition.json_schema(), "definition": definition_json(revision)}
    return ApiResponse(
        FormDetail.model_validate(
            {**_summary_fields(revision), **detail, "example": dict(definition.example)}
        )
    )


@operation(
    "POST", "/forms/{form}/check", TAG, msg("试填：检查内容、算出字段，什么也不保存"), Scope.DRAFT,
    body=TrialRequest, response=TrialResult, error_statuses=(404,),
)  # fmt: skip
def check_form(call: Call, form: str) -> ApiResponse:
    evaluation = complete_submission.check_answers(
        ports(), who(), form, call.body.data, call.body.source or ""
    )
    return ApiResponse(
        TrialResult(
            sound=evaluation.is_sound,
            data=dict(evaluation.values),
            visible=sorted(evaluation.visible),
            required=sorted(evaluation.required),
            errors=submission_errors(evaluation),
            notices=notice_items(evaluation),
        )
    )
