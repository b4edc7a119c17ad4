"""The document as it would print, before it has a number: page pictures made from the PDF itself."""

from __future__ import annotations

import threading
from collections import OrderedDict

from flask import Blueprint, Response, abort, make_response, render_template, url_for
from flask_babel import gettext as _

from formsvc.domain.acts import Act
from formsvc.sentences import say
from formsvc.usecases import drafting, sight
from formsvc.web.surroundings import ports, who

blueprint = Blueprint("preview", __name__)

REMEMBERED = 24
PAGE_WIDTH = 1000


class _Remembered:
    """The last few PDFs by act and version with their page pictures, so that a page is not made for each picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int, str], tuple[bytes, list[bytes]]] = OrderedDict()

    def of(self, act: Act) -> tuple[bytes, list[bytes]]:
        """The PDF of a draft and its pages; made when not at hand."""
        key = (act.id, act.version, ports().clock.today().isoformat())
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        pdf = drafting.preview(ports(), who(), act.id)
        made = pdf, ports().renderer.page_images(pdf, width=PAGE_WIDTH)
        with self._lock:
            self._found[key] = made
            while len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return made


_remembered = _Remembered()


def _act(act_id: str) -> Act:
    """The act, if this person may see it; asked at every request, whatever is remembered."""
    with ports().store.read() as tx:
        act = drafting.visible_act(tx, who(), act_id)
    if act.is_numbered:
        abort(404)
    sight.seen(ports(), who(), act, say("样张"), part=True)
    return act


@blueprint.get("/drafts/<act_id>/preview")
def pages(act_id: str) -> str:
    """All pages as pictures."""
    act = _act(act_id)
    _pdf, pictures = _remembered.of(act)
    back = url_for("drafting.edit", act_id=act.id)
    return render_template(
        "form_preview.html", act=act, count=len(pictures), back=back, back_text=_("返回填写")
    )


@blueprint.get("/drafts/<act_id>/preview/<int:n>.png")
def page(act_id: str, n: int) -> Response:
    """One page as a picture."""
    _pdf, pictures = _remembered.of(_act(act_id))
    if not 1 <= n <= len(pictures):
        abort(404)
    return _binary(pictures[n - 1], "image/png")


@blueprint.get("/drafts/<act_id>/preview.pdf")
def pdf(act_id: str) -> Response:
    """The PDF, for the browser's own viewer."""
    content, _pictures = _remembered.of(_act(act_id))
    return _binary(content, "application/pdf")


def _binary(content: bytes, mime: str) -> Response:
    answer = make_response(content)
    answer.mimetype = mime
    return answer
