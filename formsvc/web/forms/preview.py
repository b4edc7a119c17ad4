"""The document as it would print, before it has a number: page pictures made from the PDF itself."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, url_for
from flask_babel import gettext as _

from formsvc.domain.acts.act import Act
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log as sight
from formsvc.web import page_images
from formsvc.web.context import ports, who

blueprint = Blueprint("preview", __name__)

PAGE_WIDTH = page_images.SCREEN_WIDTH


def _act(act_id: str) -> Act:
    """The act, if this person may see it; asked at every request, whatever is remembered."""
    with ports().store.read() as tx:
        act = access.visible_act(tx, who(), act_id)
    if act.is_numbered:
        abort(404)
    sight.log_view(ports(), who(), act, msg("样张"), part=True)
    return act


@blueprint.get("/drafts/<act_id>/preview")
def pages(act_id: str) -> str:
    """All pages as pictures."""
    act = _act(act_id)
    count = len(page_images.image_sizes(act, PAGE_WIDTH).sizes)
    back = url_for("drafting.edit", act_id=act.id)
    return render_template("form_preview.html", act=act, count=count, back=back, back_text=_("返回填写"))


@blueprint.get("/drafts/<act_id>/preview/<int:n>.png")
def page(act_id: str, n: int) -> Response:
    """One page as a picture."""
    return _binary(page_images.page_image(_act(act_id), n, PAGE_WIDTH)[0], "image/png")


@blueprint.get("/drafts/<act_id>/preview.pdf")
def pdf(act_id: str) -> Response:
    """The PDF, for the browser's own viewer."""
    return _binary(page_images.preview_pdf(_act(act_id)), "application/pdf")


def _binary(content: bytes, mime: str) -> Response:
    answer = make_response(content)
    answer.mimetype = mime
    return answer
