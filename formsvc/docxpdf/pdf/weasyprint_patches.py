"""Ledger of every name that is replaced in WeasyPrint and pydyf.

WeasyPrint is pinned to the version below and any other is refused. For a new version run
tests/docxpdf/test_weasyprint_patches.py: it names the entries whose target or signature changed.
Import this module only after `FontCatalog.activate`: WeasyPrint reads the font configuration on import.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from formsvc.docxpdf.pdf import (
    drawing_fixes,
    fast_paths,
    glyph_subsets,
    line_boxes,
    line_rows,
    structure_tags,
)

WEASYPRINT_VERSION = "70.0"
_ANCHORS = "(box, anchors, links, bookmarks, forms, parent_matrix=None, parent_form=None, parent_link=None)"
_ALWAYS_OURS = "stays: the lines are Word's, which no CSS engine breaks this way"
_FOR_SPEED = "may go when benchmarks/bench_paper.py shows no difference without it"


@dataclass(frozen=True)
class Patch:
    """A replaced name: where, what for, and until when.

    `targets` are `module:name` as `pkgutil.resolve_name` reads them. `signature` is the original's, empty for a
    name that the patch adds. `build` takes the original and returns the replacement. `version` is the WeasyPrint
    version whose source the replacement was written against.
    """

    targets: tuple[str, ...]
    signature: str
    build: Callable[[Any], Any]
    change: str
    reason: str
    removal: str
    condition: Callable[[], bool] = lambda: True
    version: str = WEASYPRINT_VERSION


PATCHES = (
    Patch(
        ("weasyprint.pdf.fonts:Font.subset",),
        "(self, to_unicode, hinting)",
        glyph_subsets.subset_with_uharfbuzz,
        "subset fonts with uharfbuzz",
        "without the HarfBuzz subset library fontTools does it, about 20 times slower (issue 2120)",
        "may go when WeasyPrint drops fontTools for a bundled HarfBuzz (pull request 2713)",
        condition=glyph_subsets.lacks_harfbuzz_subset,
    ),
    Patch(
        ("weasyprint.draw:draw_text",),
        "(stream, textbox, offset_x, text_overflow, block_ellipsis)",
        drawing_fixes.embolden_text,
        "stroke the outlines of bold text",
        "the Chinese fonts have no bold cut and WeasyPrint 53 and later synthesize none (issue 1470)",
        "may go when issue 1470 is closed and its stroke is as thick as Word's",
    ),
    Patch(
        ("weasyprint.draw.text:int",),
        "",
        drawing_fixes.keep_fractions,
        "write the kerning between glyphs with three decimals",
        "draw_text truncates each adjustment to a thousandth of an em, which adds up along a line",
        "may go when draw_text writes rounded fractions itself",
    ),
    Patch(
        ("weasyprint.draw:draw_collapsed_borders",),
        "(stream, table)",
        drawing_fixes.close_broken_rows,
        "draw the border below and above a row that a page break divides, and plain lines in one piece",
        "Word closes both halves of a divided row; WeasyPrint leaves them open as CSS says. A long table has many lines",
        "may go when collapsed borders support box-decoration-break: clone",
    ),
    Patch(
        (
            "weasyprint.formatting_structure.build:inline_in_block",
            "weasyprint.formatting_structure.build:block_in_inline",
        ),
        "(box)",
        line_boxes.insert_line_boxes,
        "give a paragraph whose lines are placed its finished line boxes",
        "Pango would break, shape and measure the lines again, and not as Word does",
        _ALWAYS_OURS,
    ),
    Patch(
        ("weasyprint.layout:make_margin_boxes",),
        "(context, page, state)",
        line_boxes.read_page_counters,
        "note the page counters before the margin boxes are built",
        "a placed line in a header needs the number's text, not the CSS counter",
        _ALWAYS_OURS,
    ),
    Patch(
        ("weasyprint.layout.block:iter_line_boxes",),
        "(context, box, position_y, bottom_space, skip_stack, containing_block, absolute_boxes, fixed_boxes,"
        " first_letter_style, first_line_style)",
        line_boxes.lay_out_placed_lines,
        "stack placed lines instead of breaking text",
        "their breaks and widths are decided already",
        _ALWAYS_OURS,
    ),
    Patch(
        ("weasyprint.layout.preferred:inline_line_widths",),
        "(context, box, outer, is_line_start, minimum, skip_stack=None, first_line=False)",
        line_boxes.measure_placed_lines,
        "return the known widths of placed lines",
        "shrink-to-fit boxes ask for them, and placed lines hold no Pango text",
        _ALWAYS_OURS,
    ),
    Patch(
        ("weasyprint.draw:draw_inline_level",),
        "(stream, page, box, offset_x=0, text_overflow='clip', block_ellipsis='none')",
        line_boxes.draw_placed_lines,
        "write the glyphs of placed lines straight into the page",
        "placed lines hold glyph numbers and positions, no Pango layout",
        _ALWAYS_OURS,
    ),
    Patch(
        ("weasyprint.layout.background:layout_box_backgrounds",),
        "(page, box, get_image_from_uri, layout_children=True, style=None)",
        line_boxes.skip_backgrounds,
        "skip placed lines",
        "they have no backgrounds",
        _FOR_SPEED,
    ),
    Patch(
        ("weasyprint.anchors:gather_anchors", "weasyprint.document:gather_anchors"),
        _ANCHORS,
        line_boxes.skip_anchors,
        "skip placed lines",
        "they have no links, anchors or form fields",
        _FOR_SPEED,
    ),
    Patch(
        ("weasyprint.stacking:_dispatch",),
        "(box, page, child_contexts, blocks, floats, blocks_and_cells)",
        line_boxes.skip_stacking,
        "skip placed lines",
        "they open no stacking context and hold no floats",
        _FOR_SPEED,
    ),
    Patch(
        ("weasyprint.formatting_structure.build:collapse_table_borders",),
        "(table, grid_width, grid_height)",
        line_rows.outline_line_rows,
        "give rows of placed lines outlines instead of cells",
        "long tables build, lay out and draw three boxes for each cell, which hold nothing but its lines",
        _FOR_SPEED,
    ),
    Patch(
        ("weasyprint.layout.block:table_layout",),
        "(context, table, bottom_space, skip_stack, containing_block, page_is_empty, absolute_boxes, fixed_boxes)",
        line_rows.note_page_space,
        "note the space of the page on the table",
        "a row of placed lines that does not fit its page is built with cells",
        _FOR_SPEED,
    ),
    Patch(
        ("weasyprint.css:ComputedStyle.__missing__",),
        "(self, key)",
        fast_paths.compute_plain_properties,
        "return inherited and initial values without the general computation",
        "most properties of most boxes are one or the other",
        _FOR_SPEED,
    ),
    Patch(
        tuple(
            f"weasyprint.layout.{name}:resolve_percentages"
            for name in ("absolute", "block", "column", "float", "grid", "inline", "page", "percent", "table")
        ),
        "(box, containing_block)",
        fast_paths.resolve_absolute_lengths,
        "copy lengths that depend on nothing from one box of a style to the next",
        "long tables resolve the same twenty lengths for every cell",
        _FOR_SPEED,
    ),
    Patch(
        ("pydyf:Stream.data",),
        "(self)",
        fast_paths.compress_once,
        "keep the bytes of a stream once they are compressed",
        "pydyf asks for them twice, to write the file and to hash it, and compresses each time",
        "may go when pydyf caches Stream.data",
    ),
    Patch(
        ("weasyprint.pdf.stream:Stream.marked",),
        "(self, box, tag)",
        structure_tags.mark_content,
        "mark content once, and page furniture as an artifact",
        "headers and repeated table heads must not be read aloud (issue 1836); nested marks are invalid",
        "may go with issues 1836 and 2903",
    ),
    Patch(
        ("weasyprint.pdf.stream:Stream.artifact",),
        "(self)",
        structure_tags.mark_artifact,
        "mark no artifact within marked content",
        "an underline is drawn within its word, and nested marks are invalid",
        "may go with issues 1836 and 2903",
    ),
    Patch(
        ("weasyprint.pdf:add_tags",),
        "(pdf, document, pdf_version, page_streams)",
        structure_tags.write_structure_tree,
        "build the structure tree from the document instead of the boxes",
        "a paragraph on two pages becomes two, and table heads repeat (issue 2903)",
        "may go when issue 2903 is closed",
    ),
)

# private names that our code reads and does not replace, by module: a new version must still have them
PRIVATE_NAMES = {
    "weasyprint": ("_ua_stylesheets",),
    "weasyprint.document": ("_page_box",),
    "weasyprint.layout.absolute": ("_box",),
    "weasyprint.pdf.stream": ("_current_alpha", "_current_color", "_fonts", "_tags"),
    "weasyprint.text.fonts": ("_config",),
    "pydyf": ("_to_bytes",),
}

# what was replaced, by target: tests compare signatures with it after the patches are in place
ORIGINALS: dict[str, Any] = {}


def apply_patches() -> None:
    """Replace every name of the ledger, once per interpreter."""
    for patch in PATCHES:
        if not patch.condition():
            continue
        for target in patch.targets:
            if target not in ORIGINALS:
                holder, name = holder_of(target)
                original = ORIGINALS[target] = getattr(holder, name) if patch.signature else None
                setattr(holder, name, patch.build(original))


def holder_of(target: str) -> tuple[Any, str]:
    """Return a target's module or class, and its name there."""
    module, _, path = target.partition(":")
    holder, _, name = path.rpartition(".")
    return (resolve_name(f"{module}:{holder}") if holder else importlib.import_module(module)), name
