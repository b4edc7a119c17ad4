"""Checklist page parts: items by group, results to choose, what passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.fields.checklist import Checklist
from formsvc.domain.json_types import JSON, is_empty
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.drafting import checklists
from formsvc.usecases.drafting.checklists import ChecklistItem, FormerRecord
from formsvc.usecases.drafting.drafts import Draft
from formsvc.web.context import ports, who
from formsvc.web.filters import clock_time, day
from formsvc.web.forms.builder import AnswerForm, RowsAnswer
from formsvc.web.forms.row_edits import EditedRows, RowEdit

_NAMED_IN_SHORT = 3


@dataclass(frozen=True)
class ItemRow:
    """One item: its row of the form, its results, and how it was last time.

    ``exception`` is the row of the other table that describes what is wrong; ``others`` are the columns besides item and
    result that a person fills in.
    """

    item: ChecklistItem
    path: str
    entry: Any
    result: Any
    options: Sequence[tuple[str, bool]]
    others: Sequence[Any]
    last: str
    has_failed_last: bool
    exception: Any = None
    exception_path: str = ""
    exception_item: Any = None

    @property
    def is_decided(self) -> bool:
        return not is_empty(self.result.data)

    @property
    def fails(self) -> bool:
        return self.item.fails(self.result.data)

    @property
    def has_notes(self) -> bool:
        return any(not is_empty(field.data) for field in self.others)


@dataclass(frozen=True)
class ItemGroup:
    """The items of one group; ``progress`` says how many are decided."""

    name: str
    rows: Sequence[ItemRow]

    @property
    def progress(self) -> str:
        decided = sum(row.is_decided for row in self.rows)
        if decided == len(self.rows):
            return str(_("%(n)s 项，已定 %(decided)s 项", n=len(self.rows), decided=decided))
        return str(_("%(n)s 项，还差 %(left)s 项", n=len(self.rows), left=len(self.rows) - decided))


@dataclass(frozen=True)
class ChecklistView:
    """Page of a checklist: listed groups, other items, rows of no item."""

    groups: Sequence[ItemGroup]
    others: Sequence[ItemGroup]
    strangers: Sequence[tuple[int, Any]]
    former: FormerRecord
    failed_last: Sequence[ItemRow]
    written: Mapping[str, str]
    asked: Sequence[ChecklistItem]
    names: Mapping[str, str]

    @property
    def rows(self) -> list[ItemRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def progress(self) -> str:
        rows = self.rows
        decided, failed = sum(row.is_decided for row in rows), sum(row.fails for row in rows)
        text = _("已定 %(decided)s / %(n)s", decided=decided, n=len(rows))
        return str(_("%(text)s，不合格 %(failed)s", text=text, failed=failed) if failed else text)

    @property
    def rest_count(self) -> int:
        return len(self.written)

    @property
    def rest_question(self) -> str:
        return str(_("其余 %(n)s 项全部合格？", n=self.rest_count))

    @property
    def rest_button(self) -> str:
        return str(_("其余 %(n)s 项全部合格", n=self.rest_count))

    @property
    def rest_in_short(self) -> str:
        """Return the first of what would be written."""
        pairs = self.rest_in_full[:_NAMED_IN_SHORT]
        return format_list(pairs) + ("……" if self.rest_count > len(pairs) else "")

    @property
    def rest_in_full(self) -> list[str]:
        return [f"{self.names[code]} {result}" for code, result in self.written.items()]

    @property
    def recorded_as(self) -> str:
        """Return who confirms, and when."""
        now = ports().clock.now()
        moment = f"{day(now.date())} {clock_time(now)}"
        return str(_("%(name)s %(moment)s", name=who().account.display_name, moment=moment))

    @property
    def asked_text(self) -> str:
        """Return the items that no result can be assumed for."""
        return format_list(item.name for item in self.asked)

    @property
    def former_text(self) -> str:
        return str(
            _(
                "上次检查（%(day)s，%(number)s）有 %(n)s 项不合格，请着重看：",
                day=day(self.former.dated),
                number=self.former.number,
                n=len(self.failed_last),
            )
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the texts that change with each result."""
        return {
            "progress": self.progress,
            "groups": [group.progress for group in (*self.groups, *self.others)],
            "count": self.rest_count,
            "question": self.rest_question,
            "button": self.rest_button,
            "short": self.rest_in_short,
            "full": self.rest_in_full,
            "recorded": self.recorded_as,
            "asked": self.asked_text,
        }


def attach_checklists(form: AnswerForm, draft: Draft) -> None:
    """Give every checklist of the form what its page shows."""
    definition = draft.revision.definition
    for spec, checklist in checklists.checklist_fields(definition):
        field = form[spec.key]
        former = checklists.former_record(ports(), who(), draft.act, spec)
        field.view = _view(form, field, checklist, definition, draft, former)


def _view(
    form: AnswerForm,
    field: RowsAnswer,
    checklist: Checklist,
    definition: FormDefinition,
    draft: Draft,
    former: FormerRecord,
) -> ChecklistView:
    items = checklists.items_of(definition, field.spec, draft.evaluation.values)
    exceptions = _exception_entries(form, checklist)
    entries = list(enumerate(field.entries))
    rows = [
        _item_row(item, position, entry, checklist, former, exceptions)
        for item, (position, entry) in zip(items, entries, strict=False)
    ]
    listed = [row for row in rows if row.item.is_applicable or row.is_decided or row.has_notes]
    answers = [row.form.answers() for row in field.entries]
    written, asked = checklists.rest_of(checklist, items, answers, former)
    return ChecklistView(
        groups=_grouped(listed),
        others=_grouped([row for row in rows if row not in listed]),
        strangers=[(n, entry) for n, entry in entries[len(items) :] if any(entry.form.answers().values())],
        former=former,
        failed_last=[row for row in rows if row.has_failed_last],
        written=written,
        asked=asked,
        names={item.code: item.name for item in items},
    )


def _grouped(rows: Sequence[ItemRow]) -> list[ItemGroup]:
    return [ItemGroup(name, list(group)) for name, group in groupby(rows, key=lambda row: row.item.group)]


def _exception_entries(form: AnswerForm, checklist: Checklist) -> dict[str, tuple[int, Any]]:
    """Return the first row of the exceptions that belongs to each item."""
    found: dict[str, tuple[int, Any]] = {}
    if checklist.exceptions is None or checklist.exceptions.rows not in form:
        return found
    for index, entry in enumerate(form[checklist.exceptions.rows].entries):
        code = entry.form[checklist.exceptions.item].data
        if code:
            found.setdefault(code, (index, entry))
    return found


def _item_row(
    item: ChecklistItem,
    position: int,
    entry: Any,
    checklist: Checklist,
    former: FormerRecord,
    exceptions: Mapping[str, tuple[int, Any]],
) -> ItemRow:
    result = entry.form[checklist.result]
    last = former.results.get(item.code, "")
    options = list(item.results)
    # typed before results were chosen: it stays, and the check of the definition names it
    if not is_empty(result.data) and result.data not in options:
        options.append(str(result.data))
    own = {checklist.item, checklist.result}
    row: dict[str, Any] = {}
    if item.code in exceptions and checklist.exceptions and item.fails(result.data):
        index, described = exceptions[item.code]
        row = {
            "exception": described,
            "exception_path": f"{checklist.exceptions.rows}.{index}",
            "exception_item": described.form[checklist.exceptions.item],
        }
        described.shown_with = result.path.rpartition(".")[0]
        described.shown_as = f"{item.code} {item.name}"
    return ItemRow(
        item=item,
        path=result.path.rpartition(".")[0],
        entry=entry.form[checklist.item],
        result=result,
        options=[(option, option in item.passing) for option in options],
        others=[f for f in entry.form if f.short_name not in own and not f.is_computed],
        last=last,
        has_failed_last=item.fails(last),
        **row,
    )


def apply_checklist_edit(
    edit: RowEdit, draft: Draft, spec: Field, answers: Mapping[str, JSON]
) -> tuple[EditedRows, tuple[str, str]] | None:
    """Return the rows after “the rest passes” or its undoing, with the event."""
    checklist = spec.checklist
    if checklist is None:
        return None
    definition = draft.revision.definition
    rows = checklists.rows_in(answers.get(spec.key))
    items = checklists.items_of(definition, spec, {**draft.evaluation.values, **answers})
    names = {item.code: item.name for item in items}
    if edit.verb == "reopen":
        codes = [code for code in edit.rest.split(",") if code in names]
        note = msg("{n} 项：{items}", items=format_list(names[code] for code in codes), n=len(codes))
        after = checklists.without_results(checklist, rows, codes)
        return EditedRows(after, spec.key), (checklists.REOPENED, note)
    former = checklists.former_record(ports(), who(), draft.act, spec)
    written, _asked = checklists.rest_of(checklist, items, rows, former)
    if not written:
        return None
    order = list(names)
    after = sorted(
        checklists.with_results(checklist, rows, written),
        # in the order of the catalogue, as they will be printed
        key=lambda row: order.index(row[checklist.item]) if row.get(checklist.item) in names else len(order),
    )
    pairs = [f"{names[code]} {result}" for code, result in written.items()]
    note = msg("{n} 项：{items}", n=len(pairs), items=format_list(pairs))
    undo = f"reopen.{spec.key}.0.{','.join(written)}"
    return EditedRows(after, f"{spec.key}.undo", undo), (checklists.CONFIRMED, note)
