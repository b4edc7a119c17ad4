"""What came of backups: the last one made, the last one proven by a restore, what to do."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from formsvc.usecases.administration import alerts as upkeep
from formsvc.usecases.maintenance import backups
from formsvc.web.context import ports, who

blueprint = Blueprint("backups", __name__, url_prefix="/backups")


@blueprint.get("")
def index() -> str:
    """Whether the office could be brought back, and as of when."""
    standing = backups.standing(ports())
    return render_template("admin/backups.html", standing=standing, concerns=upkeep.of_backups(standing))


@blueprint.post("/now")
def now() -> Response:
    """Let a backup be made at once; the page says what comes of it."""
    backups.ask_for_one(ports(), who())
    return redirect(url_for("admin.backups.index"), 303)
