"""Number registers (号簿): rows of a series and year, and its next number."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.domain.acts.act import Act
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import gaps, masked_row, row_sort_key
from formsvc.domain.numbering.series import series_for, series_from_record
from formsvc.errors import FormsvcError
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering.rows import Counter, NumberRow, rows_of_year
from formsvc.usecases.ports import Condition, Record


@dataclass(frozen=True)
class RegisterPage:
    """The rows of one year of one series, and its unexplained gaps."""

    series: NumberSeries
    year: int
    rows: list[NumberRow]
    gaps: list[int]
    start_reason: str = ""

    @property
    def void_rows(self) -> list[Record]:
        """Return the voided numbers, masked for display; they stay used."""
        return [masked_row(row) for row in self.rows if row["state"] == "void"]


def all_series(ports: Ports) -> list[NumberSeries]:
    with ports.store.read() as tx:
        return [series_from_record(r) for r in tx.series.find(order="id")]


def number_register(ports: Ports, series_id: str, year: int) -> RegisterPage | None:
    with ports.store.read() as tx:
        record = tx.series.get(series_id)
        if record is None:
            return None
        rows = rows_of_year(tx, series_id, year)
        last = Counter.load(tx, series_id, year).last
    series = series_from_record(record)
    rows.sort(key=row_sort_key)
    why = record.get("start_reasons", {}).get(str(year), "")
    return RegisterPage(series, year, rows, gaps(rows, series.first_in(year), last), why)


def register_years(ports: Ports, series_id: str) -> list[int]:
    with ports.store.read() as tx:
        years = tx.numbers.groups("year", Condition("series", "==", series_id))
    return sorted({int(y) for y in years} | {ports.clock.today().year}, reverse=True)


def next_number(ports: Ports, series: NumberSeries, year: int) -> str:
    """Return the next number of a series; another may get it first."""
    with ports.store.read() as tx:
        counter = Counter.load(tx, series.id, year)
    return series.number(year, counter.next_serial(series, year)).text


def expected_number(ports: Ports, act: Act) -> str:
    """Return the number an act would get now; empty if it gets none."""
    if not ports.definitions.revision(act.revision).definition.numbering.is_numbered or not act.dated:
        return ""
    try:
        series = series_for(all_series(ports), act.form, act.authority, act.agent, act.genre)
    except FormsvcError:
        return ""
    return next_number(ports, series, int(act.dated[:4]))
