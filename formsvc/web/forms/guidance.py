"""Help page of a form: the texts that its fields link to."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from formsvc.i18n.messages import DefinitionText
from formsvc.usecases import access
from formsvc.web.context import ports, who

blueprint = Blueprint("guidance", __name__)


@blueprint.get("/drafts/<act_id>/help")
def page(act_id: str) -> str:
    """Return the help page of the revision that the act is filled in with."""
    with ports().store.read() as tx:
        act = access.visible_act(tx, who(), act_id)
    header = ports().definitions.revision(act.revision).definition.header
    if not header.help:
        abort(404)
    topics = [
        (t.id, DefinitionText(header.id, t.title), DefinitionText(header.id, t.text)) for t in header.help
    ]
    return render_template("form_help.html", act=act, topics=topics)
