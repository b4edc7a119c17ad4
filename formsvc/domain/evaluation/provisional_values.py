"""Values that rest on years whose days off are not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formsvc.domain.calendar import Calendar, observed
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import Expression
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg

NO_YEARS: frozenset[int] = frozenset()


class ProvisionalValues:
    """The years without a table that the values of one evaluation rest on."""

    def __init__(self, calendar: Calendar) -> None:
        # what the functions of the expressions ask
        self.calendar = observed(calendar)
        # by computed field, by table, and by column (table.column)
        self._years: dict[str, frozenset[int]] = {}

    def begin(self) -> None:
        """Forget what was asked: the next expression begins."""
        self.calendar.asked.clear()

    def years_of(self, expression: Expression, table: str = "") -> frozenset[int]:
        """Return the years that the expression just evaluated rests on."""
        if not self.calendar.asked and not self._years:
            return NO_YEARS
        reached: list[Iterable[int]] = [self._years.get(name, NO_YEARS) for name in expression.names]
        if table:
            reached += [self._years.get(f"{table}.{key}", NO_YEARS) for key in expression.row_columns()]
        return frozenset(self.calendar.asked).union(*reached)

    def record(self, path: str, expression: Expression) -> None:
        """Record the years for the value at a path (hazards.0.deadline)."""
        table, _, cell = path.partition(".")
        years = self.years_of(expression, table if cell else "")
        if years:
            for key in (table, f"{table}.{cell.partition('.')[2]}"):
                self._years[key] = self._years.get(key, NO_YEARS) | years

    def date_notices(self, definition: FormDefinition, filled: Iterable[str]) -> Iterator[Problem]:
        """Yield a notice for each computed date among the filled fields."""
        for key in filled:
            entry = definition.field(key)
            for year in sorted(self._years.get(key, NO_YEARS)):
                if entry is not None and entry.kind == "date":
                    sentence = msg(
                        "{year}年的放假安排表尚未导入，{label}暂按周末和固定节日推算，是暂定日期。",
                        year=year,
                        label=entry.label,
                    )
                    yield Problem(key, sentence, msg("放假安排公布后请核对，遇放假、调休的另行调整。"))


def provisional_remark(years: Iterable[int]) -> str:
    """Return why a rule that fails in these years is a notice only."""
    listed = format_list(str(year) for year in sorted(years))
    if not listed:
        return ""
    return msg(
        "{years}年的放假安排尚未导入，以上按周末和固定节日暂定，不作为拒绝的理由，请审核人核对。",
        years=listed,
    )
