"""Lists of acts, the page of one act, and the search for a number."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import SIGHT_EVENTS, STATE_NAMES, Act, State
from formsvc.domain.chinese import parse_date
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.masking import masked_service
from formsvc.errors import FormsvcError, Problem
from formsvc.i18n.messages import DefinitionText, join_messages, msg
from formsvc.usecases.acts import access_log as sight
from formsvc.usecases.acts import details as viewing
from formsvc.usecases.acts import search as registers
from formsvc.usecases.administration import records
from formsvc.usecases.cases import case_file as cases
from formsvc.web import page_images
from formsvc.web.acts import downloads as act_documents
from formsvc.web.acts import transitions as act_steps
from formsvc.web.acts.answers_in_words import in_words
from formsvc.web.context import ports, requested_page, who
from formsvc.web.form_problems import messages_by_field

blueprint = Blueprint("acts", __name__, url_prefix="/acts")
blueprint.register_blueprint(act_documents.blueprint)
blueprint.register_blueprint(act_steps.blueprint)

FILTERS = ("form", "state", "authority", "dated_from", "dated_to", "text", "own")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The acts this person may see, narrowed by what the form above the table says."""
    typed = {name: request.args.get(name, "").strip() for name in FILTERS}
    filters, problems = _filters(typed)
    page = registers.list_acts(ports(), who(), filters)
    if page.page > page.pages:
        return redirect(url_for("acts.index", **_given(typed), page=page.pages))
    return render_template(
        "acts/list.html",
        page=page,
        typed=typed,
        problems=problems,
        errors=messages_by_field(problems),
        today_iso=ports().clock.today().isoformat(),
        names=viewing.display_names(ports()),
        other_page=partial(url_for, "acts.index", **_given(typed)),
        narrowed=any(typed.values()),
        **_choices(),
    )


def _filters(typed: dict[str, str]) -> tuple[registers.ActFilters, list[Problem]]:
    """The filters of a request; a day that cannot be read is told and left out."""
    problems: list[Problem] = []
    days = {}
    for name in ("dated_from", "dated_to"):
        try:
            days[name] = parse_date(typed[name]).isoformat() if typed[name] else ""
        except ValueError as wrong:
            problems.append(Problem(name, str(wrong)))
    state = typed["state"] if typed["state"] in set(State) else ""
    plain = {name: typed[name] for name in ("form", "authority", "text")}
    return registers.ActFilters(
        **plain, **days, state=state, own=bool(typed["own"]), page=requested_page()
    ), problems


def _given(typed: dict[str, str]) -> dict[str, Any]:
    return {name: text for name, text in typed.items() if text}


def _choices() -> dict[str, Any]:
    seen = [
        (record["id"], record["name"])
        for record in records.list_records(ports(), "authorities")
        if who().account.is_admin or who().account.may(Right.VIEW, record["id"])
    ]
    forms = [
        (state.form, join_messages(state.form, DefinitionText(state.form, state.title), separator=" "))
        for state in ports().definitions.form_states()
    ]
    return {
        "authorities": seen,
        "forms": forms,
        "states": [(s.value, name) for s, name in STATE_NAMES.items()],
    }


@blueprint.get("/<act_id>")
def show(act_id: str) -> ResponseReturnValue:
    """One act: what happened, its pages, and what this person may do now."""
    found = viewing.act_details(ports(), who(), act_id)
    if found.act.status is State.DRAFT:
        return redirect(url_for("drafting.edit", act_id=act_id))
    sight.log_view(ports(), who(), found.act, msg("文书页"))
    return render_template("acts/act.html", **page_of(found))


@blueprint.post("/<act_id>/reveal")
def reveal(act_id: str) -> ResponseReturnValue:
    """The same page with identity numbers, telephones and addresses in full, which the history remembers."""
    sight.reveal(ports(), who(), act_id)
    found = viewing.act_details(ports(), who(), act_id)
    return render_template("acts/act.html", **page_of(found, plain=True))


@blueprint.get("/<act_id>/reveal")
def after_reveal(act_id: str) -> ResponseReturnValue:
    """The address of a revealed page opened again leads to the act."""
    return redirect(url_for("acts.show", act_id=act_id))


def words_of(act: Act, definition: FormDefinition, *, plain: bool = False) -> dict[str, Any]:
    """The answers in words, personal texts masked unless they were asked for."""
    personal = sight.personal_answers(ports(), act)
    answers = act.answers if plain else personal.masked()
    service = act.service if plain else masked_service(act.service)
    hidden = not plain and sight.has_personal_data(ports(), act)
    return {"words": in_words(definition, answers), "service": service, "masked": hidden, "plain": plain}


def page_of(found: viewing.ActDetails, *, plain: bool = False) -> dict[str, Any]:
    """What the page of an act is made of."""
    sheets, trouble = sheets_of(found.act)
    return {
        "file": found,
        "act": found.act,
        "sheets": sheets,
        "trouble": trouble,
        "case_url": _case_of(found.act),
        "served_on": cases.get_service_day(ports(), who(), found.act.id),
        "deadline": viewing.deadline(ports(), found.act),
        "names": viewing.display_names(ports()),
        "printed": printed_names(found),
        "seen_by": [event for event in found.events if event.kind in SIGHT_EVENTS],
        "hidden_kinds": [*SIGHT_EVENTS, "Printed"],
        **words_of(found.act, found.revision.definition, plain=plain),
    }


def _case_of(act: Act) -> str:
    """Where its case is, if it is one of the acts a case is made of."""
    return url_for("cases.show", act_id=act.id) if act.form in cases.CHAIN else ""


def sheets_of(act: Act) -> tuple[page_images.PageImageSizes | None, str]:
    """The page pictures, or the reason why there are none."""
    if act.erased:
        return None, msg("正式文件已按保存期限删除。")
    try:
        return page_images.image_sizes(act), ""
    except FormsvcError as failed:
        return None, str(failed)


def printed_names(found: viewing.ActDetails) -> list[tuple[str, str]]:
    """The names that stand on the document, by what the form calls them."""
    wanted = [f for f in found.revision.definition.fields if f.kind == "person"]
    return [(f.label, str(found.act.answers.get(f.key) or "")) for f in wanted]
