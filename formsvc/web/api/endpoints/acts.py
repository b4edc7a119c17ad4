"""Read acts: lists, single acts, history and documents."""

from __future__ import annotations

from urllib.parse import quote

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Event
from formsvc.domain.parsing import parse_whole_number
from formsvc.i18n.messages import msg
from formsvc.usecases import access, event_log
from formsvc.usecases.acts import issued_files, redacted_copy, search
from formsvc.usecases.acts.access_log import log_view
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web import page_images
from formsvc.web.api.operations import PDF_TYPE, WORD_TYPE, ApiResponse, Call, operation
from formsvc.web.api.preconditions import require_words_in_body
from formsvc.web.api.request_schemas import ActQuery, ActSearch
from formsvc.web.api.response_schemas import ActDetail, ActList, EventItem, EventList, PrintItem, PrintList
from formsvc.web.api.serializers import (
    act_response,
    act_summary,
    draft_or_act,
    draft_response,
    require_personal,
)
from formsvc.web.context import ports, who

TAG = msg("查看文书")
FILES_TAG = msg("文书文件")


@operation(
    "GET", "/acts", TAG, msg("文书列表，每页 50 件，新的在前"), Scope.READ, query=ActQuery, response=ActList
)
def list_acts(call: Call) -> ApiResponse:
    query: ActQuery = call.query
    require_words_in_body("q", query.q)
    return _act_list(query)


@operation(
    "POST", "/acts/search", TAG, msg("文书列表，条件在请求内容里：查找的词（如当事人）不进入地址和日志"),
    Scope.READ, body=ActSearch, response=ActList,
)  # fmt: skip
def search_acts(call: Call) -> ApiResponse:
    return _act_list(call.body)


def _act_list(query: ActQuery | ActSearch) -> ApiResponse:
    filters = search.ActFilters(
        form=query.form,
        state=query.state,
        text=query.q,
        dated_from=str(query.since),
        dated_to=str(query.until),
        page=query.page_number,
    )
    page = search.list_acts(ports(), who(), filters)
    items = [act_summary(act) for act in page.acts]
    return ApiResponse(ActList(items=items, total=page.total, page=page.page, pages=page.pages))


@operation(
    "GET", "/acts/{act_id}", TAG, msg("一件文书和它的内容"), Scope.READ,
    response=ActDetail, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_act(call: Call, act_id: str) -> ApiResponse:
    act = draft_or_act(act_id)
    return draft_response(act) if isinstance(act, Draft) else act_response(act, reading=True)


@operation(
    "GET",
    "/acts/{act_id}/history",
    TAG,
    msg("经过：谁、何时、做了什么"),
    Scope.READ,
    response=EventList,
    error_statuses=(404,),
)
def get_history(call: Call, act_id: str) -> ApiResponse:
    access.get_act(ports(), who(), act_id)
    return ApiResponse(
        EventList(items=[_event_item(event) for event in event_log.events_of_act(ports(), act_id)])
    )


def _event_item(event: Event) -> EventItem:
    return EventItem(
        id=event.id,
        kind=event.kind,
        name=str(event.name),
        at=event.at,
        by=event.by,
        by_name=event.by_name,
        via=event.via,
        note=str(event.note),
    )


@operation(
    "GET",
    "/acts/{act_id}/prints",
    TAG,
    msg("打印记录"),
    Scope.READ,
    response=PrintList,
    error_statuses=(404,),
)
def list_prints(call: Call, act_id: str) -> ApiResponse:
    act = access.get_act(ports(), who(), act_id)
    printed = [event for event in event_log.events_of_act(ports(), act_id) if event.kind == "Printed"]
    items = [
        PrintItem(at=e.at, by=e.by, by_name=e.by_name, copies=int(e.detail.get("copies", 0))) for e in printed
    ]
    return ApiResponse(PrintList(items=items, copies=act.prints))


def _file_response(content: bytes, name: str, mime: str, sha256: str = "") -> ApiResponse:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    # a file made for this request has no tag: the next one has other bytes
    if sha256:
        headers["ETag"] = f'"{sha256}"'
    return ApiResponse(content, headers, mime=mime)


def _issued_file(act_id: str, kind: str, mime: str, copy: int = 1) -> ApiResponse:
    act = access.get_act(ports(), who(), act_id)
    require_personal(act)
    content, sha256, name = issued_files.issued_document(ports(), who(), act_id, kind, copy)
    log_view(ports(), who(), act, name)
    return _file_response(content, name, mime, sha256)


@operation(
    "GET", "/acts/{act_id}/document.pdf", FILES_TAG, msg("正式文件 PDF，ETag 为 SHA-256"), Scope.READ,
    mime=PDF_TYPE, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_pdf(call: Call, act_id: str) -> ApiResponse:
    return _issued_file(act_id, issued_files.PDF, PDF_TYPE)


@operation(
    "GET", "/acts/{act_id}/document.docx", FILES_TAG, msg("正式文件 Word，ETag 为 SHA-256"), Scope.READ,
    mime=WORD_TYPE, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_word(call: Call, act_id: str) -> ApiResponse:
    return _issued_file(act_id, issued_files.WORD, WORD_TYPE)


@operation(
    "GET", "/acts/{act_id}/copies/{copy}/document.pdf", FILES_TAG, msg("正式文件的一联 PDF，1 是正本"), Scope.READ,
    mime=PDF_TYPE, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_copy_pdf(call: Call, act_id: str, copy: str) -> ApiResponse:
    return _issued_file(act_id, issued_files.PDF, PDF_TYPE, parse_whole_number(copy) or 0)


@operation(
    "GET", "/acts/{act_id}/copies/{copy}/document.docx", FILES_TAG, msg("正式文件的一联 Word，1 是正本"), Scope.READ,
    mime=WORD_TYPE, etag=True, error_statuses=(404,),
)  # fmt: skip
def get_copy_word(call: Call, act_id: str, copy: str) -> ApiResponse:
    return _issued_file(act_id, issued_files.WORD, WORD_TYPE, parse_whole_number(copy) or 0)


@operation(
    "GET", "/acts/{act_id}/document-with-word.pdf", FILES_TAG, msg("正式文件 PDF，内附 Word 原件（PDF/A-3b），供归档"),
    Scope.READ, mime=PDF_TYPE, error_statuses=(404,),
)  # fmt: skip
def get_archive(call: Call, act_id: str) -> ApiResponse:
    act = access.get_act(ports(), who(), act_id)
    require_personal(act)
    content, name = issued_files.pdf_with_word(ports(), who(), act_id)
    log_view(ports(), who(), act, name)
    return _file_response(content, name, PDF_TYPE)


@operation(
    "GET", "/acts/{act_id}/preview.pdf", FILES_TAG, msg("编号之前的样张，文号处为“待编号”"), Scope.READ,
    mime=PDF_TYPE, error_statuses=(404, 409),
)  # fmt: skip
def get_preview(call: Call, act_id: str) -> ApiResponse:
    act = access.get_act(ports(), who(), act_id)
    require_personal(act)
    content = page_images.preview_pdf(act)
    log_view(ports(), who(), act, msg("样张"))
    return _file_response(content, f"预览_{act.title}.pdf", PDF_TYPE)


@operation(
    "GET", "/acts/{act_id}/public.pdf", FILES_TAG, msg("公开版 PDF：隐去证件号码、手机号和自然人住址"), Scope.READ,
    mime=PDF_TYPE, error_statuses=(404, 409),
)  # fmt: skip
def get_public_copy(call: Call, act_id: str) -> ApiResponse:
    content, name = redacted_copy.render_redacted_copy(ports(), who(), act_id)
    return _file_response(content, name, PDF_TYPE)
