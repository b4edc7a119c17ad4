"""Filling a form: opening, saving at each change, changing rows, submitting, throwing away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import (
    Blueprint,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict

from formsvc.domain.acts.act import Act, State
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Conflict, InputRefused, Problem, RightMissing, TransitionRefused
from formsvc.usecases import access
from formsvc.usecases.drafting import drafts as drafting
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.drafting.prefill import prefill
from formsvc.web import page_images
from formsvc.web.context import ports, wants_json, who
from formsvc.web.filters import field_id
from formsvc.web.forms import presenter as draft_view
from formsvc.web.forms import row_edits as row_changes
from formsvc.web.forms.builder import AnswerForm, RowsAnswer, form_class_for
from formsvc.web.forms.row_edits import Change, Changed
from formsvc.web.forms.suggestions import offers_for
from formsvc.web.forms.uploads import settle_files
from formsvc.web.i18n import translate_for_request

blueprint = Blueprint("drafting", __name__)


@blueprint.route("/forms/<form>/new", methods=["GET", "POST"])
def open_form(form: str) -> ResponseReturnValue:
    """Open a form: a new draft, or today's draft of it that has not been touched yet."""
    act = drafting.open_blank_form(ports(), who(), form)
    return redirect(url_for("drafting.edit", act_id=act.id), 303)


@blueprint.get("/drafts/<act_id>")
def edit(act_id: str) -> ResponseReturnValue:
    """The form with what has been typed so far."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.status is not State.DRAFT:
        return redirect(_act_url(draft.act.id))
    form = draft_view.bound_form(draft, _more_rows())
    draft_view.settle(form, draft.evaluation)
    _offer_undo(form)
    return _page(draft, form)


def _more_rows() -> dict[str, int]:
    """Rows asked for by the address, ``?more=hazards-3``."""
    key, _dash, count = request.args.get("more", "").partition("-")
    number = parse_whole_number(count)
    return {} if number is None else {key: min(number, 200)}


def _offer_undo(form: AnswerForm) -> None:
    """Put the way back beside the rows from which one was just deleted, ``?undo=restore.hazards.1.…``."""
    undo = Change.read(request.args.get("undo", ""))
    rows = form._fields.get(undo.key) if undo else None
    if undo and undo.verb == "restore" and isinstance(rows, RowsAnswer):
        rows.undo = request.args["undo"]


@blueprint.post("/drafts/<act_id>")
def save(act_id: str) -> ResponseReturnValue:
    """Keep what has been typed; answers JSON to the page's script, else comes back to the form."""
    act = _act(act_id)
    if act.status is not State.DRAFT:
        return _already_submitted(act)
    sent = _received(act)
    changed = _changed_rows(sent)
    try:
        saved = _store(act_id, sent.answers)
    except Conflict as conflict:
        return _conflict(sent, conflict)
    if wants_json():
        offers = offers_for(ports(), who(), saved, documents=False)
        return jsonify(draft_view.as_json(saved, offers, carried=sent.carried, problems=sent.problems))
    for problem in sent.problems:
        flash(translate_for_request(problem.sentence()))
    return redirect(_edit_url(act_id, changed), 303)


@dataclass(frozen=True)
class _Sent:
    """What the browser sent: the form as typed, its answers with what they brought in, trouble with files."""

    act: Act
    definition: FormDefinition
    form: AnswerForm
    answers: dict[str, JSON]
    carried: bool
    problems: list[Problem]


def _act(act_id: str) -> Act:
    with ports().store.read() as tx:
        return access.visible_act(tx, who(), act_id)


def _received(act: Act) -> _Sent:
    definition = ports().definitions.revision(act.revision).definition
    form = form_class_for(definition)(CombinedMultiDict([request.files, request.form]))
    problems = settle_files(form, act.answers, ports().files)
    answers = form.answers()
    brought = prefill(ports(), who(), act, definition, answers)
    return _Sent(act, definition, form, {**answers, **brought}, bool(brought), problems)


def _changed_rows(sent: _Sent) -> Changed | None:
    """Make the change to rows that a button asked for."""
    change = Change.read(request.form.get("change", ""))
    if change is None:
        return None
    pasted = request.form.get(f"pasted-{change.key}", "")
    try:
        changed = row_changes.apply(change, sent.definition, sent.answers, pasted)
    except InputRefused as refused:
        sent.problems.extend(refused.problems)
        return None
    if changed:
        sent.answers[change.key] = changed.rows
    return changed


def _store(act_id: str, answers: Mapping[str, JSON]) -> Draft:
    version = request.form.get("version", 0, type=int)
    return drafting.save_answers(ports(), who(), act_id, answers, version=version, strict_keys=False)


def _edit_url(act_id: str, changed: Changed | None) -> str:
    if changed is None:
        return url_for("drafting.edit", act_id=act_id)
    key = changed.focus.partition(".")[0]
    asked = {"more": f"{key}-{len(changed.rows)}", "focus": changed.focus, "undo": changed.undo}
    return f"{url_for('drafting.edit', act_id=act_id)}?{urlencode(asked)}#{field_id(changed.focus)}"


@blueprint.get("/drafts/<act_id>/submit")
def after_submit(act_id: str) -> ResponseReturnValue:
    """The address that a refused submission leaves in the browser leads back to the form."""
    return redirect(url_for("drafting.edit", act_id=act_id))


@blueprint.post("/drafts/<act_id>/submit")
def submit(act_id: str) -> ResponseReturnValue:
    """Keep what is on the page and hand it in, or say everything that stands against it."""
    act = _act(act_id)
    if act.status is not State.DRAFT:
        return _already_submitted(act)
    sent = _received(act)
    try:
        saved = _store(act_id, sent.answers)
    except Conflict as conflict:
        return _conflict(sent, conflict)
    if sent.problems:
        return _refused(saved, [*sent.problems, *saved.evaluation.problems])
    try:
        submitted = drafting.submit(ports(), who(), act_id)
    except InputRefused as refused:
        return _refused(saved, list(refused.problems))
    except TransitionRefused:
        return _already_submitted(_act(act_id))
    except RightMissing as missing:
        return _refused(saved, [Problem("", missing.message, missing.remedy)])
    page_images.draw_ahead(submitted)
    flash(_("已提交《%(title)s》，现在是“%(state)s”。", title=submitted.title, state=submitted.state_name))
    return redirect(_act_url(act_id), 303)


def _already_submitted(act: Act) -> ResponseReturnValue:
    """The same button pressed twice, or an old page: the act is handed in already."""
    if wants_json():
        message = _("本件已经提交，现在的状态是“%(state)s”。", state=act.state_name)
        return make_response(jsonify(message=message, remedy=_("请打开文书页查看。"), errors=[]), 409)
    return redirect(_act_url(act.id), 303)


def _refused(draft: Draft, problems: list[Problem]) -> ResponseReturnValue:
    form = draft_view.bound_form(draft)
    draft_view.settle(form, draft.evaluation, problems)
    return make_response(_page(draft, form, problems=draft_view.linked(form, problems)), 422)


def _conflict(sent: _Sent, conflict: Conflict) -> ResponseReturnValue:
    """Saved in another window meanwhile: show what was typed here, and let the person decide."""
    fresh = drafting.load_draft(ports(), who(), sent.act.id)
    if fresh.act.status is not State.DRAFT:
        return _already_submitted(fresh.act)
    if wants_json():
        answer = jsonify(message=conflict.message, remedy=_("文字仍在本页。"), version=fresh.act.version)
        return make_response(answer, 409)
    draft_view.settle(sent.form, fresh.evaluation, ())
    return make_response(_page(fresh, sent.form, conflict=conflict.message), 409)


def _page(
    draft: Draft, form: AnswerForm, *, problems: list[Problem] | None = None, conflict: str = ""
) -> str:
    evident = problems if problems is not None else draft_view.evident(draft.evaluation)
    return render_template(
        "form.html",
        draft=draft,
        act=draft.act,
        form=form,
        sections=draft_view.sections(draft, form, evident),
        offers=offers_for(ports(), who(), draft),
        problems=problems or [],
        conflict=conflict,
        focus=draft_view.focus_id(request.args.get("focus", "")),
    )


def _act_url(act_id: str) -> str:
    return f"{request.script_root}/acts/{act_id}"


@blueprint.route("/drafts/<act_id>/discard", methods=["GET", "POST"])
def discard(act_id: str) -> ResponseReturnValue:
    """Ask, then remove a draft that was never submitted."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.status is not State.DRAFT:
        return redirect(_act_url(act_id))
    if request.method == "GET":
        return render_template("form_discard.html", act=draft.act)
    drafting.discard_draft(ports(), who(), act_id)
    flash(_("已删除草稿《%(title)s》。", title=draft.act.title))
    return redirect(url_for("pages.home"), 303)
