"""历史链: the head of the chain, as a page that is printed as the daily anchor, and the sweeping of orphans."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.usecases.maintenance import integrity as verifying
from formsvc.web.context import ports, who

blueprint = Blueprint("anchor", __name__, url_prefix="/anchor")


@blueprint.get("")
def index() -> str:
    """How far the chain has come, and with which hash."""
    return render_template("admin/anchor.html", anchor=verifying.daily_anchor(ports(), who()))


@blueprint.post("/tidy")
def tidy() -> AnyResponse:
    """Take away kept files that nothing uses."""
    swept = verifying.tidy(ports(), who())
    flash(_("已清理 %(n)s 个文件。", n=swept) if swept else _("没有需要清理的文件。"))
    return redirect(url_for("admin.anchor.index"), 303)
