"""Where Word and LibreOffice differ in setting a line; Word is the one followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CompatibilityProfile:
    """Constants of one word processor. Lengths in em of the text they stand beside."""

    autospace: float
    """Gap between an ideograph and a Latin letter or digit."""
    nominal_heights: bool
    """Line heights of the font the document names, not of the file that stands in for it."""
    east_line: float
    """Natural line height of East Asian text without a grid, relative to the font's own."""
    office_breaks: bool = False
    """Lines end where LibreOffice ends them: by the language at the end of the line, not by Word's sets of marks."""
    office_scripts: bool = False
    """A blank or a mark of both scripts takes that of the text before it; otherwise a blank is Latin."""
    stand_ins: bool = True
    """Digits and letters of a free 仿宋 or 楷体 are drawn in a lighter Latin face."""
    grid_shift: float | None = None
    """Baseline below the middle of a grid line in em; None centres ascent and descent."""
    grid_slack: float = 0.02
    """How much a line may be higher than the grid's before it takes another one, in lines."""
    grid_centred: bool = False
    """What a page holds more than whole lines of its grid is shared between its top and its foot."""
    grid_over_least: bool = False
    """On a grid the least height a line is to have counts for nothing."""
    extra_below: bool = False
    """What a line is higher than its letters stands below them, and after a paragraph it is reckoned from its letters,
    not from the grid; otherwise it stands above them, on a grid on both sides."""
    keeps_whole: bool = False
    """A paragraph kept with the next is not divided over two pages."""
    spread_step: float = 0.0
    """Justified gaps are whole multiples of so many points; 0 spreads exactly."""
    compresses_marks: bool = True
    """Leaves out the blank half between two punctuation marks where the document asks for it."""
    pulls_in: bool = True
    """Narrows the marks of a justified line so that one more character finds room."""
    empty_lines_east: bool = True
    """A line without a letter is as high as East Asian text in the paragraph mark's format, not as Latin text."""
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


# Sources: github.com/Ryujiyasu/oxi, docs/spec/word_layout_spec_ra.md (Word measured from outside); ECMA-376 part 1, 17.3.1
WORD = CompatibilityProfile(autospace=0.25, nominal_heights=True, east_line=83 / 64)
# Sources: LibreOffice 7.4, sw/source/core/text (guess.cxx, itrform2.cxx, itradj.cxx) and layout/wsfrm.cxx
LIBREOFFICE = CompatibilityProfile(
    autospace=0.2,
    nominal_heights=False,
    east_line=1.0,
    office_breaks=True,
    office_scripts=True,
    stand_ins=False,
    grid_slack=0.001,
    grid_centred=True,
    cells_always_on_grid=True,
    floats_on_grid=False,
    fits_columns=False,
    grid_over_least=True,
    extra_below=True,
    keeps_whole=True,
    spread_step=0.05,
    compresses_marks=False,
    pulls_in=False,
    empty_lines_east=False,
)
