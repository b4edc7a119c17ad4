"""Redacted copies (公开版), without personal data."""

from __future__ import annotations

import re

from formsvc.domain.acts.act import State
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.errors import TransitionRefused
from formsvc.i18n.messages import msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.acts.access_log import personal_answers
from formsvc.usecases.circumstances import load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.rendering import fill_template, without_pictures
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import DocumentMetadata


def render_redacted_copy(ports: Ports, actor: Actor, act_id: str) -> tuple[bytes, str]:
    """Return a PDF for publication, and a file name. It is not stored.

    Raise NotFound, RenderingFailed, and TransitionRefused before issue and after voiding.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
        revision = ports.definitions.revision(act.revision)
        circumstances = load_circumstances(ports, tx, revision.definition, None)
    if act.status not in (State.ISSUED, State.SERVED):
        raise TransitionRefused(act.state_name, msg("制作公开版"), [])
    masked = personal_answers(ports, act).masked()
    context = document_context(revision.definition, masked, act.number, circumstances)
    # faces and signatures are personal, too
    context = {key: without_pictures(value) for key, value in context.items()}
    author = revision.definition.roles.text(act.answers, "issuer")
    tags = DocumentMetadata(msg("{title}（公开版）", title=act.title), author, act.number, act.dated)
    answers = printed_answers(revision.definition, context)
    word = fill_template(ports, ports.definitions.template(revision, act.answers), context, tags, answers)
    pdf = ports.renderer.pdf(word, tags, mark=str(msg("公开版")))
    # the copy itself is not stored; the log says that there is one
    with ports.store.write() as tx:
        record_event(tx, ports.clock, actor, act.id, "PublicCopyMade")
    name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{act.title}_{act.number}".strip("_"))
    return pdf, f"{name}_公开版.pdf"
