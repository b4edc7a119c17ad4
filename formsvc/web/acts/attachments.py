"""Download of files attached to an act, for people who may see the act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused
from formsvc.i18n.messages import msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log, scans
from formsvc.usecases.drafting.answer_files import base_name
from formsvc.web import usage
from formsvc.web.context import ports, who
from formsvc.web.forms.uploads import IMAGE_TYPES, iter_file_records
from formsvc.web.i18n import translate_for_request
from formsvc.web.security import max_upload_bytes

blueprint = Blueprint("attachments", __name__)

SHOWN_INLINE = {*IMAGE_TYPES, "application/pdf"}


@dataclass(frozen=True)
class AttachedFile:
    """A stored file of an act and the field it stands in."""

    label: str
    name: str
    sha256: str
    is_image: bool


def attached_files(definition: FormDefinition, answers: Mapping[str, JSON]) -> list[AttachedFile]:
    """Return the stored files of an act in the order of its page."""
    return [
        AttachedFile(
            label,
            str(record.get("caption") or record["name"]),
            str(record["sha256"]),
            record["mime"] in IMAGE_TYPES,
        )
        for label, value in _file_fields(definition, answers)
        for record in iter_file_records(value)
        if record["sha256"] and record.get("mime") in SHOWN_INLINE
    ]


def _file_fields(definition: FormDefinition, answers: Mapping[str, JSON]) -> Iterator[tuple[str, JSON]]:
    for entry in definition.fields:
        value = answers.get(entry.key)
        if FIELD_TYPES[entry.kind].holds_files:
            yield entry.label, value
        for number, row in enumerate(value or (), 1) if entry.columns else ():
            for column in entry.columns or ():
                if FIELD_TYPES[column.kind].holds_files:
                    yield f"{entry.label} {row.get('no') or number} {column.label}", row.get(column.key)


@blueprint.get("/acts/<act_id>/files/<sha256>")
def file(act_id: str, sha256: str) -> Response:
    """Return an attached file by hash, among this act's own files only."""
    with ports().store.read() as tx:
        act = access.visible_act(tx, who(), act_id)
    record = next((r for r in iter_file_records([act.answers, act.scans]) if r["sha256"] == sha256), None)
    if record is None or record.get("mime") not in SHOWN_INLINE:
        abort(404)
    access_log.log_view(
        ports(), who(), act, msg("附件 {name}", name=record["name"]), part="part" in request.args
    )
    response = make_response(ports().files.read(sha256))
    response.mimetype = record["mime"]
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(record['name'])}"
    # A file from outside runs nothing: no script, no request, its own origin
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@blueprint.post("/acts/<act_id>/scans")
def add_scans(act_id: str) -> ResponseReturnValue:
    """Keep photographs or PDF files of the signed paper with the act."""
    most = max_upload_bytes() + 1
    sent = [upload for upload in request.files.getlist("scans") if upload.filename]
    files = [(base_name(upload.filename or ""), upload.stream.read(most)) for upload in sent]
    try:
        scans.add_scans(ports(), who(), act_id, files)
    except InputRefused as refused:
        # flashes are stored in the session as text: translated now
        for problem in refused.problems:
            flash(translate_for_request(problem.sentence()))
    else:
        usage.count_upload(sum(len(content) for _name, content in files))
        flash(_("已收进 %(n)s 个扫描件。", n=len(files)))
    return redirect(url_for("acts.show", act_id=act_id, _anchor="scans"), 303)


@blueprint.get("/acts/<act_id>/scans")
def after_scans(act_id: str) -> ResponseReturnValue:
    """Redirect the address that a refused upload leaves in the browser."""
    return redirect(url_for("acts.show", act_id=act_id))
