"""Reading acts: lists, one act, its history, its documents."""

from __future__ import annotations

from urllib.parse import quote

from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.acts.act import Event
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases import event_log as history
from formsvc.usecases.acts import redacted_copy as public_copies
from formsvc.usecases.acts import search as registers
from formsvc.usecases.acts.access_log import seen
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.numbering import issue as issuing
from formsvc.web import page_images as pictures
from formsvc.web.api.operations import PDF_TYPE, WORD_TYPE, Answer, Call, operation
from formsvc.web.api.schemas import ActList, ActsAsked, ActWhole, EventTold, History, PrintList, PrintTold
from formsvc.web.api.serializers import answered, answered_draft, found, require_personal, told
from formsvc.web.context import ports, who

PART = msg("查看文书")
FILES = msg("文书文件")


@operation(
    "GET", "/acts", PART, msg("文书列表，每页 50 件，新的在前"), Scope.READ, query=ActsAsked, answer=ActList
)
def list_acts(call: Call) -> Answer:
    """A page of acts."""
    asked: ActsAsked = call.query
    filters = registers.Filters(
        form=asked.form,
        state=asked.state,
        text=asked.q,
        dated_from=str(asked.since),
        dated_to=str(asked.until),
        page=asked.number,
    )
    page = registers.list_acts(ports(), who(), filters)
    items = [told(act) for act in page.acts]
    return Answer(ActList(items=items, total=page.total, page=page.page, pages=page.pages))


@operation(
    "GET", "/acts/{act_id}", PART, msg("一件文书和它的内容"), Scope.READ,
    answer=ActWhole, tagged=True, refusals=(404,),
)  # fmt: skip
def get_act(call: Call, act_id: str) -> Answer:
    """One act."""
    act = found(act_id)
    return answered_draft(act) if isinstance(act, Draft) else answered(act, reading=True)


@operation(
    "GET",
    "/acts/{act_id}/history",
    PART,
    msg("经过：谁、何时、做了什么"),
    Scope.READ,
    answer=History,
    refusals=(404,),
)
def get_history(call: Call, act_id: str) -> Answer:
    """What happened to an act, who saw it among that."""
    access.act_seen(ports(), who(), act_id)
    return Answer(History(items=[_event(event) for event in history.of_act(ports(), act_id)]))


def _event(event: Event) -> EventTold:
    return EventTold(
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
    "GET", "/acts/{act_id}/prints", PART, msg("打印记录"), Scope.READ, answer=PrintList, refusals=(404,)
)
def list_prints(call: Call, act_id: str) -> Answer:
    """The print log."""
    act = access.act_seen(ports(), who(), act_id)
    printed = [event for event in history.of_act(ports(), act_id) if event.kind == "Printed"]
    items = [
        PrintTold(at=e.at, by=e.by, by_name=e.by_name, copies=int(e.detail.get("copies", 0))) for e in printed
    ]
    return Answer(PrintList(items=items, copies=act.prints))


def _file(content: bytes, name: str, mime: str, sha256: str) -> Answer:
    headers = {"ETag": f'"{sha256}"', "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Answer(
        content, headers if sha256 else {"Content-Disposition": headers["Content-Disposition"]}, mime=mime
    )


def _kept(act_id: str, kind: str, mime: str) -> Answer:
    act = access.act_seen(ports(), who(), act_id)
    require_personal(act)
    content, sha256, name = issuing.issued_document(ports(), who(), act_id, kind)
    seen(ports(), who(), act, name)
    return _file(content, name, mime, sha256)


@operation(
    "GET", "/acts/{act_id}/document.pdf", FILES, msg("正式文件 PDF，ETag 为 SHA-256"), Scope.READ,
    mime=PDF_TYPE, tagged=True, refusals=(404,),
)  # fmt: skip
def get_pdf(call: Call, act_id: str) -> Answer:
    """The kept PDF."""
    return _kept(act_id, issuing.PDF, PDF_TYPE)


@operation(
    "GET", "/acts/{act_id}/document.docx", FILES, msg("正式文件 Word，ETag 为 SHA-256"), Scope.READ,
    mime=WORD_TYPE, tagged=True, refusals=(404,),
)  # fmt: skip
def get_word(call: Call, act_id: str) -> Answer:
    """The kept Word file."""
    return _kept(act_id, issuing.WORD, WORD_TYPE)


@operation(
    "GET", "/acts/{act_id}/document-with-word.pdf", FILES, msg("正式文件 PDF，内附 Word 原件（PDF/A-3b），供归档"),
    Scope.READ, mime=PDF_TYPE, refusals=(404,),
)  # fmt: skip
def get_archive(call: Call, act_id: str) -> Answer:
    """The kept PDF with the kept Word file inside."""
    act = access.act_seen(ports(), who(), act_id)
    require_personal(act)
    content, name = issuing.document_with_word(ports(), who(), act_id)
    seen(ports(), who(), act, name)
    return _file(content, name, PDF_TYPE, "")


@operation(
    "GET", "/acts/{act_id}/preview.pdf", FILES, msg("编号之前的样张，文号处为“待编号”"), Scope.READ,
    mime=PDF_TYPE, refusals=(404, 409),
)  # fmt: skip
def get_preview(call: Call, act_id: str) -> Answer:
    """The PDF as it would be."""
    act = access.act_seen(ports(), who(), act_id)
    require_personal(act)
    content = pictures.preview_pdf(act)
    seen(ports(), who(), act, msg("样张"))
    return _file(content, f"预览_{act.title}.pdf", PDF_TYPE, "")


@operation(
    "GET", "/acts/{act_id}/public.pdf", FILES, msg("公开版 PDF：隐去证件号码、手机号和自然人住址"), Scope.READ,
    mime=PDF_TYPE, refusals=(404, 409),
)  # fmt: skip
def get_public_copy(call: Call, act_id: str) -> Answer:
    """The copy to be published."""
    content, name = public_copies.public_copy(ports(), who(), act_id)
    return _file(content, name, PDF_TYPE, "")
