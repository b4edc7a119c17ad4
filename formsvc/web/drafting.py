"""Filling a form: opening, saving at each change, changing rows, submitting, throwing away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.acts import Act, State
from formsvc.domain.errors import Conflict, FormsvcError, InputRefused, Problem
from formsvc.usecases import drafting, registers
from formsvc.usecases.drafting import Draft
from formsvc.web import draft_view, row_changes
from formsvc.web.carrying import carried_over, officers_filled
from formsvc.web.form_builder import AnswerForm, RowsAnswer, form_class_for
from formsvc.web.offers import offers_for
from formsvc.web.row_changes import Change, Changed
from formsvc.web.surroundings import ports, wants_json, who
from formsvc.web.texts import field_id
from formsvc.web.uploads import settle_files

blueprint = Blueprint("drafting", __name__)

Answer = str | Response | AnyResponse
JSON = Any


@blueprint.route("/forms/<form>/new", methods=["GET", "POST"])
def open_form(form: str) -> Answer:
    """Open a form: a new draft, or today's draft of it that has not been touched yet."""
    blank = _blank_draft(form)
    act = blank or drafting.open_form(ports(), who(), form)
    return redirect(url_for("drafting.edit", act_id=act.id), 303)


def _blank_draft(form: str) -> Act | None:
    """The person's untouched draft of this form, so that pressing twice does not make two."""
    serving = ports().shelf.form(form).id
    today = ports().clock.today().isoformat()
    for act in registers.drafts_of(ports(), who()):
        untouched = act.version == 1 and not act.source_act and act.created_at.startswith(today)
        if act.form == form and act.revision == serving and untouched:
            return act
    return None


@blueprint.get("/drafts/<act_id>")
def edit(act_id: str) -> Answer:
    """The form with what has been typed so far."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.standing is not State.DRAFT:
        return redirect(_act_url(draft.act.id))
    form = draft_view.bound_form(draft, _more_rows())
    draft_view.settle(form, draft.evaluation)
    _offer_undo(form)
    return _page(draft, form)


def _more_rows() -> dict[str, int]:
    """Rows asked for by the address, ``?more=hazards-3``."""
    key, _dash, count = request.args.get("more", "").partition("-")
    return {key: min(int(count), 200)} if count.isdigit() else {}


def _offer_undo(form: AnswerForm) -> None:
    """Put the way back beside the rows from which one was just deleted, ``?undo=restore.hazards.1.…``."""
    undo = Change.read(request.args.get("undo", ""))
    rows = form._fields.get(undo.key) if undo else None
    if undo and undo.verb == "restore" and isinstance(rows, RowsAnswer):
        rows.undo = request.args["undo"]


@blueprint.post("/drafts/<act_id>")
def save(act_id: str) -> Answer:
    """Keep what has been typed; answers JSON to the page's script, else comes back to the form."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.standing is not State.DRAFT:
        return _already_submitted(draft.act)
    form, problems = _received(draft)
    answers = form.answers()
    carried = {**carried_over(ports(), who(), draft, answers), **officers_filled(ports(), draft, answers)}
    answers |= carried
    changed = _changed_rows(draft, answers)
    try:
        saved = _store(act_id, answers)
    except Conflict as conflict:
        return _conflict(draft, form, conflict)
    if wants_json():
        offers = offers_for(ports(), who(), saved, documents=False)
        return jsonify(draft_view.as_json(saved, offers, carried=bool(carried), problems=problems))
    for problem in problems:
        flash(problem.sentence())
    return redirect(_edit_url(act_id, changed), 303)


def _received(draft: Draft) -> tuple[AnswerForm, list[Problem]]:
    """What the browser sent, files kept, and what was wrong with the files."""
    form = form_class_for(draft.revision.definition)(CombinedMultiDict([request.files, request.form]))
    return form, settle_files(form, draft.act.answers, ports().files)


def _changed_rows(draft: Draft, answers: dict[str, JSON]) -> Changed | None:
    """Make the change to rows that a button asked for."""
    change = Change.read(request.form.get("change", ""))
    if change is None:
        return None
    pasted = request.form.get(f"pasted-{change.key}", "")
    changed = row_changes.apply(change, draft.revision.definition, answers, pasted)
    if changed:
        answers[change.key] = changed.rows
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
def after_submit(act_id: str) -> Answer:
    """The address that a refused submission leaves in the browser leads back to the form."""
    return redirect(url_for("drafting.edit", act_id=act_id))


@blueprint.post("/drafts/<act_id>/submit")
def submit(act_id: str) -> Answer:
    """Keep what is on the page and hand it in, or say everything that stands against it."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.standing is not State.DRAFT:
        return _already_submitted(draft.act)
    form, problems = _received(draft)
    try:
        saved = _store(act_id, form.answers())
        if problems:
            raise InputRefused(problems)
        submitted = drafting.submit(ports(), who(), act_id)
    except Conflict as conflict:
        return _conflict(draft, form, conflict)
    except InputRefused as refused:
        return _refused(saved, list(refused.problems))
    except FormsvcError as refused:
        return _refused(saved, [Problem("", refused.message, refused.remedy)])
    flash(_("已提交《%(title)s》，现在是“%(state)s”。", title=submitted.title, state=submitted.state_name))
    return redirect(_act_url(act_id), 303)


def _already_submitted(act: Act) -> Answer:
    """The same button pressed twice, or an old page: the act is handed in already."""
    if wants_json():
        message = _("本件已经提交，现在的状态是“%(state)s”。", state=act.state_name)
        return make_response(jsonify(message=message, remedy=_("请打开文书页查看。"), errors=[]), 409)
    return redirect(_act_url(act.id), 303)


def _refused(draft: Draft, problems: list[Problem]) -> Answer:
    form = draft_view.bound_form(draft)
    draft_view.settle(form, draft.evaluation, problems)
    return make_response(_page(draft, form, problems=draft_view.linked(form, problems)), 422)


def _conflict(draft: Draft, form: AnswerForm, conflict: Conflict) -> Answer:
    """Saved in another window meanwhile: show what was typed here, and let the person decide."""
    if wants_json():
        raise conflict
    fresh = drafting.load_draft(ports(), who(), draft.act.id)
    draft_view.settle(form, fresh.evaluation, ())
    return make_response(_page(fresh, form, conflict=conflict.message), 409)


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
def discard(act_id: str) -> Answer:
    """Ask, then remove a draft that was never submitted."""
    draft = drafting.load_draft(ports(), who(), act_id)
    if draft.act.standing is not State.DRAFT:
        return redirect(_act_url(act_id))
    if request.method == "GET":
        return render_template("form_discard.html", act=draft.act)
    drafting.discard_draft(ports(), who(), act_id)
    flash(_("已删除草稿《%(title)s》。", title=draft.act.title))
    return redirect(url_for("pages.home"), 303)
