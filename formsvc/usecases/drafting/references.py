"""Earlier documents that the references of a form may name."""

from __future__ import annotations

from formsvc.domain.acts.act import Act, State
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.usecases.acts.search import ActFilters, list_acts
from formsvc.usecases.context import Actor, Ports


def list_referable(ports: Ports, actor: Actor, definition: FormDefinition) -> dict[str, list[Act]]:
    """Return the documents that each reference field may name, newest first.

    At most one page of each form: they are suggestions, any other number can be typed.
    """
    forms = {f.key: f.referable for f in definition.fields if f.kind == "reference" and f.refers_to}
    # several fields may refer to the same form: each form is searched once
    wanted = sorted({form for referable in forms.values() for form in referable})
    by_form = {form: _numbered(ports, actor, form) for form in wanted}
    return {key: [act for form in referable for act in by_form[form]] for key, referable in forms.items()}


def _numbered(ports: Ports, actor: Actor, form: str) -> list[Act]:
    found = list_acts(ports, actor, ActFilters(form=form)).acts
    return [act for act in found if act.number and act.state != State.VOID.value]
