"""Lists of acts with filters, and the ledger (台账)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import NUMBERED_STATES, WAITING_STATES, Act, State
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.numbering.document_number import normalise_number, written_forms
from formsvc.domain.paging import page_count
from formsvc.domain.search_text import query_words
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import may_see
from formsvc.usecases.acts.access_log import log_view, personal_answers
from formsvc.usecases.acts.visible_acts import Page, find_visible
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.ports import Condition, Transaction

PAGE_SIZE = 50
# documents with the words of a search that a page counts and leads to
MOST_FOUND = 1_000
# as a filter of lists: issued, served or not
IN_FORCE = "in_force"
_IN_FORCE = (State.ISSUED, State.SERVED)


@dataclass(frozen=True)
class ActFilters:
    """Filters of a list of acts. Empty means any; dates are inclusive."""

    form: str = ""
    state: str = ""
    authority: str = ""
    text: str = ""
    dated_from: str = ""
    dated_to: str = ""
    own: bool = False
    page: int = 1


@dataclass(frozen=True)
class ActPage:
    """One page of acts, newest first, and the number of all matches.

    ``has_more`` says that more match than were counted.
    """

    acts: list[Act]
    total: int
    page: int
    has_more: bool = False

    @property
    def pages(self) -> int:
        return page_count(self.total, PAGE_SIZE)


def list_acts(
    ports: Ports, actor: Actor, filters: ActFilters, *, limit: int | None = PAGE_SIZE, most: int | None = None
) -> ActPage:
    """Return a page of the acts that the person may see.

    ``most`` limits what a search counts, ``limit`` None is no page but all.
    """
    conditions = _conditions(actor, filters)
    restricted = ports.definitions.confidential_forms()
    offset = (max(filters.page, 1) - 1) * PAGE_SIZE
    counted = most + 1 if most is not None and filters.text.strip() else None
    page = Page("created_at", descending=True, offset=offset, limit=limit, most=counted)
    with ports.store.read() as tx:
        if conditions is None:
            return ActPage([], 0, 1)

        records, total = find_visible(tx, actor, conditions, restricted, page)
        if not total and filters.text.strip():
            # acts of an older program, until their search texts are refreshed
            as_typed = Condition("search", "contains", _whole_number_or(filters.text))
            others = [each for each in conditions if each.field != "search"]
            records, total = find_visible(tx, actor, [*others, as_typed], restricted, page)
    # the conditions narrow by authority only; the rule itself is asked for each act
    acts = [Act.from_record(r) for r in records]
    has_more = counted is not None and total >= counted
    return ActPage(
        [a for a in acts if may_see(actor, a)],
        min(total, counted - 1) if counted else total,
        max(filters.page, 1),
        has_more,
    )


def _conditions(actor: Actor, filters: ActFilters) -> list[Condition] | None:
    """Return the conditions of a list; None if nothing can be in it."""
    words = word_conditions(filters.text)
    if filters.text.strip() and not words:
        return None
    # empty filters give no condition
    found = [
        Condition(field, op, value)
        for field, op, value in (
            ("form", "==", filters.form),
            ("state", "in", [state.value for state in _IN_FORCE] if filters.state == IN_FORCE else []),
            ("state", "==", filters.state if filters.state != IN_FORCE else ""),
            ("authority", "==", filters.authority),
            ("dated", ">=", filters.dated_from),
            ("dated", "<=", filters.dated_to),
        )
        if value
    ]
    found += words
    if filters.own or filters.state == State.DRAFT.value:
        return [*found, Condition("drafter", "==", actor.account.id)]
    if not filters.state:
        found.append(Condition("state", "!=", State.DRAFT.value))
    return restrict_to_rights(actor, found)


def word_conditions(text: str) -> list[Condition]:
    """Return the conditions that an act contains each word of a query."""
    return [Condition("search", "includes", word) for word in query_words(text)]


def _whole_number_or(text: str) -> str:
    try:
        return normalise_number(text).lower()
    except ValueError:
        return text.strip().lower()


def find_numbered(ports: Ports, actor: Actor, text: str) -> Act | None:
    """Return the act whose whole number was typed, None if there are several."""
    conditions = restrict_to_rights(actor, [Condition("number", "in", written_forms(text.strip()))])
    if conditions is None or not text.strip():
        return None
    restricted = ports.definitions.confidential_forms()
    with ports.store.read() as tx:
        records, _total = find_visible(tx, actor, conditions, restricted, Page("created_at", limit=3))
    acts = [act for act in map(Act.from_record, records) if may_see(actor, act)]
    return acts[0] if len(acts) == 1 else None


def restrict_to_rights(actor: Actor, conditions: list[Condition]) -> list[Condition] | None:
    """Narrow conditions to authorities the person may view; None if none."""
    if actor.account.is_admin or "*" in actor.account.roles:
        return conditions
    places = [place for place in actor.account.roles if actor.account.may(Right.VIEW, place)]
    return [*conditions, Condition("authority", "in", places)] if places else None


def list_drafts(ports: Ports, actor: Actor) -> list[Act]:
    """Return the person's own drafts, last changed first."""
    mine = (Condition("drafter", "==", actor.account.id), Condition("state", "==", State.DRAFT.value))
    with ports.store.read() as tx:
        return [Act.from_record(r) for r in tx.acts.find(*mine, order="updated_at", descending=True)]


def list_submitted(ports: Ports, actor: Actor) -> list[Act]:
    """Return the person's own acts that wait for others, oldest first."""
    states = [state.value for state in WAITING_STATES]
    mine = (Condition("drafter", "==", actor.account.id), Condition("state", "in", states))
    with ports.store.read() as tx:
        return [Act.from_record(r) for r in tx.acts.find(*mine, order="submitted_at")]


def list_due_acts(
    ports: Ports, actor: Actor, until: str, outside: Sequence[str] = (), *, limit: int | None = None
) -> tuple[list[Act], int]:
    """Return issued acts due by a day, soonest first, and how many there are.

    Forms in `outside` are left out; `limit` limits the acts, not the count.
    """
    wanted = [
        Condition("due", ">", ""),
        Condition("due", "<=", until),
        # named by the other states: few acts have such a day, and most are issued
        *(Condition("state", "!=", state.value) for state in State if state not in _IN_FORCE),
        *(Condition("form", "!=", form) for form in outside),
    ]
    conditions = restrict_to_rights(actor, wanted)
    if conditions is None:
        return [], 0
    restricted = ports.definitions.confidential_forms()
    with ports.store.read() as tx:
        found, total = find_visible(tx, actor, conditions, restricted, Page("due", limit=limit))
    return [Act.from_record(record) for record in found], total


def most_used_forms(ports: Ports, actor: Actor, count: int = 3) -> list[str]:
    with ports.store.read() as tx:
        tally = tx.acts.groups("form", Condition("drafter", "==", actor.account.id))
    return sorted(tally, key=lambda form: -tally[form])[:count]


def ledger(ports: Ports, form: str, *, plain: bool = False) -> tuple[FormDefinition, list[Act]]:
    """Return every numbered act of a form in the order of its numbers.

    Personal data are masked. With `plain` they are not, and each view is logged. Raise FormsvcError if
    any is confidential.
    """
    definition = ports.definitions.current_revision(form).definition
    with ports.store.read() as tx:
        acts = _numbered_acts(tx, form)
    if any(act.confidential for act in acts):
        raise FormsvcError(
            msg("《{title}》限定知悉范围，不能整本导出。", title=definition.title),
            msg("请由能看到的人在页面上逐件查看。"),
        )
    acts.sort(key=lambda act: (act.series, act.year, act.n, act.issued_at))
    if not plain:
        return definition, [replace(act, answers=personal_answers(ports, act).masked()) for act in acts]
    for act in acts:
        log_view(ports, Actor(CONSOLE, via="console"), act, msg("台账"))
    return definition, acts


def ledger_revisions(ports: Ports, acts: Sequence[Act]) -> dict[str, FormDefinition]:
    """Return the definition that each act was made with, by its revision."""
    revisions = dict.fromkeys(act.revision for act in acts)
    return {revision: ports.definitions.revision(revision).definition for revision in revisions}


def _numbered_acts(tx: Transaction, form: str) -> list[Act]:
    states = [state.value for state in NUMBERED_STATES]
    found = tx.acts.find(Condition("form", "==", form), Condition("state", "in", states))
    return [Act.from_record(r) for r in found]
