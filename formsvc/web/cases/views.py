"""Pages of cases: the list, and one case from its first act to its last."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.cases.hazards import Hazard
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases import access
from formsvc.usecases.acts import access_log
from formsvc.usecases.cases import case_file, case_list
from formsvc.usecases.cases.struck_steps import may_strike_off
from formsvc.usecases.exports import list_sheets
from formsvc.web.account.search_words import SearchWords, search_page
from formsvc.web.context import ports, requested_page, who
from formsvc.web.workbooks import list_workbook

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

WAITING, OWN, LATE, ALL = "", "own", "late", "all"


@blueprint.route("", methods=["GET", "POST"])
@search_page
def index(words: SearchWords) -> str | AnyResponse:
    """List the waiting, own or overdue cases, or all."""
    which, text = _asked(words)
    page = _page_of(which, text, requested_page())
    query: dict[str, Any] = {"which": which} if which else {}
    query |= words.query
    # The list may have become shorter since the link was made
    if page.page > page.pages:
        return redirect(url_for("cases.index", **query, page=page.pages))
    other_page = partial(url_for, "cases.index", **query)
    return render_template(
        "cases/list.html",
        page=page,
        which=which,
        text=text,
        forgotten=words.notice,
        other_page=other_page,
        export_address=url_for("cases.export", **query),
    )


def _asked(words: SearchWords) -> tuple[str, str]:
    """Return which cases are asked for, and the words of the search."""
    which, text = request.args.get("which", WAITING), words.text[:80]
    return ALL if text else which if which in (OWN, LATE, ALL) else WAITING, text


def _page_of(which: str, text: str, number: int) -> case_list.CasePage:
    if which == ALL:
        return case_list.all_cases(ports(), who(), text, number, brief=True)
    narrowed = {"own": which == OWN, "late": which == LATE}
    return case_list.pending_cases(ports(), who(), number, brief=True, **narrowed)


@blueprint.route("/export.xlsx", methods=["GET", "POST"])
@search_page
def export(words: SearchWords) -> AnyResponse:
    """Return the cases of a list, all pages, as a workbook."""
    page_of = partial(_page_of, *_asked(words))
    return list_workbook(list_sheets.cases_sheet(ports(), who(), page_of))


@blueprint.get("/<act_id>")
def show(act_id: str) -> str | AnyResponse:
    """Show one case, at the address of its first act."""
    case = case_file.get_case(ports(), who(), act_id)
    if case.first.id != act_id:
        return redirect(url_for("cases.show", act_id=case.first.id))
    return render_template(
        "cases/case.html",
        case=case,
        hazards=[_masked_hazard(hazard, case) for hazard in case.hazards],
        today=ports().clock.today(),
        served=_service_deadlines(case),
        writable=access.writable_forms(ports(), who()),
        answerable={act.id for act in case.acts if may_strike_off(who(), act.authority)},
        step_titles=_step_titles(case),
    )


def _masked_hazard(hazard: Hazard, case: case_file.CaseFile) -> Hazard:
    """Return the hazard with the party's personal data masked in its texts."""
    act = next(act for act in case.acts if act.id == hazard.named_in.id)
    hide = access_log.personal_answers(ports(), act).hide
    return replace(hazard, text=hide(hazard.text), place=hide(hazard.place))


def _step_titles(case: case_file.CaseFile) -> dict[tuple[str, str], str]:
    """Return the title of each step that was struck off, by act and step."""
    titles: dict[tuple[str, str], str] = {}
    for act in case.acts:
        known = ports().definitions.life_of(act.revision) if act.struck_off else None
        named = {rule.id: rule.title for rule in known.life.follow_ups} if known else {}
        for struck in act.struck_off:
            title = DefinitionText(act.form, named.get(struck["step"], ""))
            titles[act.id, struck["step"]] = title or msg("送达")
    return titles


def _service_deadlines(case: case_file.CaseFile) -> dict[str, case_file.Deadline | None]:
    """Return the date on which each act counts as served, by act id."""
    rules = case_file.load_case_context(ports()).rules
    return {act.id: case_file.service_day(act, rules) for act in case.acts}
