"""Pages of what is due: the list of all cases, and striking off steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.paging import page_count
from formsvc.errors import Conflict, InputRefused, Problem
from formsvc.i18n.messages import DefinitionText
from formsvc.limits import process_limits
from formsvc.usecases.acts import details
from formsvc.usecases.cases import due_list, struck_steps
from formsvc.usecases.cases.struck_steps import ChosenStep
from formsvc.usecases.exports import list_sheets
from formsvc.web.context import ports, requested_page, who
from formsvc.web.filters import day
from formsvc.web.form_problems import as_problems, form_page
from formsvc.web.workbooks import list_workbook

blueprint = Blueprint("due", __name__, url_prefix="/due")

LOOK_AHEAD = timedelta(days=30)
PAGE_SIZE = 50
MINE, ALL, OPEN = "", "all", "open"
# what a figure of the office's overview leads here with
FILTERS = ("form", "drafter", "first_day", "last_day")


@dataclass(frozen=True)
class DueListPage:
    """One page of the due items with the counts of all."""

    found: due_list.DuePage
    page: int

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def pages(self) -> int:
        return page_count(self.total, PAGE_SIZE)


@blueprint.get("")
def index() -> str | AnyResponse:
    """List what the person may do, or everything, the longest overdue first."""
    which, narrowed = _asked()
    number = requested_page()
    found = _found(which, narrowed, start=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    page = DueListPage(found, number)
    query: dict[str, Any] = ({"which": which} if which else {}) | narrowed
    # the list may have become shorter since the link was made
    if page.page > page.pages:
        return redirect(url_for("due.index", **query, page=page.pages))
    return render_template(
        "cases/due.html",
        page=page,
        which=which,
        narrowed=_filters_in_words(narrowed),
        other_page=partial(url_for, "due.index", **query),
        export_address=url_for("due.export", **query),
        answerable={
            due.after.id for due in found.dues if struck_steps.may_strike_off(who(), due.after.authority)
        },
        me=who().account.id,
    )


def _asked() -> tuple[str, dict[str, str]]:
    """Return which list is asked for, and the filters of the address."""
    which = request.args.get("which", MINE)
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    narrowed = {name: text for name, text in asked.items() if text}
    return which if which in (ALL, OPEN) else MINE, narrowed


def _found(which: str, narrowed: dict[str, str], *, start: int, limit: int) -> due_list.DuePage:
    if narrowed or which == OPEN:
        wanted = due_list.DueFilter(**narrowed)
        return due_list.filtered_dues(ports(), who(), wanted, start=start, limit=limit)
    until = ports().clock.today() + LOOK_AHEAD
    return due_list.due_list(ports(), who(), until, start=start, limit=limit, mine=which == MINE)


@blueprint.get("/export.xlsx")
def export() -> AnyResponse:
    """Return the due items of a list, all pages, as a workbook."""
    which, narrowed = _asked()
    found = _found(which, narrowed, start=0, limit=list_sheets.MOST_COMPUTED)
    return list_workbook(list_sheets.dues_sheet(ports(), who(), found.dues, found.total))


def _filters_in_words(narrowed: Mapping[str, str]) -> list[str]:
    """Return what the list is narrowed to, in the words of the page."""
    titles = {
        state.form: DefinitionText(state.form, state.title) for state in ports().definitions.form_states()
    }
    names = details.display_names(ports()) if "drafter" in narrowed else {}
    words: dict[str, Callable[[str], str]] = {
        "form": lambda text: titles.get(text, text),
        "drafter": lambda text: str(_("承办人%(name)s", name=names.get(text, text))),
        "first_day": lambda text: str(_("%(day)s起", day=day(text))),
        "last_day": lambda text: str(_("到%(day)s", day=day(text))),
    }
    return [words[name](text) for name, text in narrowed.items()]


@blueprint.get("/strike-off")
def strike_off_page() -> AnyResponse:
    return _strike_off_page(_chosen(request.args.getlist("step")), "", [])


@blueprint.post("/strike-off")
def strike_off() -> AnyResponse:
    """Strike off the chosen steps with one reason."""
    chosen, reason = _chosen(request.form.getlist("step")), request.form.get("reason", "")
    try:
        acts = struck_steps.strike_off(ports(), who(), chosen, reason)
    except InputRefused as refused:
        return _strike_off_page(chosen, reason, as_problems(refused))
    flash(_("已销项 %(n)s 项。", n=len(chosen)))
    if len(acts) == 1:
        return redirect(url_for("cases.show", act_id=acts[0].id), 303)
    return redirect(url_for("due.index"), 303)


def _strike_off_page(chosen: Sequence[ChosenStep], reason: str, problems: Sequence[Problem]) -> AnyResponse:
    try:
        dues = struck_steps.chosen_dues(ports(), who(), chosen)
    except Conflict as conflict:
        dues, problems = [], as_problems(conflict)
    return form_page(
        "cases/strike_off.html", problems, dues=dues, reason=reason, limit=process_limits().reason_characters
    )


def _chosen(values: Sequence[str]) -> list[ChosenStep]:
    """Return the steps that checkboxes name: act, step, items."""
    parts = [(*value.split(":", 2), "", "")[:3] for value in dict.fromkeys(values)]
    return [
        ChosenStep(act, step, tuple(item for item in items.split(",") if item)) for act, step, items in parts
    ]
