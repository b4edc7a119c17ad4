"""Compatibility profiles: how word processors set lines differently.

Documents are set as Word sets them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CompatibilityProfile:
    """Layout constants and rules of one word processor.

    Lengths are in em unless a comment says otherwise.
    """

    # gap between an ideograph and a Latin letter or digit (w:autoSpaceDE, w:autoSpaceDN)
    autospace: float
    # line heights come from the font the document names, not from the file that replaces it
    nominal_heights: bool
    # natural line height of East Asian text without a grid, relative to the font's own
    east_asian_line_height: float
    # lines end by the language at their end, not by Word's kinsoku sets
    libreoffice_breaks: bool = False
    # a blank or a mark of both scripts takes the script of the text before it; otherwise a blank is Latin
    neutral_follows_text: bool = False
    # letters and digits of a free 仿宋 or 楷体 are drawn in a lighter Latin face
    substitute_latin: bool = True
    # baseline below the middle of a grid line; None centres ascent and descent
    grid_shift: float | None = None
    # how much a line may exceed the grid's pitch before it takes another grid line, in grid lines
    grid_slack: float = 0.02
    # the rest of a page beyond whole grid lines is shared between its top and its foot
    grid_centred: bool = False
    # on a grid a least line height (w:lineRule atLeast) has no effect
    grid_overrides_at_least: bool = False
    # extra line height goes below the letters, and after a paragraph it counts from its letters, not from
    # the grid; otherwise it goes above them, on a grid to both sides
    line_space_below: bool = False
    # a paragraph kept with the next is not divided over two pages
    keep_next_unsplit: bool = False
    # justified gaps are multiples of so many points; 0 spreads exactly
    justification_step: float = 0.0
    # the blank half between two punctuation marks is dropped where the document asks for it
    compress_adjacent: bool = True
    # punctuation of a justified line is narrowed if one more character then fits
    compress_to_fit: bool = True
    # an empty line has the height of East Asian text in the paragraph mark's format, not of Latin text
    empty_lines_east_asian: bool = True
    # baseline in a line of exact height, as a share of it from the top
    exact_baseline: float = 0.8
    # punctuation may hang out of the text of a table cell
    cell_hanging: bool = False
    # lines in cells keep to the page's grid even if the document does not ask for it
    cells_always_on_grid: bool = False
    # columns are fitted to their words where a table asks for it; otherwise its grid gives the proportions
    autofit_columns: bool = True
    # lines in positioned tables and boxes keep to the page's grid
    floats_on_grid: bool = True


# Sources: github.com/Ryujiyasu/oxi, docs/spec/word_layout_spec_ra.md (Word measured from outside);
# ECMA-376 part 1, 17.3.1
WORD = CompatibilityProfile(autospace=0.25, nominal_heights=True, east_asian_line_height=83 / 64)

# For tests and benchmarks only: there is no Word to compare with on Linux, so the layout is proved against
# LibreOffice with LibreOffice's rules. No document is issued with it.
# Sources: LibreOffice 7.4, sw/source/core/text (guess.cxx, itrform2.cxx, itradj.cxx) and layout/wsfrm.cxx
LIBREOFFICE = CompatibilityProfile(
    autospace=0.2,
    nominal_heights=False,
    east_asian_line_height=1.0,
    libreoffice_breaks=True,
    neutral_follows_text=True,
    substitute_latin=False,
    grid_slack=0.001,
    grid_centred=True,
    cells_always_on_grid=True,
    floats_on_grid=False,
    autofit_columns=False,
    grid_overrides_at_least=True,
    line_space_below=True,
    keep_next_unsplit=True,
    justification_step=0.05,
    compress_adjacent=False,
    compress_to_fit=False,
    empty_lines_east_asian=False,
)
