"""Search in documents, one's own drafts and the rows of registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formsvc.domain.acts.act import State
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.search_text import query_words
from formsvc.usecases.acts.search import ActFilters, ActPage, list_acts
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.registers.excel.row_export import may_view
from formsvc.usecases.registers.row_index import rebuild_all
from formsvc.usecases.registers.row_search import (
    MOST_FOUND,
    PageSize,
    RowFilters,
    RowPage,
    read_page,
)

SHOWN_ACTS, SHOWN_ROWS = 20, 8


@dataclass(frozen=True)
class SearchResult:
    """Documents, drafts and rows that contain all words of a query."""

    acts: ActPage
    drafts: ActPage
    rows: tuple[tuple[RegisterDefinition, RowPage], ...]


def search_everything(ports: Ports, actor: Actor, text: str) -> SearchResult:
    """Return what the person may see; registers without a match are left out."""
    brief = {"limit": SHOWN_ACTS, "most": MOST_FOUND}
    return SearchResult(
        acts=list_acts(ports, actor, ActFilters(text=text), **brief),
        drafts=list_acts(ports, actor, ActFilters(text=text, state=State.DRAFT.value), **brief),
        rows=tuple(_rows(ports, actor, text)) if may_view(actor) and query_words(text) else (),
    )


def _rows(ports: Ports, actor: Actor, text: str) -> Iterator[tuple[RegisterDefinition, RowPage]]:
    registers = ports.definitions.registers()
    rebuild_all(ports, registers)
    filters = RowFilters(text=text)
    with ports.store.read() as tx:
        for register in registers.values():
            page = read_page(ports, tx, actor, register, filters, PageSize(SHOWN_ROWS, MOST_FOUND))
            if page.total:
                yield register, page
