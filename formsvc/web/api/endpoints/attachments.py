"""Attachments of an act: photos and PDF files."""

from __future__ import annotations

from urllib.parse import quote

from flask import request
from werkzeug.http import parse_options_header

from formsvc.domain.accounts.api_token import Scope
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts.access_log import log_view
from formsvc.usecases.drafting import complete_submission
from formsvc.usecases.drafting.answer_files import base_name, check_files, file_record
from formsvc.usecases.drafting.uploads import UploadRefused
from formsvc.web import usage
from formsvc.web.acts.attachments import SHOWN_INLINE
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.preconditions import require_words_in_body
from formsvc.web.api.request_schemas import UploadQuery
from formsvc.web.api.response_schemas import AttachmentDetail
from formsvc.web.api.serializers import act_detail, act_etag, require_personal
from formsvc.web.context import ports, who
from formsvc.web.forms.uploads import iter_file_records

TAG = msg("附件")


@operation(
    "POST", "/acts/{act_id}/attachments", TAG, msg("上传照片或者 PDF（直接作为请求内容，至多 20 MB），放进草稿的一个字段"),
    Scope.DRAFT, query=UploadQuery, response=AttachmentDetail, status=201, accepts_upload=True, accepts_if_match=True,
    error_statuses=(404, 409, 412),
)  # fmt: skip
def attach_file(call: Call, act_id: str) -> ApiResponse:
    query: UploadQuery = call.query
    require_words_in_body("name", query.name)
    # checked before the file is stored: what is refused must leave nothing on the disk
    field = complete_submission.files_field(ports(), who(), act_id, query.field)
    (kept,) = check_files(ports(), field, [call.upload])
    if isinstance(kept, UploadRefused):
        raise InputRefused([Problem("", kept.message, kept.remedy)])
    file = file_record(field, base_name(query.name or _name_in_header()), kept)
    complete_submission.require_attachable(ports(), who(), act_id, query.field, file, version=call.version)
    usage.count_upload(len(call.upload))
    ports().files.keep(kept.content)
    draft = complete_submission.add_attachment(
        ports(), who(), act_id, query.field, file, version=call.version
    )
    detail = AttachmentDetail.model_validate({**file, "act": act_detail(draft.act, draft.evaluation)})
    location = f"{request.script_root}/api/v1/acts/{act_id}/attachments/{file['sha256']}"
    return ApiResponse(detail, {"ETag": act_etag(draft.act), "Location": location})


def _name_in_header() -> str:
    """Return the file name in Content-Disposition, "" for none."""
    _kind, options = parse_options_header(request.headers.get("Content-Disposition"))
    return str(options.get("filename", ""))


@operation(
    "GET", "/acts/{act_id}/attachments/{sha256}", TAG, msg("一个附件的原文件"), Scope.READ,
    mime="*/*", etag=True, error_statuses=(404,),
)  # fmt: skip
def get_attachment(call: Call, act_id: str, sha256: str) -> ApiResponse:
    act = access.get_act(ports(), who(), act_id)
    # a hash alone gives no access: the file may belong to an act this person may not see
    record = next((r for r in iter_file_records(act.answers) if r["sha256"] == sha256), None)
    if record is None or not sha256 or record.get("mime") not in SHOWN_INLINE:
        raise NotFound(msg("这件文书没有这个附件。"), msg("请核对校验值。"))
    require_personal(act)
    log_view(ports(), who(), act, msg("附件 {name}", name=record["name"]))
    disposition = f"attachment; filename*=UTF-8''{quote(record['name'])}"
    headers = {"ETag": f'"{sha256}"', "Content-Disposition": disposition}
    return ApiResponse(ports().files.read(sha256), headers, mime=record["mime"])
