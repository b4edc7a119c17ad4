"""Downloads of an act: issued PDF and Word file, preview, page images."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from flask import Blueprint, Response, request, send_file

from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log, issued_files, redacted_copy
from formsvc.web import page_images
from formsvc.web.context import ports, who
from formsvc.web.security import NO_STORE

blueprint = Blueprint("documents", __name__)

PDF_TYPE = "application/pdf"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/<act_id>/document.pdf")
def pdf(act_id: str) -> Response:
    content, digest, name = issued_files.issued_document(ports(), who(), act_id, issued_files.PDF)
    _log_view(act_id, name)
    return _file_response(content, digest, PDF_TYPE, name)


@blueprint.get("/<act_id>/document.docx")
def word(act_id: str) -> Response:
    content, digest, name = issued_files.issued_document(ports(), who(), act_id, issued_files.WORD)
    _log_view(act_id, name)
    return _file_response(content, digest, WORD_TYPE, name, download=True)


@blueprint.get("/<act_id>/copies/<int:copy>/document.pdf")
def copy_pdf(act_id: str, copy: int) -> Response:
    content, digest, name = issued_files.issued_document(ports(), who(), act_id, issued_files.PDF, copy)
    _log_view(act_id, name)
    return _file_response(content, digest, PDF_TYPE, name)


@blueprint.get("/<act_id>/copies/<int:copy>/document.docx")
def copy_word(act_id: str, copy: int) -> Response:
    content, digest, name = issued_files.issued_document(ports(), who(), act_id, issued_files.WORD, copy)
    _log_view(act_id, name)
    return _file_response(content, digest, WORD_TYPE, name, download=True)


@blueprint.get("/<act_id>/print.pdf")
def print_file(act_id: str) -> Response:
    """Return all papers to print as one file; ``?copy=`` requests one of them."""
    copy, both_sides = request.args.get("copy", 0, type=int), bool(request.args.get("both_sides"))
    content, name = issued_files.print_file(ports(), who(), act_id, copy=copy, both_sides=both_sides)
    _log_view(act_id, name)
    return _file_response(content, sha256(content).hexdigest(), PDF_TYPE, name)


@blueprint.get("/<act_id>/public.pdf")
def public(act_id: str) -> Response:
    """Return the redacted copy (公开版), without personal data."""
    content, name = redacted_copy.render_redacted_copy(ports(), who(), act_id)
    return _file_response(content, sha256(content).hexdigest(), PDF_TYPE, name)


@blueprint.get("/<act_id>/document-with-word.pdf")
def archive(act_id: str) -> Response:
    """Return the issued PDF with the Word file embedded (PDF/A-3b)."""
    content, name = issued_files.pdf_with_word(ports(), who(), act_id)
    _log_view(act_id, name)
    return _file_response(content, sha256(content).hexdigest(), PDF_TYPE, name, download=True)


def _log_view(act_id: str, what: str) -> None:
    access_log.log_view(ports(), who(), access.get_act(ports(), who(), act_id), what)


@blueprint.get("/<act_id>/preview.pdf")
def preview(act_id: str) -> Response:
    """Return the PDF of an act without number, with 待编号 in its place."""
    act = access.get_act(ports(), who(), act_id)
    content = page_images.preview_pdf(act)
    access_log.log_view(ports(), who(), act, msg("样张"))
    return _file_response(content, sha256(content).hexdigest(), PDF_TYPE, f"预览_{act.title}.pdf")


@blueprint.get("/<act_id>/pages/<int:page>.png")
def page_image(act_id: str, page: int) -> Response:
    """Return a page as PNG; ``?w=`` requests a width in pixels."""
    width = page_images.nearest_width(request.args.get("w", type=int))
    act = access.get_act(ports(), who(), act_id)
    drawn, sha256_of_pdf = page_images.page_image(act, page, width)
    # part=True: the page that shows the images has been logged already
    access_log.log_view(ports(), who(), act, msg("第 {n} 页", n=page), part=True)
    return _file_response(drawn, f"{sha256_of_pdf}-{page}-{width}", "image/png", f"{page}.png")


def _file_response(
    content: bytes, etag: str, mimetype: str, name: str, *, download: bool = False
) -> Response:
    response = send_file(
        BytesIO(content),
        mimetype=mimetype,
        as_attachment=download,
        download_name=name,
        etag=etag,
        conditional=True,
    )
    # not even on the disk of a shared computer: the header of every page does it, send_file sets another
    response.headers["Cache-Control"] = NO_STORE
    return response
