"""Where Word and LibreOffice differ in setting a line; Word is the one followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Constants of one word processor. Lengths in em of the text they stand beside."""

    autospace: float
    """Gap between an ideograph and a Latin letter or digit."""
    nominal_heights: bool
    """Line heights of the font the document names, not of the file that stands in for it."""
    east_line: float
    """Natural line height of East Asian text without a grid, relative to the font's own."""
    space_is_latin: bool
    """A space takes the Latin font; otherwise that of the character before it."""
    grid_shift: float | None
    """Baseline below the middle of a grid line in em; None centres ascent and descent."""
    grid_slack: float = 0.02
    """How much a line may be higher than the grid's before it takes another one, in lines."""
    compresses_marks: bool = True
    """Leaves out the blank half between two punctuation marks where the document asks for it."""
    exact_baseline: float = 0.8
    """Baseline in a line of exact height, from its top."""
    cell_hanging: bool = False
    """Punctuation may hang out of a table cell's text."""
    cells_always_on_grid: bool = False
    """Lines in table cells keep to the page's grid even where the document does not ask for it."""
    fits_columns: bool = True
    """Columns are fitted to their words where a table asks for it; otherwise the grid's proportions stay."""
    floats_on_grid: bool = True
    """Lines in tables and boxes at a place of their own keep to the page's grid."""


WORD = Rules(autospace=0.25, nominal_heights=True, east_line=83 / 64, space_is_latin=True, grid_shift=None)
LIBREOFFICE = Rules(
    autospace=0.2, nominal_heights=False, east_line=1.0, space_is_latin=False, grid_shift=0.508, grid_slack=0.001, compresses_marks=False,
    cells_always_on_grid=True, floats_on_grid=False, fits_columns=False,
)
