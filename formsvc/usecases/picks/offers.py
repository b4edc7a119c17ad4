"""Rows of a register offered to a draft, and what a chosen row fills in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from formsvc.domain.acts.act import Act
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.fields.field import OverdueRows, Pick
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import translatable_cell
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import has_personal_data, masked_row
from formsvc.domain.registers.projection import ProjectedRow, RowState
from formsvc.domain.search_text import fold_text, query_words
from formsvc.errors import NotFound
from formsvc.i18n.messages import FORM_CONTEXT, DefinitionText, Message, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import own_draft
from formsvc.usecases.event_log import record_event
from formsvc.usecases.picks.counted_documents import count_documents, counted_authorities
from formsvc.usecases.picks.row_contents import values_to_fill
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_owners import visible_part
from formsvc.usecases.registers.row_search import (
    ENDED,
    MOST_FOUND,
    RowFilters,
    get_register,
    list_page,
    read_row,
    rows_beginning_with,
)

SHOWN_OFFERS = 8
# ranked by name before they are cut
_COMPARED_OFFERS = 40
_SHOWN_ENDED = 2


@dataclass(frozen=True)
class Offer:
    """A row that may be picked, as a person sees it: personal data masked.

    ``facts`` are what matters about it; ``warnings`` what matters more.
    """

    row: str
    name: str
    details: tuple[str, ...]
    facts: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class OfferPage:
    """Offers for a query, and how many rows match it, or more than so many."""

    field: Field
    pick: Pick
    register: RegisterDefinition
    offers: tuple[Offer, ...]
    total: int
    has_more: bool = False


def pick_of(definition: FormDefinition, key: str) -> tuple[Field, Pick]:
    """Return a field and its pick. Raise NotFound if it has none."""
    entry = definition.field(key)
    if entry is None or entry.key != key or entry.pick is None:
        raise NotFound(msg("这一项不是从登记簿选的。"), msg("请回到草稿填写。"))
    return entry, entry.pick


def find_offers(ports: Ports, actor: Actor, act_id: str, key: str, query: str) -> OfferPage:
    """Return the rows that a person may pick into a draft of theirs.

    Rows in force come first, those whose name begins with the query before others.
    """
    with ports.store.read() as tx:
        act = own_draft(tx, actor, act_id)
    definition = ports.definitions.revision(act.revision).definition
    entry, pick = pick_of(definition, key)
    register = get_register(ports, pick.register_name)
    filters = RowFilters(text=query)
    page = list_page(ports, actor, register.id, filters, limit=_COMPARED_OFFERS, most=MOST_FOUND)
    compared = {row.row: row for row in page.rows}
    if page.total > len(page.rows):
        first = rows_beginning_with(ports, actor, register, query, limit=SHOWN_OFFERS)
        compared |= {row.row: row for row in first}
    rows = sorted(compared.values(), key=lambda row: _rank(register, row, query))[:SHOWN_OFFERS]
    if query and len(rows) < SHOWN_OFFERS:
        ended = list_page(ports, actor, register.id, RowFilters(view=ENDED, text=query), limit=_SHOWN_ENDED)
        rows += ended.rows[: SHOWN_OFFERS - len(rows)]
    with ports.store.read() as tx:
        issuer = str(act.answers.get(definition.roles.key("issuer")) or "")
        authorities = counted_authorities(tx, actor, issuer)
        offers = tuple(_offer(ports, tx, actor, register, pick, row, authorities) for row in rows)
    return OfferPage(entry, pick, register, offers, page.total, page.has_more)


def _rank(register: RegisterDefinition, row: ProjectedRow, query: str) -> int:
    name = fold_text(register.name_of(row.values))
    words = query_words(query)
    if not words or name == words[0]:
        return 0
    return 1 if name.startswith(words[0]) else 2 if words[0] in name else 3


def _offer(
    ports: Ports,
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    pick: Pick,
    row: ProjectedRow,
    authorities: Collection[str],
) -> Offer:
    keys = dict.fromkeys([*filter(None, [register.source.subtitle_column]), *pick.shown])
    columns = [column for key in keys if (column := register.column(key))]
    shown = masked_row(register, row.values, row.traced)
    cells = (translatable_cell(register.id, column, shown.get(column.key)) for column in columns)
    facts, warnings = _facts(ports, tx, actor, register, pick, row, authorities)
    return Offer(
        row.row, register.name_of(row.values), tuple(filter(None, cells)), tuple(facts), tuple(warnings)
    )


def _facts(
    ports: Ports,
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    pick: Pick,
    row: ProjectedRow,
    authorities: Collection[str],
) -> tuple[list[Message | str], list[Message | str]]:
    facts: list[Message | str] = []
    warnings: list[Message | str] = []
    today = ports.clock.today()
    if pick.counted:
        name = register.name_of(row.values)
        counted = count_documents(tx, pick.counted.form, name, today.year, authorities)
        facts.append(DefinitionText(FORM_CONTEXT, pick.counted.text, {"n": counted}))
    facts.append(msg("{day} 更新", day=row.since))
    if row.state is RowState.ENDED:
        warnings.append(msg("已{word}", word=register.ending_word or msg("终止")))
    overdue = count_overdue(tx, actor, pick.overdue, row.values, today.isoformat()) if pick.overdue else 0
    if pick.overdue and overdue:
        warnings.append(DefinitionText(FORM_CONTEXT, pick.overdue.text, {"n": overdue}))
    return facts, warnings


def count_overdue(
    tx: Transaction, actor: Actor, rule: OverdueRows, values: Mapping[str, JSON], today: str
) -> int:
    """Return how many open rows of another register about a row are late."""
    wanted = {column: values.get(own) for column, own in rule.columns.items()}
    if any(is_empty(value) for value in wanted.values()):
        return 0
    words = [Condition("search", "contains", fold_text(str(value))) for value in wanted.values()]
    part = visible_part(tx, actor, rule.register_name, RowState.CURRENT)
    found = (record["values"] for record in tx.register_rows.find(part, *words))
    return sum(
        all(row.get(column) == value for column, value in wanted.items())
        and not any(row.get(column) in closed for column, closed in rule.closed.items())
        and "" < str(row.get(rule.day) or "") < today
        for row in found
    )


def take_row(
    ports: Ports, actor: Actor, act: Act, definition: FormDefinition, key: str, row: str
) -> dict[str, JSON]:
    """Return what a chosen row fills in. Raise NotFound.

    That the person saw personal data of it is logged.
    """
    _entry, pick = pick_of(definition, key)
    register = get_register(ports, pick.register_name)
    chosen = read_row(ports, actor, register.id, row)
    taken = values_to_fill(definition, pick, chosen.values)
    if has_personal_data(register, chosen.values, chosen.traced):
        note = msg("从“{title}”选用“{name}”", title=register.title, name=register.name_of(chosen.values))
        with ports.store.write() as tx:
            record_event(tx, ports.clock, actor, act.id, "Viewed", note=note)
    return taken
