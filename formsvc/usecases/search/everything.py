"""Search in documents and in one's own drafts."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.domain.acts.act import State
from formsvc.usecases.acts.search import ActFilters, ActPage, list_acts
from formsvc.usecases.context import Actor, Ports


@dataclass(frozen=True)
class SearchResult:
    """Documents and drafts that contain all words of a query."""

    acts: ActPage
    drafts: ActPage


def search_everything(ports: Ports, actor: Actor, text: str) -> SearchResult:
    return SearchResult(
        acts=list_acts(ports, actor, ActFilters(text=text)),
        drafts=list_acts(ports, actor, ActFilters(text=text, state=State.DRAFT.value)),
    )
