"""Drafts: made, changed with a version that must match, submitted, taken back, thrown away."""

from __future__ import annotations

from formsvc.domain.accounts.api_token import Scope
from formsvc.errors import Conflict
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.drafting import complete_submission as filing
from formsvc.usecases.drafting import drafts as drafting
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import ActWhole, Follow, NewAct, NewData
from formsvc.web.api.serializers import answered, answered_draft
from formsvc.web.context import ports, who
from formsvc.web.problem_details import RequestRefused

PART = msg("起草")


@operation(
    "POST", "/acts", PART, msg("新建文书：保存为草稿，或者直接提交"), Scope.DRAFT, body=NewAct, answer=ActWhole,
    status=201, repeatable=True, resumable=True, refusals=(404, 409),
)  # fmt: skip
def create_act(call: Call) -> Answer:
    """A new act."""
    asked: NewAct = call.body
    draft = filing.file_act(
        ports(),
        who(),
        asked.form,
        asked.data,
        submit=asked.submit,
        source_act=asked.source or "",
        act_id=call.new_id,
    )
    return answered_draft(draft, created=True)


@operation(
    "PUT", "/acts/{act_id}", PART, msg("改写草稿的全部内容；If-Match 写草稿的 ETag"), Scope.DRAFT, body=NewData,
    answer=ActWhole, matches=True, refusals=(404, 409, 412, 428),
)  # fmt: skip
def replace_draft(call: Call, act_id: str) -> Answer:
    """Other answers for a draft."""
    _require_version(act_id, call.version)
    with _as_precondition():
        version = call.version or 0
        return answered_draft(filing.rewrite(ports(), who(), act_id, call.body.data, version=version))


class _as_precondition:
    """A change by somebody else between looking and writing is the same refusal as before it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Conflict):
            raise changed_meanwhile() from error


def changed_meanwhile() -> RequestRefused:
    """The refusal of a version that is not the present one."""
    return RequestRefused(412, msg("这份草稿在您读取之后有变动，没有保存。"), msg("请重新读取，合并后再写。"))


def _require_version(act_id: str, version: int | None) -> None:
    """Refuse unless the act is the version named; seen or not is told first."""
    act = access.act_seen(ports(), who(), act_id)
    if version is not None and version != act.version:
        raise changed_meanwhile()


@operation(
    "DELETE", "/acts/{act_id}", PART, msg("删除没有提交的草稿"), Scope.DRAFT, status=204, may_match=True,
    refusals=(404, 409, 412),
)  # fmt: skip
def discard_draft(call: Call, act_id: str) -> Answer:
    """Throw a draft away."""
    _require_version(act_id, call.version)
    drafting.discard_draft(ports(), who(), act_id)
    return Answer()


@operation(
    "POST", "/acts/{act_id}/submit", PART, msg("提交审核"), Scope.DRAFT, answer=ActWhole, may_match=True,
    repeatable=True, refusals=(404, 409, 412),
)  # fmt: skip
def submit_act(call: Call, act_id: str) -> Answer:
    """Hand a draft in."""
    _require_version(act_id, call.version)
    return answered(drafting.submit(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/withdraw", PART, msg("编号之前撤回修改，限起草人"), Scope.DRAFT, answer=ActWhole,
    repeatable=True, refusals=(404, 409),
)  # fmt: skip
def withdraw_act(call: Call, act_id: str) -> Answer:
    """Take an act back."""
    return answered(drafting.withdraw(ports(), who(), act_id))


@operation(
    "POST", "/acts/{act_id}/copy", PART, msg("复制为新的草稿"), Scope.DRAFT, answer=ActWhole, status=201,
    repeatable=True, refusals=(404, 409),
)  # fmt: skip
def copy_act(call: Call, act_id: str) -> Answer:
    """A new draft with the same answers."""
    return answered(drafting.copy_act(ports(), who(), act_id), created=True)


@operation(
    "POST", "/acts/{act_id}/follow", PART, msg("据此制作另一种文书，带出内容"), Scope.DRAFT, body=Follow,
    answer=ActWhole, status=201, repeatable=True, refusals=(404, 409),
)  # fmt: skip
def follow_act(call: Call, act_id: str) -> Answer:
    """A new draft made from this act."""
    access.act_seen(ports(), who(), act_id)
    return answered(drafting.open_form(ports(), who(), call.body.form, source_act=act_id), created=True)
