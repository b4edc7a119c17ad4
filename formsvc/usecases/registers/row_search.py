"""Rows of a register as people look for them: lists, searches, one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from formsvc.domain.paging import page_count
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import (
    DUPLICATE_SLOTS,
    ProjectedRow,
    RowState,
    slot_of,
    sort_text,
    text_in_slot,
)
from formsvc.domain.registers.row_rules import RowView
from formsvc.domain.search_text import query_words
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Record, Transaction
from formsvc.usecases.registers.row_index import bring_up_to_date
from formsvc.usecases.registers.row_owners import part_condition, read_visible, visible_audiences
from formsvc.usecases.registers.row_privacy import load_rows, with_traced

PAGE_SIZE = 50
# rows with the words of a search that a page counts and leads to; more words find the others
MOST_FOUND = 1_000
# views that every register has, besides those its definition names
ALL, DUPLICATES, LACKING, ENDED, PLANNED = "all", "duplicates", "lacking", "ended", "planned"
_USED_WORDS = 5


@dataclass(frozen=True)
class RowFilters:
    """Filters of a list of rows. Empty means any.

    ``view`` is the name of a view that all registers have, or the number of one of the definition.
    """

    view: str = ALL
    text: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool | None = None
    page: int = 1


@dataclass(frozen=True)
class PageSize:
    """Rows of a page, and how all are counted.

    ``most`` limits what a search counts, ``total`` is the count if it is known.
    """

    limit: int = PAGE_SIZE
    most: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class RowPage:
    """One page of rows and the number of all that match.

    ``has_more`` says that more match than were counted.
    """

    rows: list[ProjectedRow]
    total: int
    page: int
    has_more: bool = False

    @property
    def pages(self) -> int:
        return page_count(self.total, PAGE_SIZE)


def get_register(ports: Ports, register: str) -> RegisterDefinition:
    """Return a register in use. Raise NotFound."""
    found = ports.definitions.registers().get(register)
    if found is None:
        raise NotFound(
            msg("没有登记簿“{register}”。", register=register),
            msg("请管理员核对 form_definitions/registers 文件夹。"),
        )
    return found


def find_rows(ports: Ports, actor: Actor, register: str, query: str, limit: int = 20) -> list[ProjectedRow]:
    """Return rows in force that have each word of the query."""
    return list_page(ports, actor, register, RowFilters(text=query), limit=limit).rows


def read_row(ports: Ports, actor: Actor, register: str, row: str) -> ProjectedRow:
    """Return a row in force, ended or planned. Raise NotFound."""
    definition = get_register(ports, register)
    bring_up_to_date(ports, definition)
    with ports.store.read() as tx:
        return with_traced(ports, tx, require_row(tx, actor, definition, row))


def require_row(tx: Transaction, actor: Actor, register: RegisterDefinition, row: str) -> ProjectedRow:
    """Return a row as the person sees it. Raise NotFound if they see none."""
    found = read_visible(tx, actor, register.id, row)
    if found is None:
        raise NotFound(
            msg("“{title}”里没有这一行。", title=register.title), msg("它可能已被撤回，请回到列表查找。")
        )
    return found


def list_page(
    ports: Ports,
    actor: Actor,
    register: str,
    filters: RowFilters,
    *,
    limit: int = PAGE_SIZE,
    most: int | None = None,
    total: int | None = None,
) -> RowPage:
    """Return a page of the rows that the person may see.

    ``most`` limits what a search counts, ``total`` is the count if it is known. Raise NotFound for an unknown register.
    """
    definition = get_register(ports, register)
    bring_up_to_date(ports, definition)
    with ports.store.read() as tx:
        return read_page(ports, tx, actor, definition, filters, PageSize(limit, most, total))


def read_page(
    ports: Ports,
    tx: Transaction,
    actor: Actor,
    register: RegisterDefinition,
    filters: RowFilters,
    size: PageSize,
) -> RowPage:
    """Return a page of the rows that are stored, as ``list_page`` does."""
    limit, total = size.limit, size.total
    slot, descending = order_of(register, filters)
    number = max(filters.page, 1)
    audiences = visible_audiences(tx, actor, register.id)
    conditions = conditions_of(register, filters, ports.clock.today(), audiences)
    counted = size.most + 1 if size.most is not None and query_words(filters.text) else None
    if total is None:
        total = tx.register_rows.count(*conditions, limit=counted)
    has_more = counted is not None and total == counted
    total -= has_more
    start = (number - 1) * limit
    stop = min(start + limit, total)
    # the last pages are read from the end
    from_end = start > total // 2 and not has_more
    records = (
        tx.register_rows.find(
            *conditions,
            order=slot,
            descending=descending is not from_end,
            offset=total - stop if from_end else start,
            limit=stop - start,
        )
        if start < stop
        else []
    )
    rows = load_rows(ports, tx, reversed(records) if from_end else records)
    return RowPage(rows, total, number, has_more)


def rows_beginning_with(
    ports: Ports, actor: Actor, register: RegisterDefinition, query: str, *, limit: int
) -> list[ProjectedRow]:
    """Return matching rows in force whose name begins with the first word.

    The rows must be up to date. There are none for a register whose lists are not sorted by name.
    """
    words, slot = query_words(query), slot_of(register, register.name_column)
    if not words or not slot.startswith("s"):
        return []
    begin = sort_text(words[0], by_pinyin=register.name_column in register.spelt_columns)
    begin = begin.removesuffix(words[0]) or begin
    with ports.store.read() as tx:
        audiences = visible_audiences(tx, actor, register.id)
        conditions = conditions_of(register, RowFilters(text=query), ports.clock.today(), audiences)
        bounds = Condition(slot, ">=", begin), Condition(slot, "<", f"{begin}\U0010ffff")
        records = tx.register_rows.find(*conditions, *bounds, order=slot, limit=limit)
        return load_rows(ports, tx, records)


def order_of(register: RegisterDefinition, filters: RowFilters) -> tuple[str, bool]:
    """Return the stored field to sort by, and whether from the greatest."""
    keys = register.sorted_columns
    column = filters.sort if filters.sort in keys else keys[0]
    usual = register.source.newest_first and column == keys[0]
    return f"s{keys.index(column) + 1}", usual if filters.descending is None else filters.descending


def conditions_of(
    register: RegisterDefinition, filters: RowFilters, today: date, audiences: tuple[str, ...]
) -> list[Condition]:
    """Return the conditions of a list for everybody and these audiences."""
    conditions = view_conditions(register, filters.view, today, audiences)
    conditions += [
        _column_condition(register, column, value)
        for column, value in filters.columns.items()
        if value and column in register.source.filters
    ]
    words = query_words(filters.text)[:_USED_WORDS]
    return conditions + [Condition("search", "includes", word) for word in words]


def _column_condition(register: RegisterDefinition, key: str, value: str) -> Condition:
    column = register.column(key)
    # several choices are one text
    op = "contains" if column is not None and column.kind == "choices" else "=="
    return Condition(slot_of(register, key), op, value)


def view_conditions(
    register: RegisterDefinition, view: str, today: date, audiences: tuple[str, ...]
) -> list[Condition]:
    """Return the conditions of a view; of an unknown one those of all rows."""
    state = {ENDED: RowState.ENDED, PLANNED: RowState.PLANNED}.get(view, RowState.CURRENT)
    part = part_condition(register.id, state, audiences)
    if view == DUPLICATES:
        return [part, Condition("duplicate", ">", "")]
    if view == LACKING:
        return [part, Condition("lacking", "==", "1")]
    own = register.source.views
    if view.isascii() and view.isdigit() and int(view) < len(own):
        return [part, *_own_conditions(register, own[int(view)], today)]
    return [part]


def _own_conditions(register: RegisterDefinition, view: RowView, today: date) -> list[Condition]:
    slot = slot_of(register, view.column)
    if view.empty:
        return [Condition(slot, "==", "")]
    if view.before_this_year:
        return [Condition(slot, "<", text_in_slot(slot, f"{today.year}-01-01"))]
    if view.within_days is not None:
        until = (today + timedelta(days=view.within_days)).isoformat()
        return [Condition(slot, ">", ""), Condition(slot, "<=", text_in_slot(slot, until))]
    return [Condition(slot, "in", [text_in_slot(slot, value) for value in view.values])]


def duplicate_groups(ports: Ports, actor: Actor, register: str) -> list[ProjectedRow]:
    """Return doubtful duplicates, those that look alike next to each other."""
    definition = get_register(ports, register)
    bring_up_to_date(ports, definition)
    with ports.store.read() as tx:
        audiences = visible_audiences(tx, actor, register)
        conditions = view_conditions(definition, DUPLICATES, ports.clock.today(), audiences)
        records = tx.register_rows.find(*conditions, order="duplicate", limit=PAGE_SIZE)
        known = Counter(record["duplicate"] for record in records)
        alone = [record for record in records if known[record["duplicate"]] == 1]
        part = part_condition(register, RowState.CURRENT, audiences)
        partners = [partner for record in alone for partner in _partners(tx, part, record)]
        return load_rows(ports, tx, sorted([*records, *partners], key=lambda record: record["duplicate"]))


def _partners(tx: Transaction, part: Condition, record: Record) -> list[Record]:
    """Return rows that look like one and are not marked themselves.

    Not all who see them see the marked one.
    """
    text = record["duplicate"]
    slots = [slot for slot in DUPLICATE_SLOTS if record[slot] == text]
    found = (each for slot in slots for each in tx.register_rows.find(part, Condition(slot, "==", text)))
    return [{**each, "duplicate": text} for each in found if each["row"] != record["row"]]
