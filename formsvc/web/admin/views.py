"""Administration: index, form definitions, settings, sub-blueprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import Right
from formsvc.domain.fields import FIELD_TYPES
from formsvc.errors import Fault, FormsvcError, NotFound, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.administration import accounts, local_rules, records, sign_in
from formsvc.usecases.maintenance import backups
from formsvc.usecases.revisions import count_acts_of_form
from formsvc.usecases.set_up.steps import set_up_steps
from formsvc.usecases.statistics.office_views import view_faults
from formsvc.web.admin import (
    event_log,
    getting_started,
    holidays,
    maintenance,
    people,
    retention,
    review_settings,
    tokens,
)
from formsvc.web.admin import records as record_views
from formsvc.web.context import office_calendar, ports, who
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
blueprint.register_blueprint(getting_started.blueprint)
blueprint.register_blueprint(people.blueprint)
blueprint.register_blueprint(tokens.blueprint)
blueprint.register_blueprint(event_log.blueprint)
blueprint.register_blueprint(maintenance.blueprint)
blueprint.register_blueprint(retention.blueprint)
blueprint.register_blueprint(holidays.blueprint)
blueprint.register_blueprint(review_settings.blueprint)
blueprint.register_blueprint(record_views.blueprint)


@blueprint.before_request
def require_administrator() -> None:
    who().account.require(Right.ADMINISTER, "")


@blueprint.app_template_filter()
def pairs(choices: Iterable[Any]) -> list[tuple[str, Any]]:
    """Return value and label of WTForms choices."""
    return [(choice.value, choice.label) for choice in choices]


@blueprint.get("")
def index() -> ResponseReturnValue:
    counts = {name: len(records.list_records(ports(), name)) for name in records.RECORD_KINDS}
    steps = set_up_steps(ports())
    return render_template(
        "admin/index.html",
        left=[step for step in steps if step.needed and not step.is_done],
        kinds=record_views.KINDS,
        counts=counts,
        backups=backups.get_status(ports()),
        missing_years=office_calendar().missing_years(
            (ports().clock.today().year, ports().clock.today().year + 1)
        ),
        held_back=list(dict.fromkeys(f.file for f in _unassigned_faults() if f.level == "error")),
        people=len([account for account in accounts.list_accounts(ports()) if account.active]),
        forms=ports().definitions.form_states(),
        faulty=len(
            [
                state
                for state in ports().definitions.form_states()
                if any(f.level == "error" for f in state.faults)
            ]
        ),
    )


@blueprint.get("/definitions")
def definitions() -> ResponseReturnValue:
    """Show every form's state and the faults in the definitions folder."""
    states = ports().definitions.form_states()
    return render_template("admin/definitions.html", states=states, unassigned=_unassigned_faults())


def _unassigned_faults() -> list[Fault]:
    """Return the faults of files that belong to no form listed.

    A file that cannot be read has no form.
    """
    listed = {state.form for state in ports().definitions.form_states()}
    faults = [f for f in ports().definitions.faults() if f.file.split("/")[-1].split(".")[0] not in listed]
    return faults + view_faults(ports())


@blueprint.get("/definitions/<form>")
def definition(form: str) -> ResponseReturnValue:
    state = next((state for state in ports().definitions.form_states() if state.form == form), None)
    if state is None:
        raise NotFound(msg("没有“{form}”这种文书。", form=form), msg("请从列表中选择。"))
    acts = count_acts_of_form(ports().store, form)
    return render_template("admin/definition.html", state=state, acts=acts, kinds=FIELD_TYPES)


@blueprint.post("/second-factor")
def switch_second_factor() -> ResponseReturnValue:
    """Begin or cease to ask approvers and administrators for a code."""
    sign_in.switch_second_factor(ports(), who(), on=request.form.get("on") == "1")
    return redirect(url_for("admin.people.index"), 303)


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    """Show what the law leaves open, and what this office decided."""
    return _settings_page({rule.code: rule.value for rule in local_rules.local_rules(ports())}, [])


@blueprint.post("/settings")
def save_settings() -> ResponseReturnValue:
    try:
        changed = local_rules.save_decisions(ports(), who(), request.form)
    except FormsvcError as refused:
        return _settings_page(request.form.to_dict(), as_problems(refused))
    if changed:
        flash(_("已修改：%(names)s", names=format_list(rule.name for rule in changed)))
    else:
        flash(_("没有改动。"))
    return redirect(url_for("admin.settings"), 303)


def _settings_page(typed: Mapping[str, object], problems: list[Problem]) -> AnyResponse:
    return form_page(
        "admin/settings.html",
        problems,
        rules=local_rules.local_rules(ports()),
        typed=typed,
    )
