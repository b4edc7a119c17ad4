"""Paper for the door: a draft with ruled blanks and a reserved number."""

from __future__ import annotations

from dataclasses import replace

from formsvc.domain.acts.act import Act
from formsvc.domain.evaluation.blanks import with_blanks
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import own_draft
from formsvc.usecases.drafting.rendering import fill_template
from formsvc.usecases.numbering.reserved_numbers import PICK_ANOTHER, list_reserved_for_act
from formsvc.usecases.numbering.rows import NumberRow
from formsvc.usecases.ports import DocumentMetadata

NUMBER_BLANK = "________"


def numbers_for_paper(ports: Ports, act: Act) -> list[NumberRow]:
    """Return the reserved numbers that a draft may bear; none without issuer."""
    if not ports.definitions.revision(act.revision).definition.numbering.is_numbered:
        return []
    return list_reserved_for_act(ports, replace(act, dated=act.dated or ports.clock.today().isoformat()))


def blank_paper(ports: Ports, actor: Actor, act_id: str, number: str = "") -> bytes:
    """Return the PDF of one's own draft to be completed by hand.

    ``number`` is the key of a reserved number; without one its place is blank. Nothing is recorded: the number is
    used when the act is issued with it. Raise FormsvcError if the number is not reserved for such an act.
    """
    with ports.store.read() as tx:
        act = own_draft(tx, actor, act_id)
    revision = ports.definitions.revision(act.revision)
    definition = revision.definition
    rows = {row["id"]: row["text"] for row in numbers_for_paper(ports, act)} if number else {}
    if number and number not in rows:
        raise FormsvcError(msg("这个文号没有领用给这种文书，不能印在空白文书上。"), PICK_ANOTHER)
    circumstances = get_circumstances(ports, definition, actor)
    evaluation = evaluate(definition, act.answers, circumstances, complete=False)
    shown_number = rows.get(number, NUMBER_BLANK)
    context = document_context(definition, evaluation.values, shown_number, circumstances)
    tags = DocumentMetadata(act.title, definition.roles.text(evaluation.values, "issuer"))
    template = ports.definitions.template(revision, evaluation.values)
    blanks = with_blanks(definition, context, evaluation.visible)
    return ports.renderer.pdf(fill_template(ports, template, blanks, tags, {}), tags)
