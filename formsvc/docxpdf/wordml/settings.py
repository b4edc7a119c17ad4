"""Document-wide switches of the settings part."""

from __future__ import annotations

from dataclasses import dataclass, field

from formsvc.docxpdf.characters.classes import KinsokuMarks
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, flag, points, value_at, whole

_TABLE_EDGE_AT_MARGIN = _GRID_IN_TABLES = 15


@dataclass(frozen=True)
class DocumentSettings:
    """``compatibility`` is Word's mode (15: Word 2013 and later), 12 where the file does not say;
    ``stretch_broken_lines``: a justified line that a manual break ends is spread as well.
    """

    even_and_odd: bool = False
    default_tab: float = 36.0
    compatibility: int = 12
    justify_broken_lines: bool = True
    compress_punctuation: bool = False
    """Of two punctuation marks side by side the blank half between them is left out."""
    compress_kana: bool = False
    """Japanese kana are to be drawn together as well (``compressPunctuationAndJapaneseKana``)."""

    cells_on_grid: bool = False
    """Lines in table cells keep to the grid (``w:adjustLineHeightInTable``); since Word 2013 they always do."""
    shows_background: bool = False
    """The background of the pages is shown."""
    language: str = "zh-CN"
    """The document's East Asian language."""
    not_at_start: dict[str, str] = field(default_factory=dict)
    not_at_end: dict[str, str] = field(default_factory=dict)
    """What may not begin or end a line, by language (``w:noLineBreaksBefore``, ``w:noLineBreaksAfter``)."""

    def kinsoku_marks(self, standard: KinsokuMarks) -> KinsokuMarks:
        """The marks a line may not begin or end with: the document's own, or the standard ones."""
        start, end = self.not_at_start.get(self.language), self.not_at_end.get(self.language)
        return KinsokuMarks(
            standard.no_start if start is None else frozenset(start),
            standard.no_end if end is None else frozenset(end),
            standard.hanging,
        )

    @property
    def table_edge_at_margin(self) -> bool:
        """Since Word 2013 a table's border, not its text, stands at the margin."""
        return self.compatibility >= _TABLE_EDGE_AT_MARGIN


def read_document_settings(package: Package) -> DocumentSettings:
    """The settings of a document, Word's defaults where it has none."""
    root = package.related(package.document, "settings")
    if root is None:
        return DocumentSettings()
    compressed = value_at(root, "w:characterSpacingControl")
    tab, mode = child(root, "w:defaultTabStop"), _mode(root)
    return DocumentSettings(
        even_and_odd=flag(child(root, "w:evenAndOddHeaders")),
        default_tab=points(attribute(tab), 36.0) or 36.0 if tab is not None else 36.0,
        compatibility=mode,
        justify_broken_lines=not flag(child(root, "w:compat/w:doNotExpandShiftReturn")),
        shows_background=flag(child(root, "w:displayBackgroundShape")),
        compress_punctuation=compressed.startswith("compressPunctuation"),
        compress_kana=compressed == "compressPunctuationAndJapaneseKana",
        cells_on_grid=mode >= _GRID_IN_TABLES or flag(child(root, "w:compat/w:adjustLineHeightInTable")),
        language=value_at(root, "w:themeFontLang", "eastAsia") or "zh-CN",
        not_at_start=_by_language(root, "noLineBreaksBefore"),
        not_at_end=_by_language(root, "noLineBreaksAfter"),
    )


def _by_language(root: Element, name: str) -> dict[str, str]:
    return {attribute(e, "lang"): attribute(e) for e in find_all(root, f"w:{name}")}


def _mode(root: Element) -> int:
    for setting in find_all(root, "w:compat/w:compatSetting"):
        if attribute(setting, "name") == "compatibilityMode":
            return whole(attribute(setting), 12)
    return 12
