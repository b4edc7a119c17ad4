"""Pages of a draft: open a form, autosave, edit rows, submit, discard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
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
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from formsvc.domain.acts.act import Act, State
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import Conflict, InputRefused, Problem, RightMissing, TransitionRefused
from formsvc.usecases import access
from formsvc.usecases.administration.review_settings import steps_of
from formsvc.usecases.drafting import drafts
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.drafting.prefill import follow_checklists, prefill
from formsvc.usecases.drafting.readonly_answers import keep_readonly
from formsvc.usecases.numbering import issue
from formsvc.usecases.numbering.series_coverage import is_without_series
from formsvc.web import page_images, usage
from formsvc.web.account import refused_pages, refused_submission, search_words
from formsvc.web.context import ports, wants_json, who
from formsvc.web.filters import field_id, moment
from formsvc.web.forms import picks, presenter
from formsvc.web.forms.builder import AnswerForm, RowsAnswer, form_class_for
from formsvc.web.forms.checklist import apply_checklist_edit, attach_checklists
from formsvc.web.forms.photograph_edits import PhotographEdit
from formsvc.web.forms.row_edits import CHECKLIST_VERBS, EditedRows, RowEdit, apply_edit
from formsvc.web.forms.suggestions import suggestions_for
from formsvc.web.forms.unsaved_text import unsaved_text_key
from formsvc.web.forms.uploads import CheckedUpload, check_uploads, keep_uploads
from formsvc.web.i18n import translate_for_request

blueprint = Blueprint("drafting", __name__)


@blueprint.route("/forms/<form>/new", methods=["GET", "POST"])
def open_form(form: str) -> ResponseReturnValue:
    """Open a new draft, or today's draft of this form if still untouched."""
    if not _was_asked_for():
        return redirect(url_for("pages.catalogue"), 303)
    act = drafts.open_blank_form(ports(), who(), form)
    return redirect(url_for("drafting.edit", act_id=act.id), 303)


def _was_asked_for() -> bool:
    """Return whether a person followed a link of ours or typed the address."""
    # a browser that looks ahead, a program that looks whether a link works, and another site create no draft
    headers = request.headers
    is_ahead = "prefetch" in headers.get("Sec-Purpose", "") or headers.get("Purpose", "") == "prefetch"
    return request.method != "HEAD" and not is_ahead and headers.get("Sec-Fetch-Site", "") != "cross-site"


@blueprint.get("/drafts/<act_id>")
def edit(act_id: str) -> ResponseReturnValue:
    draft = drafts.load_draft(ports(), who(), act_id)
    if draft.act.status is not State.DRAFT:
        return redirect(_act_url(draft.act.id))
    if problems := refused_submission.kept_problems(draft):
        return _problems_page(draft, form_class_for(draft.revision.definition), problems)
    form = presenter.bound_form(draft, _requested_rows())
    presenter.apply_evaluation(form, draft.evaluation)
    _attach_undo(form)
    return _form_page(draft, form)


def _requested_rows() -> dict[str, int]:
    """Return the minimum of rows by field key from ``?more=hazards-3``."""
    asked = (each.rpartition("-") for each in request.args.get("more", "").split(","))
    numbers = {key: parse_whole_number(count) for key, _dash, count in asked}
    return {key: min(number, 200) for key, number in numbers.items() if number is not None}


def _attach_undo(form: AnswerForm) -> None:
    """Attach ``restore.hazards.1.…``, kept for ``?undo=``, to its rows field."""
    button = search_words.kept(request.args.get("undo", "")) or ""
    undo = RowEdit.parse(button)
    if undo is None or undo.verb not in ("restore", "reopen"):
        return
    for rows in form.iter_fields():
        if isinstance(rows, RowsAnswer) and rows.name == undo.key:
            rows.undo = button


@blueprint.post("/drafts/<act_id>")
def save(act_id: str) -> ResponseReturnValue:
    """Save the answers and apply a row edit; return JSON to scripts."""
    act = _visible_act(act_id)
    if act.status is not State.DRAFT:
        return _already_submitted(act)
    usage.count_save()
    posted = _read_post(act)
    edited = _apply_row_edit(posted)
    try:
        saved = _save_answers(posted)
    except Conflict as conflict:
        return _conflict_page(posted, conflict)
    if wants_json():
        suggestions = suggestions_for(ports(), who(), saved, documents=False)
        return jsonify(
            presenter.autosave_json(
                saved, suggestions, type(posted.form), prefilled=posted.prefilled, problems=posted.problems
            )
        )
    if to_choose := picks.page_to_choose(act_id, saved.act.answers):
        return to_choose
    # Flashes are stored in the session as text: translate them now, while the message is still one
    for problem in posted.problems:
        flash(translate_for_request(problem.sentence()))
    return redirect(_edit_url(act_id, edited), 303)


@dataclass
class _PostedDraft:
    """A posted draft; ``problems`` are those of files and row edits."""

    act: Act
    definition: FormDefinition
    form: AnswerForm
    answers: dict[str, JSON]
    prefilled: bool
    problems: list[Problem]
    uploads: list[CheckedUpload]
    event: tuple[str, str] | None = None


def _visible_act(act_id: str) -> Act:
    with ports().store.read() as tx:
        return access.visible_act(tx, who(), act_id)


def _read_post(act: Act) -> _PostedDraft:
    definition = ports().definitions.revision(act.revision).definition
    form = form_class_for(definition)(_sent_fields())
    uploads, problems = check_uploads(form, act.answers)
    answers = keep_readonly(ports(), who(), act, form.answers())
    # a row that was just chosen says more than what stood there
    prefilled = picks.chosen_values(act, definition)
    prefilled |= prefill(ports(), who(), act, definition, answers | prefilled)
    answers |= prefilled
    followed = follow_checklists(ports(), who(), act, definition, answers)
    answers |= followed | presenter.answers_of_other_window(act)
    return _PostedDraft(act, definition, form, answers, bool(prefilled or followed), problems, uploads)


def _sent_fields() -> CombinedMultiDict[str, Any]:
    """Return texts and files by name; a part without a name is left out."""
    sent: list[MultiDict[str, Any]] = [request.files, request.form]
    return CombinedMultiDict(
        [
            MultiDict((name, value) for name, value in part.items(multi=True) if name is not None)
            if None in part
            else part
            for part in sent
        ]
    )


def _apply_row_edit(posted: _PostedDraft) -> EditedRows | None:
    """Apply the row edit of the pressed button; a refusal is a problem."""
    button = request.form.get("change", "")
    if photograph := PhotographEdit.parse(button):
        return EditedRows([], photograph.apply(posted.answers))
    edit = RowEdit.parse(button)
    if edit is None:
        return None
    pasted = request.form.get(f"pasted-{edit.key}", "")
    if edit.verb in CHECKLIST_VERBS:
        return _apply_checklist_edit(edit, posted)
    try:
        edited = apply_edit(edit, posted.definition, posted.answers, pasted)
    except InputRefused as refused:
        posted.problems.extend(refused.problems)
        return None
    if edited:
        posted.answers[edit.key.partition("-")[0]] = edited.rows
    return edited


def _apply_checklist_edit(edit: RowEdit, posted: _PostedDraft) -> EditedRows | None:
    spec = posted.definition.field(edit.key)
    draft = drafts.load_draft(ports(), who(), posted.act.id)
    outcome = apply_checklist_edit(edit, draft, spec, posted.answers) if spec else None
    if outcome is None:
        return None
    edited, posted.event = outcome
    posted.answers[edit.key] = edited.rows
    return edited


def _save_answers(posted: _PostedDraft) -> Draft:
    act_id, version = posted.act.id, request.form.get("version", 0, type=int)
    if posted.uploads:
        # first whether they can be saved: what is refused must leave nothing on the disk
        drafts.require_savable(ports(), who(), act_id, posted.answers, version=version)
        for upload in posted.uploads:
            usage.count_upload(upload.size)
        keep_uploads(posted.uploads, ports().files)
    return drafts.save_answers(
        ports(), who(), act_id, posted.answers, version=version, strict_keys=False, event=posted.event
    )


def _edit_url(act_id: str, edited: EditedRows | None) -> str:
    if edited is None:
        return url_for("drafting.edit", act_id=act_id)
    # Empty rows are not stored: the address carries how many the page must show
    query = {
        "more": edited.counts,
        "focus": edited.focus,
        "undo": search_words.keep(edited.undo) if edited.undo else "",
    }
    return f"{url_for('drafting.edit', act_id=act_id)}?{urlencode(query)}#{field_id(edited.focus)}"


@blueprint.get("/drafts/<act_id>/submit")
def after_submit(act_id: str) -> ResponseReturnValue:
    """Redirect the address that a refused submission leaves in the browser."""
    return redirect(url_for("drafting.edit", act_id=act_id))


@blueprint.post("/drafts/<act_id>/submit")
def submit(act_id: str) -> ResponseReturnValue:
    """Save and submit the draft, or show everything that prevents it."""
    act = _visible_act(act_id)
    if act.status is not State.DRAFT:
        return _already_submitted(act)
    usage.count_save()
    posted = _read_post(act)
    # Saved first, so that nothing typed is lost when the submission is refused
    try:
        saved = _save_answers(posted)
    except Conflict as conflict:
        return _conflict_page(posted, conflict)
    form_class = type(posted.form)
    if posted.problems:
        return _problems_page(saved, form_class, [*posted.problems, *saved.evaluation.problems])
    try:
        submitted = drafts.submit(ports(), who(), act_id)
    except InputRefused as refused:
        return _problems_page(saved, form_class, list(refused.problems))
    except TransitionRefused:
        return _already_submitted(_visible_act(act_id))
    except RightMissing as missing:
        return _problems_page(saved, form_class, [Problem("", missing.message, missing.remedy)])
    if _is_record(saved, submitted):
        recorded = issue.issue_act(ports(), who(), act_id)
        flash(_("《%(title)s》已记录。", title=recorded.title))
        return redirect(_act_url(act_id), 303)
    page_images.draw_ahead(submitted)
    flash(_("已提交《%(title)s》，现在是“%(state)s”。", title=submitted.title, state=submitted.state_name))
    return redirect(_act_url(act_id), 303)


def _is_record(draft: Draft, submitted: Act) -> bool:
    """Return whether it is recorded at once: no number, review, approval."""
    unnumbered = not draft.revision.definition.numbering.is_numbered
    return unnumbered and submitted.status is State.APPROVED


def _already_submitted(act: Act) -> ResponseReturnValue:
    """Respond to a button pressed twice, or to an old page."""
    if wants_json():
        message = _("本件已经提交，现在的状态是“%(state)s”。", state=act.state_name)
        return make_response(jsonify(message=message, remedy=_("请打开文书页查看。"), errors=[]), 409)
    return redirect(_act_url(act.id), 303)


def _problems_page(
    draft: Draft, form_class: type[AnswerForm], problems: list[Problem]
) -> ResponseReturnValue:
    if request.method == "POST" and refused_pages.is_page_request():
        return refused_submission.redirect_to_draft(draft, problems)
    form = presenter.bound_form(draft, form_class=form_class)
    presenter.apply_evaluation(form, draft.evaluation, problems)
    page = _form_page(draft, form, problems=presenter.with_nearest_anchor(form, problems))
    return make_response(page, 422 if request.method == "POST" else 200)


def _conflict_page(posted: _PostedDraft, conflict: Conflict) -> ResponseReturnValue:
    """Show what was typed here and there, after another window has saved."""
    stored = drafts.load_draft(ports(), who(), posted.act.id)
    if stored.act.status is not State.DRAFT:
        return _already_submitted(stored.act)
    if wants_json():
        response = jsonify(
            message=conflict.message,
            remedy=_("文字仍在本页。"),
            version=stored.act.version,
            saved_at=moment(stored.act.updated_at),
        )
        return make_response(response, 409)
    return presenter.conflict_page(posted.definition, posted.answers, stored.act)


def _form_page(draft: Draft, form: AnswerForm, *, problems: list[Problem] | None = None) -> str:
    attach_checklists(form, draft)
    marked = problems if problems is not None else presenter.problems_of_filled_fields(draft.evaluation)
    return render_template(
        "form.html",
        draft=draft,
        act=draft.act,
        form=form,
        sections=presenter.section_views(draft, form, marked),
        steps=steps_of(ports(), draft.revision.definition),
        suggestions=suggestions_for(ports(), who(), draft),
        problems=problems or [],
        without_series=is_without_series(ports(), draft.act.form),
        unsaved_key=unsaved_text_key(who().account.id),
        focus=presenter.focus_id(request.args.get("focus", "")),
    )


def _act_url(act_id: str) -> str:
    return f"{request.script_root}/acts/{act_id}"


@blueprint.route("/drafts/<act_id>/discard", methods=["GET", "POST"])
def discard(act_id: str) -> ResponseReturnValue:
    """Ask for confirmation, then delete a draft that was never submitted."""
    draft = drafts.load_draft(ports(), who(), act_id)
    if draft.act.status is not State.DRAFT:
        return redirect(_act_url(act_id))
    if request.method == "GET":
        return render_template("form_discard.html", act=draft.act)
    drafts.discard_draft(ports(), who(), act_id)
    flash(_("已删除草稿《%(title)s》。", title=draft.act.title))
    return redirect(url_for("pages.home"), 303)
