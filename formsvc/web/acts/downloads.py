"""The documents of an act as bytes: the kept PDF and Word file, the preview, pictures of pages."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from flask import Blueprint, Response, request, send_file

from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log as sight
from formsvc.usecases.acts import redacted_copy as public_copies
from formsvc.usecases.numbering import issue as issuing
from formsvc.web import page_images
from formsvc.web.context import ports, who

blueprint = Blueprint("documents", __name__)

PDF_TYPE = "application/pdf"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ASK_AGAIN = "private, no-cache"
"""The browser may keep the bytes, and asks each time whether they may still be seen."""


@blueprint.get("/<act_id>/document.pdf")
def pdf(act_id: str) -> Response:
    """The issued PDF, in the browser's own viewer."""
    content, digest, name = issuing.issued_document(ports(), who(), act_id, issuing.PDF)
    _seen(act_id, name)
    return _sent(content, digest, PDF_TYPE, name)


@blueprint.get("/<act_id>/document.docx")
def word(act_id: str) -> Response:
    """The issued Word file, to keep."""
    content, digest, name = issuing.issued_document(ports(), who(), act_id, issuing.WORD)
    _seen(act_id, name)
    return _sent(content, digest, WORD_TYPE, name, download=True)


@blueprint.get("/<act_id>/public.pdf")
def public(act_id: str) -> Response:
    """公开版: without identity numbers, mobile numbers and people's addresses."""
    content, name = public_copies.render_redacted_copy(ports(), who(), act_id)
    return _sent(content, sha256(content).hexdigest(), PDF_TYPE, name)


@blueprint.get("/<act_id>/document-with-word.pdf")
def archive(act_id: str) -> Response:
    """The issued PDF with the issued Word file inside (PDF/A-3b), for the archive."""
    content, name = issuing.pdf_with_word(ports(), who(), act_id)
    _seen(act_id, name)
    return _sent(content, sha256(content).hexdigest(), PDF_TYPE, name, download=True)


def _seen(act_id: str, what: str) -> None:
    """Remember that the document was opened."""
    sight.log_view(ports(), who(), access.get_act(ports(), who(), act_id), what)


@blueprint.get("/<act_id>/preview.pdf")
def preview(act_id: str) -> Response:
    """The PDF as it would be, with 待编号 for its number."""
    act = access.get_act(ports(), who(), act_id)
    content = page_images.preview_pdf(act)
    sight.log_view(ports(), who(), act, msg("样张"))
    return _sent(content, sha256(content).hexdigest(), PDF_TYPE, f"预览_{act.title}.pdf")


@blueprint.get("/<act_id>/pages/<int:page>.png")
def page_picture(act_id: str, page: int) -> Response:
    """One page as a picture; ``w`` is the width wanted."""
    width = page_images.nearest_width(request.args.get("w", type=int))
    act = access.get_act(ports(), who(), act_id)
    drawn, sha256_of_pdf = page_images.page_image(act, page, width)
    sight.log_view(ports(), who(), act, msg("第 {n} 页", n=page), part=True)
    return _sent(drawn, f"{sha256_of_pdf}-{page}-{width}", "image/png", f"{page}.png")


def _sent(content: bytes, etag: str, mimetype: str, name: str, *, download: bool = False) -> Response:
    response = send_file(
        BytesIO(content),
        mimetype=mimetype,
        as_attachment=download,
        download_name=name,
        etag=etag,
        conditional=True,
    )
    response.headers["Cache-Control"] = ASK_AGAIN
    return response
