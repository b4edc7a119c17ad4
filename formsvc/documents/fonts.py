"""Which font file stands in for the font a Word document names, character by character."""

from __future__ import annotations

import copy
import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from formsvc.documents.fontconfig import write_fontconfig
from formsvc.documents.typefaces import Metrics, Typeface, faces_in, font_files
from formsvc.domain.errors import FormsvcError

BOLD = 600
_INVISIBLE = frozenset({"Cc", "Cf", "Mn", "Me", "Zl", "Zp"})


@dataclass(frozen=True)
class Design:
    """A letter design: the names it goes by in Word, the pack's files for it, and the height Word gives it."""

    names: tuple[str, ...]
    pack: tuple[str, ...]
    bold: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    nominal: Metrics = Metrics(0.859, 0.141)
    heavy: bool = False
    latin: str = ""


_SONG = "NotoSerifSC-Regular"
_TIMES = "LiberationSerif-Regular"
_LAST = (_SONG, "LXGWWenKai-Regular", "DejaVuSans")

EAST_DESIGNS = {
    "fang": Design(
        (
            "仿宋_GB2312",
            "仿宋",
            "FangSong_GB2312",
            "FangSong",
            "方正仿宋_GBK",
            "方正仿宋简体",
            "方正仿宋_GB2312",
            "华文仿宋",
            "STFangsong",
        ),
        ("FandolFang-Regular", "LXGWWenKai-Light"),
        latin=_TIMES,
        hints=("仿宋", "fangsong"),
    ),
    "kai": Design(
        (
            "楷体_GB2312",
            "楷体",
            "KaiTi_GB2312",
            "KaiTi",
            "方正楷体_GBK",
            "方正楷体简体",
            "方正楷体_GB2312",
            "华文楷体",
            "STKaiti",
        ),
        ("FandolKai-Regular", "LXGWWenKai-Regular"),
        latin=_TIMES,
        hints=("楷", "kai"),
    ),
    "xbs": Design(
        (
            "方正小标宋简体",
            "方正小标宋_GBK",
            "FZXiaoBiaoSong-B05S",
            "FZXiaoBiaoSong-B05",
            "小标宋",
            "小标宋体",
            "华文中宋",
            "STZhongsong",
        ),
        ("NotoSerifSC-Bold",),
        hints=("标宋", "中宋", "xiaobiaosong"),
        heavy=True,
    ),
    "hei": Design(
        (
            "黑体",
            "SimHei",
            "方正黑体_GBK",
            "方正黑体简体",
            "华文黑体",
            "STHeiti",
            "微软雅黑",
            "Microsoft YaHei",
            "等线",
            "DengXian",
        ),
        ("NotoSansSC-Regular",),
        hints=("黑", "hei", "gothic", "等线"),
    ),
    "song": Design(
        (
            "宋体",
            "SimSun",
            "新宋体",
            "NSimSun",
            "宋体-简",
            "方正书宋_GBK",
            "方正书宋简体",
            "华文宋体",
            "STSong",
        ),
        (_SONG,),
        bold=("NotoSerifSC-Bold",),
        hints=("宋", "song", "sun", "ming"),
    ),
}
LATIN_DESIGNS = {
    "times": Design(
        ("Times New Roman", "Times", "Liberation Serif"),
        (_TIMES, "DejaVuSans"),
        hints=("",),
        nominal=Metrics(0.891, 0.216, 0.042),
    ),
    "calibri": Design(("Calibri",), (_TIMES, "DejaVuSans"), nominal=Metrics(0.75, 0.25, 0.22)),
    "arial": Design(
        ("Arial", "Helvetica", "Liberation Sans"),
        (_TIMES, "DejaVuSans"),
        nominal=Metrics(0.905, 0.212, 0.033),
    ),
}
_STYLED = {
    (_TIMES, True, False): "LiberationSerif-Bold",
    (_TIMES, False, True): "LiberationSerif-Italic",
    (_TIMES, True, True): "LiberationSerif-BoldItalic",
}
_WINDOWS_FILES = (
    "simfang.ttf", "simkai.ttf", "simhei.ttf", "simsun.ttc", "STFANGSO.TTF", "STKAITI.TTF", "STZHONGS.TTF",
    "times.ttf", "timesbd.ttf", "timesi.ttf", "timesbi.ttf", "arial.ttf", "arialbd.ttf", "calibri.ttf", "calibrib.ttf",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A face as it is to be drawn: as it is, or thickened where the design has no bold cut."""

    face: Typeface
    embolden: bool = False


class Chain:
    """The faces tried one after another for one font name and weight; the first that has a character draws it.

    ``own`` faces bear the name itself. Where there are none, ``latin`` draws digits and Latin letters: the free
    designs' own are far heavier than their ideographs, and as wide as those of Times.
    """

    def __init__(
        self,
        faces: Iterable[Drawn],
        nominal: Metrics,
        *,
        known: bool,
        own: int = 0,
        latin: Drawn | None = None,
    ) -> None:
        self.faces = tuple(faces)
        self.nominal = nominal
        self.known = known
        self._ascii = self.faces if latin is None else (*self.faces[:own], latin, *self.faces[own:])
        self._found: dict[str, tuple[Drawn, float]] = {}

    def find(self, char: str) -> tuple[Drawn, float]:
        """The face that draws a character, and its width in em."""
        try:
            return self._found[char]
        except KeyError:
            found = self._found[char] = self._searched(char)
            return found

    def _searched(self, char: str) -> tuple[Drawn, float]:
        for drawn in self._ascii if char.isascii() else self.faces:
            width = drawn.face.advance(char)
            if width is not None:
                return drawn, width
        return self.faces[0], 0.0 if unicodedata.category(char) in _INVISIBLE else 1.0

    def covers(self, char: str) -> bool:
        """Whether some face of the chain has the character."""
        return any(drawn.face.advance(char) is not None for drawn in self.faces)


class FontBook:
    """The fonts of one font directory: ``own/`` before Windows' own fonts before ``pack/``."""

    def __init__(self, directory: Path, cache: Path, *, system: Path | None = None) -> None:
        self.directory = directory
        self.cache = cache
        self._ranked = list(_ranked_faces(directory, _copied(system or _windows_fonts(), cache / "system")))
        if not self._ranked:
            raise FormsvcError(f"字体目录“{directory}”里没有可用的字体。", "请运行 formsvc setup 准备字体。")
        self._by_name: dict[str, list[Typeface]] = {}
        self._pack = {f.path.stem: f for f in self._ranked if f.path.parent.name == "pack"}
        for face in self._ranked:
            for name in face.names:
                self._by_name.setdefault(name, []).append(face)
        self._chains: dict[tuple[str, bool, bool, bool], Chain] = {}
        self._stand_ins = True

    def as_named(self) -> FontBook:
        """The same fonts without stand-ins for digits and letters: a font draws whatever it has."""
        if not self._stand_ins:
            return self
        book = copy.copy(self)
        book._chains, book._stand_ins = {}, False
        return book

    @cached_property
    def strut(self) -> Typeface:
        """The face whose metrics position every line."""
        return self._pack.get("FandolFang-Regular") or self._ranked[0]

    @cached_property
    def faces(self) -> tuple[Typeface, ...]:
        """Every face that may be drawn, each under a family name of its own."""
        return tuple(self._ranked)

    def chain(self, name: str, *, bold: bool = False, italic: bool = False, east: bool = True) -> Chain:
        """The chain for a font name as it stands in the document."""
        key = (name, bold, italic, east)
        try:
            return self._chains[key]
        except KeyError:
            chain = self._chains[key] = self._built(name, bold, italic, east)
            return chain

    def missing_characters(self, text: str, font_name: str) -> list[str]:
        """Characters of a text that no font here can draw, each once, in order."""
        chain = self.chain(font_name, east=True)
        seen = dict.fromkeys(c for c in text if not c.isspace() and unicodedata.category(c) not in _INVISIBLE)
        return [char for char in seen if not chain.covers(char)]

    def activate(self) -> None:
        """Let the layout engine see these fonts and no others. Must come before it is first imported."""
        config = write_fontconfig(self.faces, self.cache)
        os.environ["FONTCONFIG_FILE"] = str(config)
        os.environ.pop("FONTCONFIG_PATH", None)

    def _built(self, name: str, bold: bool, italic: bool, east: bool) -> Chain:
        design, known = _design_of(name, east)
        names = (name, *(n for n in design.names if n != name)) if known else (name,)
        faces: list[Drawn] = []
        for candidate in names:
            faces += self._named(candidate, bold, italic, heavy=design.heavy)
        own = len(dict.fromkeys(faces))
        latin = self._packed(design.latin, bold, italic, heavy=design.heavy) if design.latin and self._stand_ins else []
        for stem in (*(design.bold if bold else ()), *design.pack, *_LAST):
            faces += self._packed(stem, bold, italic, heavy=design.heavy)
        faces += [Drawn(face) for face in self._ranked if face.index == 0]
        return Chain(
            dict.fromkeys(faces),
            design.nominal,
            known=known or name.lower() in self._by_name,
            own=own,
            latin=latin[0] if latin else None,
        )

    def _named(self, name: str, bold: bool, italic: bool, *, heavy: bool) -> list[Drawn]:
        faces = self._by_name.get(name.lower(), [])
        if not faces:
            return []
        best = min(faces, key=lambda f: (f.italic != italic, (f.weight >= BOLD) != bold))
        return [Drawn(best, bold and best.weight < BOLD and not heavy)]

    def _packed(self, stem: str, bold: bool, italic: bool, *, heavy: bool) -> list[Drawn]:
        face = self._pack.get(_STYLED.get((stem, bold, italic), stem)) or self._pack.get(stem)
        if face is None:
            return []
        return [Drawn(face, bold and face.weight < BOLD and not heavy)]


def _design_of(name: str, east: bool) -> tuple[Design, bool]:
    lowered = name.lower()
    order = (EAST_DESIGNS, LATIN_DESIGNS) if east else (LATIN_DESIGNS, EAST_DESIGNS)
    for designs in order:
        for design in designs.values():
            if lowered in {n.lower() for n in design.names}:
                return design, True
    for design in EAST_DESIGNS.values():
        if any(hint in lowered for hint in design.hints if east or not hint.isascii()):
            return design, False
    return (EAST_DESIGNS["song"] if east else LATIN_DESIGNS["times"]), False


def _ranked_faces(directory: Path, system: Path | None) -> Iterator[Typeface]:
    seen: set[str] = set()
    for folder in (directory / "own", system, directory / "pack"):
        for path in font_files(folder) if folder else []:
            for face in faces_in(path):
                if face.family not in seen:
                    seen.add(face.family)
                    yield face


def _windows_fonts() -> Path | None:
    root = os.environ.get("WINDIR") if os.name == "nt" else None
    return Path(root) / "Fonts" if root else None


def _copied(source: Path | None, target: Path) -> Path | None:
    """Windows' fonts that documents name, copied where only they lie."""
    if source is None:
        return None
    target.mkdir(parents=True, exist_ok=True)
    for name in _WINDOWS_FILES:
        original, copy = source / name, target / name
        if original.is_file() and not (copy.exists() and copy.stat().st_size == original.stat().st_size):
            shutil.copyfile(original, copy)
    return target
