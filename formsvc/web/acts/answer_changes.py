"""Changes of answers since an act was returned, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from flask_babel import gettext as _

from formsvc.domain.acts.act import Act, Event
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.json_types import is_empty
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from formsvc.web.acts.answers_in_words import answer_text

Answers = Mapping[str, Any]
Part = tuple[Literal["same", "old", "new"], str]
# characters that stay between two changes; fewer are taken as changed, or the words fall apart
SHORTEST_SAME = 4
# characters of what stayed that are shown before and after a change
SHOWN_AROUND = 12


@dataclass(frozen=True)
class AnswerChange:
    """One changed answer: its label, and its text in parts."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class LastReturn:
    """The last return of a submitted act, and how often it was submitted."""

    event: Event
    times_submitted: int
    changes: tuple[AnswerChange, ...]


def last_return(act: Act, definition: FormDefinition, events: Sequence[Event]) -> LastReturn | None:
    """Return what was changed since the last return, None if there was none."""
    returned = next((event for event in reversed(events) if event.kind == "Returned"), None)
    if returned is None:
        return None
    times = sum(event.kind == "Submitted" for event in events)
    # acts returned by an earlier version of the program kept no answers
    changes = tuple(_changes(definition, act)) if act.returned_answers else ()
    return LastReturn(returned, times, changes)


def _changes(definition: FormDefinition, act: Act) -> Iterator[AnswerChange]:
    # compared in full and shown as masked as the page is
    before = PersonalAnswers(definition, act.returned_answers).masked()
    after = PersonalAnswers(definition, act.answers).masked()
    for entry in definition.fields:
        old, new = act.returned_answers.get(entry.key), act.answers.get(entry.key)
        if not _was_changed(entry, old, new):
            continue
        if entry.columns:
            shown = before.get(entry.key) or [], after.get(entry.key) or []
            yield from _row_changes(definition, entry, old or [], new or [], *shown)
        else:
            texts = _text(definition, entry, before), _text(definition, entry, after)
            yield AnswerChange(entry.label, tuple(_parts(*texts)))


def _was_changed(field: Field, old: Any, new: Any) -> bool:
    """Return whether a person changed it: what is computed follows from that."""
    is_computed = bool(field.computed and not field.typed_when)
    return old != new and not is_computed and not (is_empty(old) and is_empty(new))


def _row_changes(
    definition: FormDefinition,
    field: Field,
    old: Sequence[Answers],
    new: Sequence[Answers],
    old_shown: Sequence[Answers],
    new_shown: Sequence[Answers],
) -> Iterator[AnswerChange]:
    matcher = SequenceMatcher(None, [repr(row) for row in old], [repr(row) for row in new], autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(end - start, new_end - new_start)
        for number in range(both):
            rows = old[start + number], new[new_start + number]
            shown = old_shown[start + number], new_shown[new_start + number]
            yield from _cell_changes(definition, field, new_start + number + 1, rows, shown)
        for number in range(start + both, end):
            text = _row_text(definition, field, old_shown[number])
            label = _("%(rows)s 原第%(n)s项，已删", rows=field.label, n=number + 1)
            yield AnswerChange(label, (("old", text),))
        for number in range(new_start + both, new_end):
            text = _row_text(definition, field, new_shown[number])
            label = _("%(rows)s 第%(n)s项，新加", rows=field.label, n=number + 1)
            yield AnswerChange(label, (("new", text),))


def _cell_changes(
    definition: FormDefinition,
    field: Field,
    number: int,
    rows: tuple[Answers, Answers],
    shown: tuple[Answers, Answers],
) -> Iterator[AnswerChange]:
    for column in field.columns or ():
        old, new = rows[0].get(column.key), rows[1].get(column.key)
        if _was_changed(column, old, new):
            label = _("%(rows)s 第%(n)s项 %(column)s", rows=field.label, n=number, column=column.label)
            texts = _text(definition, column, shown[0]), _text(definition, column, shown[1])
            yield AnswerChange(label, tuple(_parts(*texts)))


def _row_text(definition: FormDefinition, field: Field, row: Answers) -> str:
    texts = (_text(definition, column, row) for column in field.columns or ())
    return "，".join(text for text in texts if text)


def _text(definition: FormDefinition, field: Field, answers: Answers) -> str:
    value = answers.get(field.key)
    return "" if is_empty(value) else str(answer_text(definition, field, value))


def _parts(before: str, after: str) -> Iterator[Part]:
    """Yield what stays, what went and what came, in reading order."""
    # equal as shown: only what is masked was changed
    if before == after:
        yield "new", _("已改，此处只显示一部分：%(text)s", text=after)
        return
    old = new = ""
    for kind, start, end, new_start, new_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        same = before[start:end]
        is_edge = start == 0 or end == len(before)
        if kind == "equal" and (len(same) >= SHORTEST_SAME or is_edge):
            yield from _pair(old, new)
            yield "same", _shortened(same)
            old = new = ""
        else:
            old, new = old + same, new + after[new_start:new_end]
    yield from _pair(old, new)


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * SHOWN_AROUND else f"{text[:SHOWN_AROUND]}…{text[-SHOWN_AROUND:]}"


def _pair(old: str, new: str) -> Iterator[Part]:
    if old:
        yield "old", old
    if new:
        yield "new", new
