"""Photos and papers attached to an act."""

from __future__ import annotations

from urllib.parse import quote

from formsvc.domain.accounts.api_token import Scope
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts.access_log import seen
from formsvc.usecases.drafting import complete_submission as filing
from formsvc.usecases.drafting import drafts as drafting
from formsvc.web.acts.attachments import SHOWN_INLINE
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import FileTold, UploadAsked
from formsvc.web.api.serializers import etag, require_personal, whole
from formsvc.web.context import ports, who
from formsvc.web.forms.uploads import NotAccepted, mime_of, plain_name, records_in

PART = msg("附件")


@operation(
    "POST", "/acts/{act_id}/attachments", PART, msg("上传照片或者 PDF（直接作为请求内容，至多 20 MB），放进草稿的一个字段"),
    Scope.DRAFT, query=UploadAsked, answer=FileTold, status=201, uploads=True, may_match=True,
    refusals=(404, 409, 412),
)  # fmt: skip
def attach_file(call: Call, act_id: str) -> Answer:
    """Keep a file and put it into a draft."""
    asked: UploadAsked = call.query
    with ports().store.read() as tx:
        drafting.own_draft(tx, who(), act_id)
    try:
        mime = mime_of(call.upload)
    except NotAccepted as refusal:
        raise InputRefused([Problem("", str(refusal))]) from refusal
    file = {
        "name": plain_name(asked.name),
        "sha256": ports().files.keep(call.upload),
        "size": len(call.upload),
        "mime": mime,
    }
    draft = filing.attach(ports(), who(), act_id, asked.field, file, version=call.version)
    told = FileTold.model_validate({**file, "act": whole(draft.act, draft.evaluation)})
    return Answer(
        told, {"ETag": etag(draft.act), "Location": f"/api/v1/acts/{act_id}/attachments/{file['sha256']}"}
    )


@operation(
    "GET", "/acts/{act_id}/attachments/{sha256}", PART, msg("一个附件的原文件"), Scope.READ,
    mime="*/*", tagged=True, refusals=(404,),
)  # fmt: skip
def get_attachment(call: Call, act_id: str, sha256: str) -> Answer:
    """One attached file; the hash counts only where this act has it."""
    act = access.act_seen(ports(), who(), act_id)
    record = next((r for r in records_in(act.answers) if r["sha256"] == sha256), None)
    if record is None or not sha256 or record.get("mime") not in SHOWN_INLINE:
        raise NotFound(msg("这件文书没有这个附件。"), msg("请核对校验值。"))
    require_personal(act)
    seen(ports(), who(), act, msg("附件 {name}", name=record["name"]))
    name = f"attachment; filename*=UTF-8''{quote(record['name'])}"
    headers = {"ETag": f'"{sha256}"', "Content-Disposition": name}
    return Answer(ports().files.read(sha256), headers, mime=record["mime"])
