"""Number registers (号簿) as Word and Excel files, and their import form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formsvc.documents.generated import gbt9704
from formsvc.documents.generated.docx_xml import cell, paragraph, row, run, run_properties, table
from formsvc.documents.workers.json_reader import read_json_content
from formsvc.documents.workers.workbook_columns import NOTES_SHEET
from formsvc.documents.workers.workbook_reader import read_workbook
from formsvc.documents.workers.workbook_tables import read_table
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.limits import Limits
from formsvc.usecases.registers.excel.workbooks import RegisterSheet, TypedSheet, WorkbookRow, WorkbookTable

_GRID = (2300, 2100, 2200, 2050, 1250, 4330)
_SMALL = 10.5
_WIDTHS = (36, 26, 30, 16, 12, 60)


class OfficeRegisterExporter:
    """``RegisterDocuments`` of the use cases."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def register_word(self, sheet: RegisterSheet) -> bytes:
        body = [
            paragraph(run(sheet.authority), "Title"),
            paragraph(run(f"{sheet.prefix}{sheet.title}"), "AnnexTitle"),
            _table(sheet),
            paragraph(run(sheet.summary), "FormText", keep=True, keepLines="<w:keepLines/>"),
            *_signature_lines(sheet.printed),
        ]
        return gbt9704.word_document("".join(body), landscape=True)

    def register_excel(self, sheet: RegisterSheet) -> bytes:
        from formsvc.documents.generated import text_workbook

        book, worksheet = text_workbook.new_workbook(str(sheet.title))
        top = [f"{sheet.authority}　{sheet.prefix}{sheet.title}", sheet.summary, sheet.printed]
        for r, text in enumerate(top, 1):
            text_workbook.write_text(worksheet.cell(row=r, column=1), text, bold=r == 1, wrap=False)
        for r, texts in enumerate([sheet.head, *sheet.lines], len(top) + 1):
            for c, text in enumerate(texts, 1):
                text_workbook.write_text(worksheet.cell(row=r, column=c), text, bold=r == len(top) + 1)
        head = len(top) + 1
        worksheet.freeze_panes = f"B{head + 1}"
        worksheet.print_title_rows = f"{head}:{head}"
        worksheet.page_setup.orientation = "landscape"
        worksheet.page_setup.fitToHeight = 0
        worksheet.sheet_properties.pageSetUpPr.fitToPage = True
        text_workbook.set_widths(worksheet, _WIDTHS)
        return text_workbook.workbook_bytes(book)

    def paper_form(self, columns: Sequence[str], sample: Sequence[str], notes: Sequence[str]) -> bytes:
        """Return an empty workbook with the columns, and a sheet of instructions."""
        from formsvc.documents.generated import text_workbook

        book, worksheet = text_workbook.new_workbook(str(msg("登记")))
        for c, text in enumerate(columns, 1):
            text_workbook.write_text(worksheet.cell(row=1, column=c), text, bold=True)
            for r in range(2, 502):
                # text, so that Excel turns no number into a date
                worksheet.cell(row=r, column=c).number_format = "@"
        worksheet.freeze_panes = "A2"
        notes_sheet = book.create_sheet(str(NOTES_SHEET))
        for c, (name, text) in enumerate(zip(columns, sample, strict=True), 1):
            text_workbook.write_text(notes_sheet.cell(row=1, column=c), name, bold=True)
            text_workbook.write_text(notes_sheet.cell(row=2, column=c), text)
        for r, text in enumerate(notes, 4):
            text_workbook.write_text(notes_sheet.cell(row=r, column=1), text, wrap=False)
        text_workbook.set_widths(notes_sheet, _WIDTHS)
        text_workbook.set_widths(worksheet, _WIDTHS)
        return text_workbook.workbook_bytes(book)

    def paper_rows(
        self, content: bytes, columns: Sequence[str], most: int, dates: Sequence[str] = ()
    ) -> list[WorkbookRow]:
        """Return the numbered rows with these columns. Raise FormsvcError."""
        return read_workbook(content, columns, most, self._limits, dates)

    def table(self, content: bytes, names: Sequence[str]) -> WorkbookTable:
        """Return the table with most of these headings. Raise FormsvcError."""
        return read_table(content, names, self._limits)

    def sheets(self, sheets: Sequence[TypedSheet]) -> bytes:
        """Return a workbook with typed cells and a head on each sheet."""
        from formsvc.documents.generated.typed_workbook import write_sheets

        return write_sheets(sheets)

    def json_content(self, content: bytes) -> JSON:
        """Return the content of a JSON file, None for one that is none."""
        return read_json_content(content, "", self._limits)[0]


def _table(sheet: RegisterSheet) -> str:
    heads = zip(sheet.head, _GRID, strict=True)
    rows = [row([cell(paragraph(run(text), "CellHead"), width) for text, width in heads], head=True)]
    for n, line in enumerate(sheet.lines, 1):
        texts = (_break_number(line[0]), *line[1:])
        last = n == len(sheet.lines)  # goes with what is signed below it
        cells = [
            cell(_small_paragraph(text, keep=last), width) for text, width in zip(texts, _GRID, strict=True)
        ]
        rows.append(row(cells, height=400))
    return table(rows, _GRID)


def _small_paragraph(text: str, *, keep: bool) -> str:
    content = run(text, properties=run_properties(size=_SMALL))
    return paragraph(content, "CellText", keep=keep, spacing=gbt9704.spacing(300, before=20, after=50))


def _break_number(number: str) -> str:
    head, bracket, rest = number.partition("〔")
    return f"{head}\n{bracket}{rest}" if len(number) > 12 else number


def _signature_lines(printed: str) -> Iterator[str]:
    """Yield who printed it when, and room for signatures."""
    small = run_properties(size=14)
    yield paragraph(run(printed, properties=small), "FormText", keep=True)
    signs = str(msg("登记人：　　　　　　　　审核人：　　　　　　　　（盖章）"))
    yield paragraph(run(signs, properties=small), "FormText")
