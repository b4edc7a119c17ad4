"""The list of acts and the page of one act."""

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
from formsvc.errors import FormsvcError, KeptFileDamaged, Problem
from formsvc.i18n.messages import DefinitionText, join_messages, msg
from formsvc.usecases.acts import access_log, scans, search
from formsvc.usecases.acts import details as act_details
from formsvc.usecases.administration import records
from formsvc.usecases.cases import case_file
from formsvc.usecases.exports import list_sheets
from formsvc.usecases.picks.parties import parties_to_keep
from formsvc.web import page_images
from formsvc.web.account.search_words import SearchWords, search_page
from formsvc.web.acts import downloads, printing, transitions
from formsvc.web.acts.answers_in_words import answers_in_words
from formsvc.web.acts.attachments import attached_files
from formsvc.web.context import ports, requested_page, who
from formsvc.web.errors import report_damage
from formsvc.web.form_problems import messages_by_field
from formsvc.web.workbooks import list_workbook

blueprint = Blueprint("acts", __name__, url_prefix="/acts")
blueprint.register_blueprint(downloads.blueprint)
blueprint.register_blueprint(printing.blueprint)
blueprint.register_blueprint(transitions.blueprint)

FILTERS = ("form", "state", "authority", "dated_from", "dated_to", "own")


@blueprint.route("", methods=["GET", "POST"])
@search_page
def index(words: SearchWords) -> ResponseReturnValue:
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    query: dict[str, Any] = {name: text for name, text in asked.items() if text} | words.query
    typed = {**asked, "text": words.text}
    filters, problems = _filters(typed)
    page = search.list_acts(ports(), who(), filters, most=search.MOST_FOUND)
    if page.page > page.pages:
        return redirect(url_for("acts.index", **query, page=page.pages))
    return render_template(
        "acts/list.html",
        page=page,
        typed=typed,
        problems=problems,
        errors=messages_by_field(problems),
        today_iso=ports().clock.today().isoformat(),
        names=act_details.display_names(ports()),
        drafter_of=partial(act_details.printed_drafter, ports()),
        other_page=partial(url_for, "acts.index", **query),
        export_address=url_for("acts.export", **query),
        forgotten=words.notice,
        narrowed=any(typed.values()),
        **_filter_choices(),
    )


@blueprint.route("/export.xlsx", methods=["GET", "POST"])
@search_page
def export(words: SearchWords) -> ResponseReturnValue:
    """Return the acts of a list, all pages, as a workbook."""
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    filters, _problems = _filters({**asked, "text": words.text})
    return list_workbook(list_sheets.acts_sheet(ports(), who(), filters))


def _filters(typed: dict[str, str]) -> tuple[search.ActFilters, list[Problem]]:
    """Return the filters, and a problem for each date left out as unparsable."""
    problems: list[Problem] = []
    days = {}
    for name in ("dated_from", "dated_to"):
        try:
            days[name] = parse_date(typed[name], ports().clock.today()).isoformat() if typed[name] else ""
        except ValueError as wrong:
            problems.append(Problem(name, str(wrong)))
    state = typed["state"] if typed["state"] in {*State, search.IN_FORCE} else ""
    plain = {name: typed[name] for name in ("form", "authority", "text")}
    return search.ActFilters(
        **plain, **days, state=state, own=bool(typed["own"]), page=requested_page()
    ), problems


def _filter_choices() -> dict[str, Any]:
    authorities = [
        (record["id"], record["name"])
        for record in records.list_records(ports(), "authorities")
        if who().account.is_admin or who().account.may(Right.VIEW, record["id"])
    ]
    forms = [
        (state.form, join_messages(state.form, DefinitionText(state.form, state.title), separator=" "))
        for state in ports().definitions.form_states()
    ]
    return {
        "authorities": authorities,
        "forms": forms,
        "states": [
            *((s.value, name) for s, name in STATE_NAMES.items()),
            (search.IN_FORCE, msg("已签发和已送达")),
        ],
    }


@blueprint.get("/<act_id>")
def show(act_id: str) -> ResponseReturnValue:
    details = act_details.act_details(ports(), who(), act_id)
    if details.act.status is State.DRAFT:
        return redirect(url_for("drafting.edit", act_id=act_id))
    access_log.log_view(ports(), who(), details.act, msg("文书页"))
    return render_template("acts/act.html", **act_page_context(details))


@blueprint.post("/<act_id>/reveal")
def reveal(act_id: str) -> ResponseReturnValue:
    """Show the act with personal data unmasked; the event log records it."""
    access_log.reveal(ports(), who(), act_id)
    details = act_details.act_details(ports(), who(), act_id)
    return render_template("acts/act.html", **act_page_context(details, plain=True))


@blueprint.get("/<act_id>/reveal")
def after_reveal(act_id: str) -> ResponseReturnValue:
    """Redirect to the act: reloading a revealed page must not reveal again."""
    return redirect(url_for("acts.show", act_id=act_id))


def answers_context(act: Act, definition: FormDefinition, *, plain: bool = False) -> dict[str, Any]:
    """Return template variables; personal data is masked unless ``plain``."""
    personal = access_log.personal_answers(ports(), act)
    answers = act.answers if plain else personal.masked()
    service = act.service if plain else masked_service(act.service)
    # Whether the page offers to reveal: only if something is masked
    hidden = not plain and access_log.has_personal_data(ports(), act)
    return {
        "words": answers_in_words(definition, answers),
        "attached": attached_files(definition, act.answers),
        "service": service,
        "masked": hidden,
        "plain": plain,
    }


def act_page_context(details: act_details.ActDetails, *, plain: bool = False) -> dict[str, Any]:
    act = details.act
    page_sizes, page_error = page_sizes_or_error(act)
    return {
        "file": details,
        "act": act,
        "page_sizes": page_sizes,
        "page_error": page_error,
        "case_url": _case_url(act),
        "served_on": case_file.get_service_day(ports(), who(), act.id),
        "deadline": act_details.deadline(ports(), act),
        "archive": _archive(act),
        "may_add_scans": scans.may_add_scans(who(), act),
        "parties": parties_to_keep(ports(), who(), act),
        "names": act_details.display_names(ports()),
        "printed": printed_names(details),
        # Views and prints are many: the page lists them apart from what changed the act
        "seen_by": [event for event in details.events if event.kind in SIGHT_EVENTS],
        "hidden_kinds": [*SIGHT_EVENTS, "Printed"],
        **answers_context(act, details.revision.definition, plain=plain),
    }


def _archive(act: Act) -> tuple[str, str]:
    """Return family and period of the act's archive, each "" if not said."""
    known = ports().definitions.life_of(act.revision)
    return known.archive if known else ("", "")


def _case_url(act: Act) -> str:
    """Return the address of the act's case, "" if it is alone."""
    known = ports().definitions.life_of(act.revision)
    has_case = act.source_act or (known and known.life.asks_for_more)
    return url_for("cases.show", act_id=act.id) if has_case else ""


def page_sizes_or_error(act: Act) -> tuple[page_images.PageImageSizes | None, str]:
    """Return the page sizes, or None and the reason why there are none."""
    if act.erased:
        return None, msg("正式文件已按保存期限删除。")
    try:
        return page_images.image_sizes(act), ""
    except FormsvcError as failed:
        if isinstance(failed, KeptFileDamaged):
            report_damage(failed)
        return None, str(failed)


def printed_names(details: act_details.ActDetails) -> list[tuple[str, str]]:
    """Return label and value of every person named on the document."""
    fields = [f for f in details.revision.definition.fields if f.kind == "person"]
    return [(f.label, str(details.act.answers.get(f.key) or "")) for f in fields]
