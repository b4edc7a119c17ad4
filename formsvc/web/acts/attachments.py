"""Photos and papers attached to an act, for whoever may see the act."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response

from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log as sight
from formsvc.web.context import ports, who
from formsvc.web.forms.uploads import PICTURES, records_in

blueprint = Blueprint("attachments", __name__)

SHOWN_INLINE = {*PICTURES.values(), "application/pdf"}


@blueprint.get("/acts/<act_id>/files/<sha256>")
def file(act_id: str, sha256: str) -> Response:
    """One attached file; the hash counts only where this act has it."""
    with ports().store.read() as tx:
        act = access.visible_act(tx, who(), act_id)
    record = next((r for r in records_in(act.answers) if r["sha256"] == sha256), None)
    if record is None or record.get("mime") not in SHOWN_INLINE:
        abort(404)
    sight.log_view(ports(), who(), act, msg("附件 {name}", name=record["name"]))
    answer = make_response(ports().files.read(sha256))
    answer.mimetype = record["mime"]
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(record['name'])}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer
