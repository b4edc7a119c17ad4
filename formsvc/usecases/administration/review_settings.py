"""Which kinds of document this office has reviewed and signed off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.review_steps import REVIEW_STEPS, ReviewSteps, review_steps
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.administration import office_settings
from formsvc.usecases.context import Actor, Ports

# steps as a form sends them; the key is also the value of the choice
CHOICES: Mapping[str, tuple[str, ReviewSteps]] = {
    "both": (msg("先审核，再签发"), ReviewSteps(legal_review=True, approval=True)),
    "review": (msg("只审核，不签发"), ReviewSteps(legal_review=True, approval=False)),
    "approval": (msg("只签发，不审核"), ReviewSteps(legal_review=False, approval=True)),
    "none": (msg("提交后直接编号、记录"), ReviewSteps(legal_review=False, approval=False)),
}


@dataclass(frozen=True)
class ReviewSetting:
    """The steps of one kind of document, as shipped and as decided."""

    form: str
    title: str
    steps: ReviewSteps
    shipped: ReviewSteps
    law: str = ""
    source: str = ""
    decided_on: str = ""
    decided_by: str = ""

    @property
    def choice(self) -> str:
        return choice_of(self.steps)

    @property
    def shipped_choice(self) -> str:
        return choice_of(self.shipped)


def choice_of(steps: ReviewSteps) -> str:
    return next(key for key, (_name, offered) in CHOICES.items() if offered == steps)


def list_review_settings(ports: Ports) -> list[ReviewSetting]:
    settings = office_settings.get_settings(ports)
    decided = settings.get(REVIEW_STEPS) or {}
    found = []
    for form, revision in sorted(ports.definitions.current().items()):
        definition, about = revision.definition, decided.get(form) or {}
        found.append(
            ReviewSetting(
                form,
                DefinitionText(form, definition.title),
                review_steps(definition, settings),
                review_steps(definition, {}),
                definition.review_law,
                str(about.get("source") or ""),
                str(about.get("on") or ""),
                str(about.get("by") or ""),
            )
        )
    return found


def save_review_settings(ports: Ports, actor: Actor, typed: Mapping[str, str]) -> list[ReviewSetting]:
    """Save what was chosen for each form; return the changed ones.

    ``<form>`` is one of CHOICES, ``<form>-source`` what the decision rests on: required where it differs from
    what is shipped. Acts already submitted go on as they are. Raise InputRefused.
    """
    actor.account.require(Right.ADMINISTER, "")
    problems: list[Problem] = []
    changed: list[ReviewSetting] = []
    decisions = dict(office_settings.get_settings(ports).get(REVIEW_STEPS) or {})
    for setting in list_review_settings(ports):
        chosen = typed.get(setting.form, setting.choice)
        source = typed.get(f"{setting.form}-source", setting.source).strip()
        if chosen == setting.choice and source == setting.source:
            continue
        problem = _problem(setting, chosen, source)
        if problem is not None:
            problems.append(problem)
            continue
        steps = CHOICES[chosen][1]
        changed.append(setting)
        decisions[setting.form] = {
            "legal_review": steps.legal_review,
            "approval": steps.approval,
            "on": ports.clock.today().isoformat(),
            "by": actor.account.display_name,
            "source": source,
        }
    if problems:
        raise InputRefused(problems)
    if changed:
        office_settings.save_settings(ports, actor, {REVIEW_STEPS: decisions})
    return changed


def _problem(setting: ReviewSetting, chosen: str, source: str) -> Problem | None:
    if chosen not in CHOICES:
        return Problem(setting.form, msg("请选择《{title}》的审核和签发。", title=setting.title))
    steps = CHOICES[chosen][1]
    if setting.law and not steps.legal_review:
        return Problem(
            setting.form,
            msg("《{title}》依法应当法制审核，不能取消。", title=setting.title),
            msg("请保留审核。"),
            setting.law,
        )
    if steps != setting.shipped and len(source) < 2:
        return Problem(
            f"{setting.form}-source",
            msg("《{title}》与随系统提供的不同，请写明核定依据（谁以什么文件核定）。", title=setting.title),
        )
    return None


def steps_of(ports: Ports, definition: FormDefinition) -> ReviewSteps:
    """Return the steps an act of the form takes in this office now."""
    return review_steps(definition, office_settings.get_settings(ports))
