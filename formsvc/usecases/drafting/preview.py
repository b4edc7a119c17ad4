"""Previews (样张): an act as it would print before it has a number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from formsvc.domain.acts.act import NUMBERED_STATES, STATE_NAMES
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.errors import TransitionRefused
from formsvc.i18n.messages import msg
from formsvc.usecases.access import reader_of, visible_act
from formsvc.usecases.circumstances import load_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.drafting.drafts import PENDING_NUMBER
from formsvc.usecases.drafting.rendering import fill_template
from formsvc.usecases.ports import DocumentMetadata


@dataclass(frozen=True)
class Preview:
    """Everything a preview is made of."""

    revision: Revision
    context: Mapping[str, Any]
    tags: DocumentMetadata
    values: Mapping[str, Any]
    # what the document must show, by label
    answers: Mapping[str, Sequence[Any]]

    @property
    def fingerprint(self) -> str:
        """Return the cache key: equal for every act that gives the same document."""
        parts = [self.revision.template_for(self.values), self.context, asdict(self.tags)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def pdf(self, ports: Ports) -> bytes:
        """Render the PDF. Raise RenderingFailed."""
        template = ports.definitions.template(self.revision, self.values)
        word = fill_template(ports, template, self.context, self.tags, self.answers)
        return ports.renderer.pdf(word, self.tags)


def preview_of(ports: Ports, actor: Actor, act_id: str) -> Preview:
    """Return the preview of an act.

    Raise NotFound, and TransitionRefused once there is a final document.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
        if act.status in NUMBERED_STATES:
            raise TransitionRefused(STATE_NAMES[act.status], msg("预览"), [msg("打开正式文件")])
        revision = ports.definitions.revision(act.revision)
        circumstances = load_circumstances(ports, tx, revision.definition, reader_of(actor, act))
    evaluation = evaluate(revision.definition, act.answers, circumstances, complete=False)
    context = document_context(
        revision.definition, evaluation.values, act.number or PENDING_NUMBER, circumstances
    )
    author = revision.definition.roles.text(evaluation.values, "issuer")
    tags = DocumentMetadata(title=act.title, author=author)
    # an unfinished form may hide what depends on an answer still missing
    answers = printed_answers(revision.definition, context) if evaluation.is_sound else {}
    return Preview(revision, context, tags, evaluation.values, answers)
