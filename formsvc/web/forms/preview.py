"""Preview of a document before it has a number: PDF and page images."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _

from formsvc.domain.acts.act import Act
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log
from formsvc.usecases.numbering import blank_paper
from formsvc.web import page_images
from formsvc.web.context import ports, who

blueprint = Blueprint("preview", __name__)

PAGE_WIDTH = page_images.SCREEN_WIDTH


def _unnumbered_act(act_id: str) -> Act:
    """Return the act and log the view; 404 once it has a number."""
    with ports().store.read() as tx:
        act = access.visible_act(tx, who(), act_id)
    if act.is_numbered:
        abort(404)
    access_log.log_view(ports(), who(), act, msg("样张"), part=True)
    return act


@blueprint.get("/drafts/<act_id>/preview")
def pages(act_id: str) -> str:
    act = _unnumbered_act(act_id)
    count = len(page_images.image_sizes(act, PAGE_WIDTH).sizes)
    # the address of a picture changes with its content: a page that stayed the same is not fetched again
    pictures = [page_images.page_image(act, n, PAGE_WIDTH)[0] for n in range(1, count + 1)]
    digests = [hashlib.sha256(picture).hexdigest()[:16] for picture in pictures]
    back = url_for("drafting.edit", act_id=act.id)
    numbers = blank_paper.numbers_for_paper(ports(), act)
    return render_template(
        "form_preview.html", act=act, digests=digests, back=back, back_text=_("返回填写"), numbers=numbers
    )


@blueprint.get("/drafts/<act_id>/preview/<int:n>.png")
def page(act_id: str, n: int) -> Response:
    return _file_response(page_images.page_image(_unnumbered_act(act_id), n, PAGE_WIDTH)[0], "image/png")


@blueprint.get("/drafts/<act_id>/preview.pdf")
def pdf(act_id: str) -> Response:
    return _file_response(page_images.preview_pdf(_unnumbered_act(act_id)), "application/pdf")


@blueprint.get("/drafts/<act_id>/blank.pdf")
def blank(act_id: str) -> Response:
    """Return the paper to be completed by hand, with a reserved number."""
    content = blank_paper.blank_paper(ports(), who(), act_id, request.args.get("number", ""))
    return _file_response(content, "application/pdf")


def _file_response(content: bytes, mime: str) -> Response:
    response = make_response(content)
    response.mimetype = mime
    return response
