"""Pieces cut into clusters: one character, tab, break or box each, with its width and the face that draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from formsvc.docxpdf.characters.classes import (
    JOINER,
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
_FIELD_SAMPLE = "8"
_JOINERS = frozenset((JOINER, "\u200d", "\ufeff"))
"""Word's “不间断零宽字符” is U+200D; U+2060 and U+FEFF are Unicode's own."""
NO_GLYPH = "〓"
"""The printers' mark for a character that is not in the case: never an empty box that nobody notices."""


class Cluster:
    """One thing on a line. ``gap`` is the autospace before it, ``after`` what is drawn behind it beside its own width.

    ``joined``: the document forbids a line to end before it.
    """

    __slots__ = (
        "after",
        "drawn",
        "east",
        "format",
        "gap",
        "height",
        "joined",
        "kind",
        "leader",
        "node",
        "text",
        "width",
    )

    def __init__(self, kind: str, text: str, width: float, style: RunFormat) -> None:
        self.kind, self.text, self.width, self.format = kind, text, width, style
        self.drawn: FaceChoice | None = None
        self.east = self.joined = False
        self.gap = self.after = self.height = 0.0
        self.leader = ""
        self.node: Node | None = None

    @property
    def is_space(self) -> bool:
        """A space that may hang over the end of a line."""
        return self.kind == CHAR and self.text == " "


def chain_of(fonts: FontCatalog, style: RunFormat, east: bool) -> FallbackChain:
    """The font chain a run uses for East Asian or for other characters."""
    return fonts.chain(style.east if east else style.latin, bold=style.bold, italic=style.italic, east=east)


@dataclass(frozen=True)
class CharacterSpacing:
    """What stands between the characters of a paragraph: the grid's share, autospace beside letters and digits."""

    grid: float = 0.0
    letters: bool = True
    digits: bool = True
    compress: bool = False
    """Of two marks side by side the blank half between them is left out."""


class ClusterBuilder:
    """Cuts the items of one paragraph."""

    def __init__(self, fonts: FontCatalog, profile: CompatibilityProfile, spacing: CharacterSpacing) -> None:
        self._fonts, self._profile, self._spacing = fonts, profile, spacing
        self._east: bool | None = None
        self._joined = False
        self.clusters: list[Cluster] = []
        self.missing: list[str] = []
        self.unknown: dict[str, str] = {}

    def cut(self, items: Iterable[InlineItem]) -> list[Cluster]:
        """All clusters of the items."""
        for item in items:
            if isinstance(item, TextItem):
                self._text(item.text, item.format)
            elif isinstance(item, TabItem):
                self.clusters.append(Cluster(TAB, item.place or "\t", 0.0, item.format))
            elif isinstance(item, BreakItem):
                self.clusters.append(Cluster(BREAK, item.kind, 0.0, item.format))
            elif isinstance(item, FieldItem):
                self._field(item)
            elif isinstance(item, BoxItem):
                self._box(item)
        if self._spacing.letters or self._spacing.digits:
            self._set_gaps()
        if self._spacing.compress and self._profile.compresses_marks:
            self._close_marks()
        self._fit()
        return self.clusters

    def _text(self, text: str, style: RunFormat) -> None:
        western = not any(is_east_asian(c) and not is_shared_punctuation(c) for c in text)
        for place, char in enumerate(text):
            if char == "\t":
                self.clusters.append(Cluster(TAB, "\t", 0.0, style))
            elif char == "\n":
                self.clusters.append(Cluster(BREAK, "line", 0.0, style))
            elif char in _JOINERS:
                self._joined = bool(self.clusters)
            elif not is_ignored(char):
                self._char(char, style, self._script(char, text, place, style, western=western))

    def _script(self, char: str, text: str, place: int, style: RunFormat, *, western: bool) -> bool:
        """Whether a character takes the East Asian font; the text around it decides where its code does not."""
        if self._profile.office_scripts and is_neutral(char):
            return self._script_around(text, place)
        if western and self._east is not True and is_shared_punctuation(char) and not style.east_hint:
            return False
        return is_east_asian(char, style.east_hint)

    def _script_around(self, text: str, place: int) -> bool:
        if self._east is None:
            return next((is_east_asian(c) for c in text[place:] if not is_neutral(c)), False)
        return self._east

    def _char(self, char: str, style: RunFormat, east: bool) -> None:
        self._east = east
        chain = chain_of(self._fonts, style, east)
        if not chain.is_known:
            self.unknown[style.east if east else style.latin] = chain.faces[0].face.family
        if not chain.covers(char):
            self.missing.append(char)
            char = NO_GLYPH
        drawn, em = chain.find(char)
        grid = self._spacing.grid if east else 0.0
        cluster = Cluster(CHAR, char, em * style.size * style.scale + style.spacing + grid, style)
        cluster.drawn, cluster.east, cluster.joined = drawn, east, self._joined or forbids_break(char)
        if style.kerned and self.clusters:
            self._kern(self.clusters[-1], cluster)
        self._joined = forbids_break(char)
        self.clusters.append(cluster)

    @staticmethod
    def _kern(before: Cluster, cluster: Cluster) -> None:
        """Letters that the font moves together are drawn so; the width of the first is less by it."""
        if (
            before.kind == CHAR
            and before.format is cluster.format
            and before.drawn == cluster.drawn
            and cluster.drawn
        ):
            moved = cluster.drawn.face.kerning(before.text, cluster.text)
            before.width += moved * cluster.format.size * cluster.format.scale

    def _field(self, item: FieldItem) -> None:
        chain = chain_of(self._fonts, item.format, False)
        drawn, em = chain.find(_FIELD_SAMPLE)
        cluster = Cluster(FIELD, item.kind, em * item.format.size, item.format)
        cluster.drawn, cluster.leader = drawn, item.shape
        self.clusters.append(cluster)

    def _box(self, item: BoxItem) -> None:
        style = (
            self.clusters[-1].format if self.clusters else RunFormat("宋体", "Times New Roman", 10.5, 10.5)
        )
        cluster = Cluster(BOX, "", item.width, style)
        cluster.node, cluster.height, cluster.east = item.node, item.height, True
        self.clusters.append(cluster)

    def _set_gaps(self) -> None:
        for before, after in zip(self.clusters, self.clusters[1:], strict=False):
            if before.kind == after.kind == CHAR and before.east != after.east:
                east, latin = (before, after) if before.east else (after, before)
                wanted = self._spacing.digits if latin.text.isdigit() else self._spacing.letters
                if wanted and needs_autospace(east.text, latin.text):
                    after.gap = after.format.size * self._profile.autospace

    def _close_marks(self) -> None:
        """Half of the narrower mark's square goes from between two marks."""
        for before, after in zip(self.clusters, self.clusters[1:], strict=False):
            if before.east and after.east and has_blank_between(before.text, after.text):
                after.gap -= min(before.format.size, after.format.size) / 2

    def _fit(self) -> None:
        """Runs that are to have a width of their own (``w:fitText``) are spread or drawn together evenly."""
        groups: dict[str, list[Cluster]] = {}
        for cluster in self.clusters:
            if cluster.kind == CHAR and cluster.format.fit:
                groups.setdefault(cluster.format.fit_group or str(id(cluster.format)), []).append(cluster)
        for clusters in groups.values():
            share = (clusters[0].format.fit - sum(a.width + a.gap for a in clusters)) / max(
                1, len(clusters) - 1
            )
            for place, cluster in enumerate(clusters):
                cluster.joined = cluster.joined or place > 0
                if place < len(clusters) - 1:
                    cluster.width += share
                    cluster.after += share
