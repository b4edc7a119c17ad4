"""公开版: the document of an issued act without anybody's identity number, telephone or home address."""

from __future__ import annotations

import re

from formsvc.domain.acts.act import State
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.errors import TransitionRefused
from formsvc.i18n.messages import msg
from formsvc.usecases import circumstances as surroundings
from formsvc.usecases import event_log as history
from formsvc.usecases.access import visible_act
from formsvc.usecases.acts.access_log import personal
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import WordTags


def public_copy(ports: Ports, who: Actor, act_id: str) -> tuple[bytes, str]:
    """A PDF to be published, and a file name. The kept document stays as it is; this one is made when asked for.

    Raises NotFound, TransitionRefused before issue and after voiding, RenderingFailed.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
        revision = ports.definitions.revision(act.revision)
        around = surroundings.circumstances(ports, tx, revision.definition)
    if act.status not in (State.ISSUED, State.SERVED):
        raise TransitionRefused(act.state_name, msg("制作公开版"), [])
    context = document_context(revision.definition, personal(ports, act).masked(), act.number, around)
    author = str(act.answers.get("issuer_name") or "")
    tags = WordTags(msg("{title}（公开版）", title=act.title), author, act.number, act.dated)
    word = ports.renderer.word(ports.definitions.template(revision), context, tags)
    pdf = ports.renderer.pdf(word, tags, mark=str(msg("公开版")))
    with ports.store.write() as tx:
        history.record_event(tx, ports.clock, who, act.id, "PublicCopyMade")
    name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{act.title}_{act.number}".strip("_"))
    return pdf, f"{name}_公开版.pdf"
