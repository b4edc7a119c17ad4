"""Document-wide switches of the settings part."""

from __future__ import annotations

from dataclasses import dataclass

from formsvc.documents.ooxml.names import Element, attribute, child, find_all, flag, points, value_at, whole
from formsvc.documents.ooxml.package import Package

_TABLE_EDGE_AT_MARGIN = 15


@dataclass(frozen=True)
class Settings:
    """``compatibility`` is Word's mode (15: Word 2013 and later), 12 where the file does not say;
    ``stretch_broken_lines``: a justified line that a manual break ends is spread as well.
    """

    even_and_odd: bool = False
    default_tab: float = 36.0
    compatibility: int = 12
    stretch_broken_lines: bool = True
    compress_marks: bool = False
    """Of two punctuation marks side by side the blank half between them is left out."""

    cells_on_grid: bool = False
    """Lines in table cells keep to the page's grid."""

    shows_background: bool = False
    """The background of the pages is shown."""

    @property
    def table_edge_at_margin(self) -> bool:
        """Since Word 2013 a table's border, not its text, stands at the margin."""
        return self.compatibility >= _TABLE_EDGE_AT_MARGIN


def read_settings(package: Package) -> Settings:
    """The settings of a document, Word's defaults where it has none."""
    root = package.related(package.document, "settings")
    if root is None:
        return Settings()
    tab = child(root, "w:defaultTabStop")
    return Settings(
        even_and_odd=flag(child(root, "w:evenAndOddHeaders")),
        default_tab=points(attribute(tab), 36.0) or 36.0 if tab is not None else 36.0,
        compatibility=_mode(root),
        stretch_broken_lines=not flag(child(root, "w:compat/w:doNotExpandShiftReturn")),
        shows_background=flag(child(root, "w:displayBackgroundShape")),
        cells_on_grid=flag(child(root, "w:compat/w:adjustLineHeightInTable")),
        compress_marks=value_at(root, "w:characterSpacingControl").startswith("compressPunctuation"),
    )


def _mode(root: Element) -> int:
    for setting in find_all(root, "w:compat/w:compatSetting"):
        if attribute(setting, "name") == "compatibilityMode":
            return whole(attribute(setting), 12)
    return 12
