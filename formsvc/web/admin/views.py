"""What an administrator keeps: the index, form definitions with their faults, settings; the rest is attached here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import Right
from formsvc.domain.fields import FIELD_TYPES
from formsvc.errors import FormsvcError, NotFound, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases import definitions as publishing
from formsvc.usecases.administration import accounts as administration
from formsvc.usecases.administration import local_rules, records
from formsvc.usecases.maintenance import backups
from formsvc.web.admin import event_log as admin_journal
from formsvc.web.admin import maintenance
from formsvc.web.admin import people as admin_people
from formsvc.web.admin import records as admin_records
from formsvc.web.admin import retention as admin_retention
from formsvc.web.admin import tokens as admin_tokens
from formsvc.web.context import ports, who
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
blueprint.register_blueprint(admin_people.blueprint)
blueprint.register_blueprint(admin_tokens.blueprint)
blueprint.register_blueprint(admin_journal.blueprint)
blueprint.register_blueprint(maintenance.blueprint)
blueprint.register_blueprint(admin_retention.blueprint)
blueprint.register_blueprint(admin_records.blueprint)


@blueprint.before_request
def only_administrators() -> None:
    """Everything under /admin takes the right of an administrator."""
    who().account.require(Right.ADMINISTER, "")


@blueprint.app_template_filter()
def pairs(choices: Iterable[Any]) -> list[tuple[str, Any]]:
    """Code and name of what a field offers."""
    return [(choice.value, choice.label) for choice in choices]


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What there is to keep, how much of it, and what needs a look."""
    counts = {name: len(records.list_records(ports(), name)) for name in records.RECORD_KINDS}
    return render_template(
        "admin/index.html",
        kinds=admin_records.KINDS,
        counts=counts,
        backups=backups.get_status(ports()),
        people=len([account for account in administration.list_accounts(ports()) if account.active]),
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
    """Every form: whether it serves, and what is wrong with what lies in the folder."""
    states = ports().definitions.form_states()
    shown = {state.form for state in states}
    loose = [
        fault
        for fault in ports().definitions.faults()
        if fault.file.split("/")[-1].split(".")[0] not in shown
    ]
    return render_template("admin/definitions.html", states=states, loose=loose)


@blueprint.get("/definitions/<form>")
def definition(form: str) -> ResponseReturnValue:
    """One form: its faults, its fields, and how many acts stand on it."""
    state = next((state for state in ports().definitions.form_states() if state.form == form), None)
    if state is None:
        raise NotFound(msg("没有“{form}”这种文书。", form=form), msg("请从列表中选择。"))
    acts = publishing.count_acts_of_form(ports().store, form)
    return render_template("admin/definition.html", state=state, acts=acts, kinds=FIELD_TYPES)


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    """What the law leaves open, and what this office decided."""
    return _settings_page({rule.code: rule.value for rule in local_rules.local_rules(ports())}, [])


@blueprint.post("/settings")
def keep_settings() -> ResponseReturnValue:
    """Keep the office's decisions."""
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
    page = render_template(
        "admin/settings.html",
        rules=local_rules.local_rules(ports()),
        typed=typed,
        problems=problems,
        errors=messages_by_field(problems),
    )
    return make_response(page, 422 if problems else 200)
