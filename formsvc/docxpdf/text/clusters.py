"""Clusters: characters, tabs, breaks and boxes with width and font."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import (
    WORD_JOINER,
    forbids_break,
    has_blank_between,
    is_east_asian,
    is_ignored,
    is_neutral,
    is_shared_punctuation,
    needs_autospace,
)
from formsvc.docxpdf.fonts.catalog import FaceChoice, FallbackChain, FontCatalog
from formsvc.docxpdf.html_tree import Node
from formsvc.docxpdf.text.compatibility import CompatibilityProfile
from formsvc.docxpdf.text.inline_items import BoxItem, BreakItem, FieldItem, InlineItem, TabItem, TextItem
from formsvc.docxpdf.wordml.styles import RunFormat

CHAR, TAB, BREAK, BOX, FIELD = "char", "tab", "break", "box", "field"
# a page number is measured as one digit; the lines do not wait for the pages
_FIELD_SAMPLE = "8"
# Word's “不间断零宽字符” is U+200D; U+2060 and U+FEFF are Unicode's own
_JOINERS = frozenset((WORD_JOINER, "\u200d", "\ufeff"))
# the printers' mark for a missing type (geta): an empty box in a document is overlooked
NO_GLYPH = "〓"


@dataclass(slots=True, eq=False)
class Cluster:
    """One thing on a line: a character, tab, break, box or field.

    ``width`` is its own width, ``gap_before`` the autospace before it (negative where punctuation is closed up),
    ``space_after`` what justification adds behind it. ``leader`` is a tab's leader or a field's number format.
    """

    kind: str
    text: str
    width: float
    format: RunFormat
    font: FaceChoice | None = None
    east_asian: bool = False
    # no line may end before it: word joiners, non-breaking spaces, fitted text
    no_break_before: bool = False
    gap_before: float = 0.0
    space_after: float = 0.0
    height: float = 0.0
    leader: str = ""
    node: Node | None = None

    @property
    def is_space(self) -> bool:
        return self.kind == CHAR and self.text == " "


def font_chain(fonts: FontCatalog, style: RunFormat, east_asian: bool) -> FallbackChain:
    name = style.east_font if east_asian else style.latin_font
    return fonts.chain(name, bold=style.bold, italic=style.italic, east=east_asian)


@dataclass(frozen=True)
class CharacterSpacing:
    """Space between the characters of a paragraph.

    ``grid`` is the document grid's share in points, ``letters`` and ``digits`` ask for autospace next to Latin letters
    and digits, ``compress`` for closing up two adjacent punctuation marks.
    """

    grid: float = 0.0
    letters: bool = True
    digits: bool = True
    compress: bool = False


class ClusterBuilder:
    """Builder of the clusters of one paragraph.

    It collects the characters and font names that no font file has.
    """

    def __init__(self, fonts: FontCatalog, profile: CompatibilityProfile, spacing: CharacterSpacing) -> None:
        self._fonts, self._profile, self._spacing = fonts, profile, spacing
        # script of the last character, None before the first
        self._east_asian: bool | None = None
        self._no_break = False
        # by format and script; comparing the formats would take longer than the search
        self._chains: dict[tuple[int, bool], FallbackChain] = {}
        self.clusters: list[Cluster] = []
        self.missing_characters: list[str] = []
        # font name → family that replaces it
        self.unknown_fonts: dict[str, str] = {}

    def build(self, items: Iterable[InlineItem]) -> list[Cluster]:
        for item in items:
            if isinstance(item, TextItem):
                self._add_text(item.text, item.format)
            elif isinstance(item, TabItem):
                self.clusters.append(Cluster(TAB, item.alignment or "\t", 0.0, item.format))
            elif isinstance(item, BreakItem):
                self.clusters.append(Cluster(BREAK, item.kind, 0.0, item.format))
            elif isinstance(item, FieldItem):
                self._add_field(item)
            elif isinstance(item, BoxItem):
                self._add_box(item)
        if self._spacing.letters or self._spacing.digits:
            self._add_autospace()
        if self._spacing.compress and self._profile.compress_adjacent:
            self._close_up_punctuation()
        self._fit_text()
        return self.clusters

    def _add_text(self, text: str, style: RunFormat) -> None:
        western = not any(is_east_asian(c) and not is_shared_punctuation(c) for c in text)
        for place, char in enumerate(text):
            if char == "\t":
                self.clusters.append(Cluster(TAB, "\t", 0.0, style))
            elif char == "\n":
                self.clusters.append(Cluster(BREAK, "line", 0.0, style))
            elif char in _JOINERS:
                self._no_break = bool(self.clusters)
            elif not is_ignored(char):
                self._add_character(char, style, self._script(char, text, place, style, western=western))

    def _script(self, char: str, text: str, place: int, style: RunFormat, *, western: bool) -> bool:
        """Return whether a character takes the East Asian font.

        The text around decides for shared punctuation.
        """
        if self._profile.neutral_follows_text and is_neutral(char):
            return self._script_around(text, place)
        if western and self._east_asian is not True and is_shared_punctuation(char) and not style.east_hint:
            return False
        return is_east_asian(char, style.east_hint)

    def _script_around(self, text: str, place: int) -> bool:
        if self._east_asian is None:
            return next((is_east_asian(c) for c in text[place:] if not is_neutral(c)), False)
        return self._east_asian

    def _add_character(self, char: str, style: RunFormat, east_asian: bool) -> None:
        self._east_asian = east_asian
        key = id(style), east_asian
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = font_chain(self._fonts, style, east_asian)
        if not chain.is_known:
            self.unknown_fonts[style.east_font if east_asian else style.latin_font] = chain.faces[
                0
            ].face.family
        if not chain.covers(char):
            self.missing_characters.append(char)
            char = NO_GLYPH
        font, em = chain.find(char)
        grid = self._spacing.grid if east_asian else 0.0
        cluster = Cluster(
            CHAR, char, em * style.size * style.scale + style.spacing + grid, style, font, east_asian
        )
        cluster.no_break_before = self._no_break or forbids_break(char)
        if style.kerning and self.clusters:
            self._kern(self.clusters[-1], cluster)
        self._no_break = forbids_break(char)
        self.clusters.append(cluster)

    @staticmethod
    def _kern(before: Cluster, after: Cluster) -> None:
        """Apply a pair's kerning to the width of its first letter.

        The page engine draws it so.
        """
        same_run = before.kind == CHAR and before.format is after.format and before.font == after.font
        if same_run and after.font:
            kerning = after.font.face.kerning(before.text, after.text)
            before.width += kerning * after.format.size * after.format.scale

    def _add_field(self, item: FieldItem) -> None:
        font, em = font_chain(self._fonts, item.format, False).find(_FIELD_SAMPLE)
        cluster = Cluster(FIELD, item.kind, em * item.format.size, item.format, font)
        cluster.leader = item.number_format
        self.clusters.append(cluster)

    def _add_box(self, item: BoxItem) -> None:
        style = (
            self.clusters[-1].format if self.clusters else RunFormat("宋体", "Times New Roman", 10.5, 10.5)
        )
        cluster = Cluster(BOX, "", item.width, style, east_asian=True)
        cluster.node, cluster.height = item.node, item.height
        self.clusters.append(cluster)

    def _add_autospace(self) -> None:
        for before, after in zip(self.clusters, self.clusters[1:], strict=False):
            if before.kind == after.kind == CHAR and before.east_asian != after.east_asian:
                east, latin = (before, after) if before.east_asian else (after, before)
                wanted = self._spacing.digits if latin.text.isdigit() else self._spacing.letters
                if wanted and needs_autospace(east.text, latin.text):
                    after.gap_before = after.format.size * self._profile.autospace

    def _close_up_punctuation(self) -> None:
        for before, after in zip(self.clusters, self.clusters[1:], strict=False):
            if before.east_asian and after.east_asian and has_blank_between(before.text, after.text):
                # each mark fills half of its square; the smaller of the two blank halves can go
                after.gap_before -= min(before.format.size, after.format.size) / 2

    def _fit_text(self) -> None:
        """Spread or tighten runs to their ``w:fitText`` width.

        Runs with the same id share one width.
        """
        groups: dict[str, list[Cluster]] = {}
        for cluster in self.clusters:
            if cluster.kind == CHAR and cluster.format.fit_width:
                groups.setdefault(cluster.format.fit_group or str(id(cluster.format)), []).append(cluster)
        for clusters in groups.values():
            natural = sum(c.width + c.gap_before for c in clusters)
            share = (clusters[0].format.fit_width - natural) / max(1, len(clusters) - 1)
            for place, cluster in enumerate(clusters):
                cluster.no_break_before = cluster.no_break_before or place > 0
                if place < len(clusters) - 1:
                    cluster.width += share
                    cluster.space_after += share
