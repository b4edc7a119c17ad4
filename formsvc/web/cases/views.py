"""The cases: what waits in each, all of them, and one from its first act to its last."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.cases.hazards import Hazard
from formsvc.usecases import access
from formsvc.usecases.acts import access_log as sight
from formsvc.usecases.cases import case_file as cases
from formsvc.usecases.cases import case_list as case_lists
from formsvc.web.context import ports, requested_page, who

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

WAITING, OWN, LATE, ALL = "", "own", "late", "all"


@blueprint.get("")
def index() -> str | AnyResponse:
    """Cases that wait for something, mine, those overdue, or all."""
    which, text = request.args.get("which", WAITING), request.args.get("text", "").strip()[:80]
    which = ALL if text else which if which in (OWN, LATE, ALL) else WAITING
    number = requested_page()
    if which == ALL:
        page = case_lists.all_cases(ports(), who(), text, number)
    else:
        page = case_lists.pending_cases(ports(), who(), number, own=which == OWN, late=which == LATE)
    given: dict[str, Any] = {name: said for name, said in (("which", which), ("text", text)) if said}
    if page.page > page.pages:
        return redirect(url_for("cases.index", **given, page=page.pages))
    other_page = partial(url_for, "cases.index", **given)
    return render_template("cases/list.html", page=page, which=which, text=text, other_page=other_page)


@blueprint.get("/<act_id>")
def show(act_id: str) -> str | AnyResponse:
    """One case; whichever of its acts the address names, the first one's is the case's."""
    case = cases.get_case(ports(), who(), act_id)
    if case.first.id != act_id:
        return redirect(url_for("cases.show", act_id=case.first.id))
    return render_template(
        "cases/case.html",
        case=case,
        hazards=[_shown(hazard, case) for hazard in case.hazards],
        today=ports().clock.today(),
        served=_services(case),
        writable=_writable(),
    )


def _shown(hazard: Hazard, case: cases.CaseFile) -> Hazard:
    """A hazard without what was typed into it of the party's personal texts."""
    act = next(act for act in case.acts if act.id == hazard.named_in.id)
    hide = sight.personal_answers(ports(), act).hide
    return replace(hazard, text=hide(hazard.text), place=hide(hazard.place))


def _writable() -> set[str]:
    """The forms this person may fill."""
    current = ports().definitions.current()
    return {form for form, revision in current.items() if access.may_write(who(), revision.definition)}


def _services(case: cases.CaseFile) -> dict[str, cases.Deadline | None]:
    """The day each document counts as served."""
    rules = cases.load_case_context(ports()).rules
    return {act.id: cases.service_day(act, rules) for act in case.acts}
