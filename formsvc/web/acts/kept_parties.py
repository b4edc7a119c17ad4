"""Parties of documents, kept in registers with one press."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.errors import Conflict, InputRefused
from formsvc.usecases.picks import parties
from formsvc.web.context import ports, who
from formsvc.web.i18n import translate_for_request

blueprint = Blueprint("kept_parties", __name__, url_prefix="/acts/<act_id>/parties")


@blueprint.post("/<key>")
def keep(act_id: str, key: str) -> ResponseReturnValue:
    """Add the party to its register, or bring its row up to date."""
    try:
        row = parties.keep_party(ports(), who(), act_id, key)
    except InputRefused as refused:
        for problem in refused.problems:
            flash(translate_for_request(problem.sentence()))
    except Conflict as conflict:
        flash(translate_for_request(conflict.message))
    else:
        flash(_("已存入名录，编号 %(key)s。", key=row.key))
    return redirect(url_for("acts.show", act_id=act_id), 303)
