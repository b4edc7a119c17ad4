"""The kinds of acts, what each asks for, and a trial of answers."""

from __future__ import annotations

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import msg
from formsvc.usecases.definitions import Revision, definition_json
from formsvc.usecases.drafting import complete_submission as filing
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import FormList, FormTold, FormWhole, Trial, TrialTold
from formsvc.web.api.serializers import notices_of, standing_errors
from formsvc.web.context import ports, who

PART = msg("文书目录")


def _head(revision: Revision) -> dict[str, object]:
    definition = revision.definition
    return {
        "id": definition.id,
        "title": str(definition.title),
        "family": definition.family,
        "summary": definition.summary,
        "revision": revision.id,
        "legal_review": definition.legal_review,
        "numbered": definition.numbering.style != "none",
    }


@operation("GET", "/forms", PART, msg("现在可以制作的文书"), Scope.READ, answer=FormList)
def list_forms(call: Call) -> Answer:
    """The forms on offer."""
    return Answer(
        FormList(items=[FormTold.model_validate(_head(r)) for r in ports().definitions.current().values()])
    )


@operation(
    "GET", "/forms/{form}", PART, msg("一种文书：定义、填报内容的 JSON Schema、示例"), Scope.READ,
    answer=FormWhole, refusals=(404,),
)  # fmt: skip
def get_form(call: Call, form: str) -> Answer:
    """One form with the schema of its data."""
    revision = ports().definitions.form(form)
    definition = revision.definition
    whole = {"schema_": definition.json_schema(), "definition": definition_json(revision)}
    return Answer(FormWhole.model_validate({**_head(revision), **whole, "example": dict(definition.example)}))


@operation(
    "POST", "/forms/{form}/check", PART, msg("试填：检查内容、算出字段，什么也不保存"), Scope.DRAFT,
    body=Trial, answer=TrialTold, refusals=(404,),
)  # fmt: skip
def check_form(call: Call, form: str) -> Answer:
    """What stands against answers, and what follows from them."""
    found = filing.check_answers(ports(), who(), form, call.body.data, call.body.source or "")
    return Answer(
        TrialTold(
            sound=found.is_sound,
            data=dict(found.values),
            visible=sorted(found.visible),
            required=sorted(found.required),
            errors=standing_errors(found),
            notices=notices_of(found),
        )
    )
