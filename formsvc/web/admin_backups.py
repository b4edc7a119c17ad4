"""What came of backups: the last one made, the last one proven by a restore, what to do."""

from __future__ import annotations

from flask import Blueprint, render_template

from formsvc.usecases import backups
from formsvc.web.surroundings import ports

blueprint = Blueprint("backups", __name__, url_prefix="/backups")


@blueprint.get("")
def index() -> str:
    """Whether the office could be brought back, and as of when."""
    return render_template("admin/backups.html", standing=backups.standing(ports()))
