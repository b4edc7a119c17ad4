"""Settings of the document: compatibility, punctuation, tabs, kinsoku."""

from __future__ import annotations

from dataclasses import dataclass, field

from formsvc.docxpdf.characters.classes import KinsokuMarks
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, attribute, child, find_all, flag, points, value_at, whole

_TABLE_EDGE_AT_MARGIN = _GRID_IN_TABLES = 15


@dataclass(frozen=True)
class DocumentSettings:
    """Settings part of a document.

    ``compatibility`` is Word's mode: 15 from Word 2013 on, 12 if the file does not say.
    """

    even_and_odd: bool = False
    default_tab: float = 36.0
    compatibility: int = 12
    # a justified line that a manual break ends is spread as well
    justify_broken_lines: bool = True
    # the blank half between two adjacent punctuation marks is dropped
    compress_punctuation: bool = False
    # kana are compressed as well (compressPunctuationAndJapaneseKana)
    compress_kana: bool = False

    # lines in cells keep to the grid (w:adjustLineHeightInTable); always since Word 2013
    cells_on_grid: bool = False
    shows_background: bool = False
    # East Asian language
    language: str = "zh-CN"
    # what may not begin or end a line, by language (w:noLineBreaksBefore, w:noLineBreaksAfter)
    not_at_start: dict[str, str] = field(default_factory=dict)
    not_at_end: dict[str, str] = field(default_factory=dict)

    def kinsoku_marks(self, standard: KinsokuMarks) -> KinsokuMarks:
        """Return the document's own kinsoku sets, or the standard ones."""
        start, end = self.not_at_start.get(self.language), self.not_at_end.get(self.language)
        return KinsokuMarks(
            standard.no_start if start is None else frozenset(start),
            standard.no_end if end is None else frozenset(end),
            standard.hanging,
        )

    @property
    def table_edge_at_margin(self) -> bool:
        """True since Word 2013: a table's border is at the margin, not its text."""
        return self.compatibility >= _TABLE_EDGE_AT_MARGIN


def read_document_settings(package: Package) -> DocumentSettings:
    """Return the settings of a document, Word's defaults if it has none."""
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
