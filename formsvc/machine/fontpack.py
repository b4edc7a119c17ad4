"""The font pack: one face a file, made at set-up from the system's free fonts, with licences and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from formsvc.domain.errors import FormsvcError
from formsvc.machine import fandol
from formsvc.machine.fontfiles import find_font
from formsvc.sentences import say

RECIPE = 1
"""Raised when the files would come out otherwise: packs made by an older recipe are made again."""

_HANGUL = (*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980), *range(0xAC00, 0xD800))
_KEPT_FEATURES = ("ccmp", "halt")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class PackFont:
    """A file of the pack: the family it announces, and the system's files it can be made from."""

    file: str
    family: str
    sources: tuple[str, ...]
    package: str
    licence: str
    chinese: bool = True
    """Cut down to one face without Hangul and layout features; others are copied as they are."""


@dataclass(frozen=True)
class Packed:
    """What the manifest says of one file."""

    file: str
    family: str
    sha256: str
    size: int
    source: str
    licence: str
    licence_file: str


@dataclass(frozen=True)
class Manifest:
    """What is in the pack, and what could not be had (file → reason)."""

    recipe: int = RECIPE
    fonts: tuple[Packed, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)


_OFL = "SIL Open Font License 1.1"
_LATIN_SERIF = ("Regular", "Bold", "Italic", "BoldItalic")


def _noto(style: str, weight: str) -> PackFont:
    sources = (f"Noto{style}CJK-{weight}.ttc", f"Noto{style}CJKsc-{weight}.otf")
    return PackFont(f"Noto{style}SC-{weight}.otf", f"Noto {style} CJK SC", sources, "fonts-noto-cjk", _OFL)


def _lxgw(weight: str, family: str) -> PackFont:
    name = f"LXGWWenKai-{weight}.ttf"
    return PackFont(name, family, (name,), "fonts-lxgw-wenkai", _OFL)


def _liberation(weight: str) -> PackFont:
    name = f"LiberationSerif-{weight}.ttf"
    return PackFont(
        name, "Liberation Serif", (name,), "fonts-liberation", f"{_OFL} / GPL-2.0 with exception", False
    )


SYSTEM_FONTS = (
    _noto("Serif", "Regular"),
    _noto("Serif", "Bold"),
    _noto("Sans", "Regular"),
    _lxgw("Light", "LXGW WenKai Light"),
    _lxgw("Regular", "LXGW WenKai"),
    *map(_liberation, _LATIN_SERIF),
    PackFont(
        "DejaVuSans.ttf", "DejaVu Sans", ("DejaVuSans.ttf",), "fonts-dejavu-core", "Bitstream Vera", False
    ),
)


def build(fonts: Path, tell: Tell) -> Manifest:
    """Make ``fonts/pack`` complete; what is there and unaltered stays. Raises FormsvcError."""
    pack = fonts / "pack"
    _make_folders(pack / "licences", fonts / "own")
    before = read_manifest(pack)
    kept = {font.file: font for font in before.fonts if before.recipe == RECIPE and _is_intact(pack, font)}
    packed = [kept.get(font.file) or _from_system(font, pack, tell) for font in SYSTEM_FONTS]
    free, missing = _fandol(pack, kept, tell)
    manifest = Manifest(RECIPE, (*packed, *free), missing)
    _write(pack / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())
    tell(say("字体包：{count}个字体文件，在 {pack}", count=len(manifest.fonts), pack=pack))
    return manifest


def read_manifest(pack: Path) -> Manifest:
    """The manifest of a pack; an empty one where there is none or it cannot be read."""
    try:
        written = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
        fonts = tuple(Packed(**font) for font in written.pop("fonts"))
        return Manifest(fonts=fonts, **written)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Manifest(recipe=0)


def faulty_files(pack: Path) -> list[str]:
    """Files of the pack, Fandol apart, that are not there or not as the manifest has them."""
    intact = {font.file for font in read_manifest(pack).fonts if _is_intact(pack, font)}
    return [font.file for font in SYSTEM_FONTS if font.file not in intact]


def has_fandol(pack: Path) -> bool:
    """Whether the free 仿宋 and 楷体 are in the pack."""
    return fandol.FAMILIES.keys() <= {f.file for f in read_manifest(pack).fonts if _is_intact(pack, f)}


def _is_intact(pack: Path, font: Packed) -> bool:
    try:
        content = (pack / font.file).read_bytes()
    except OSError:
        return False
    return len(content) == font.size and hashlib.sha256(content).hexdigest() == font.sha256


def _fandol(pack: Path, kept: dict[str, Packed], tell: Tell) -> tuple[list[Packed], dict[str, str]]:
    if fandol.FAMILIES.keys() <= kept.keys():
        return [kept[name] for name in fandol.FAMILIES], {}
    try:
        files = fandol.fetch(tell)
    except FormsvcError as refused:
        tell(say("字体包：{refused}在此之前，仿宋用霞鹜文楷细体代替，楷体用霞鹜文楷代替。", refused=refused))
        return [], dict.fromkeys(fandol.FAMILIES, refused.message)
    for licence in fandol.LICENCE_FILES.values():
        if licence in files:
            _write(pack / "licences" / licence, files[licence])
    licence_file = "licences/fandol-COPYING.txt" if "fandol-COPYING.txt" in files else ""
    return [
        _packed(pack, name, family, files[name], fandol.PACKAGE, fandol.LICENCE, licence_file)
        for name, family in fandol.FAMILIES.items()
    ], {}


def _from_system(font: PackFont, pack: Path, tell: Tell) -> Packed:
    source = find_font(font.sources)
    if source is None:
        raise FormsvcError(
            say("系统里没有字体文件 {file}，字体包做不齐。", file=font.sources[0]),
            say(
                "请安装软件包 {package}，或从已装好的电脑复制整个 pack 文件夹到 {folder}。",
                package=font.package,
                folder=pack.parent,
            ),
        )
    tell(say("字体包：正在制作 {file} ……", file=font.file))
    content = _single_face(source, font.family) if font.chinese else source.read_bytes()
    licence_file = _keep_licence(font.package, pack)
    return _packed(
        pack, font.file, font.family, content, f"{font.package} {source.name}", font.licence, licence_file
    )


def _packed(
    pack: Path, file: str, family: str, content: bytes, source: str, licence: str, licence_file: str
) -> Packed:
    _write(pack / file, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return Packed(file, family, sha256, len(content), source, licence, licence_file)


def _keep_licence(package: str, pack: Path) -> str:
    """The licence beside the fonts where the system has it in Debian's place; its name in the pack."""
    try:
        text = Path("/usr/share/doc", package, "copyright").read_bytes()
    except OSError:
        return ""
    name = f"licences/{package}.txt"
    _write(pack / name, text)
    return name


def _single_face(source: Path, family: str) -> bytes:
    """The one face of the family, every Chinese character it has, without Hangul and hinting."""
    try:
        import uharfbuzz as hb
    except ImportError:
        raise FormsvcError(
            say("缺少 Python 软件包 uharfbuzz，不能制作字体包。"),
            say("请先运行 make，或安装 requirements.lock。"),
        ) from None
    blob = hb.Blob.from_file_path(str(source))
    faces = [hb.Face(blob, index) for index in range(hb.Face(blob).count)]
    face = next((face for face in faces if face.get_name(hb.OTNameIdPredefined.FONT_FAMILY) == family), None)
    if face is None:
        raise FormsvcError(
            say("{source} 里没有字体“{family}”。", source=source, family=family),
            say("请重新安装这个字体软件包。"),
        )
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(set(face.unicodes) - set(_HANGUL))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _KEPT_FEATURES)
    wanted.flags = hb.SubsetFlags.NO_HINTING
    return bytes(hb.subset(face, wanted).blob.data)


def _make_folders(*folders: Path) -> None:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise FormsvcError(
                say("不能建立文件夹 {folder}（{reason}）。", folder=folder, reason=refused.strerror),
                say("请检查写权限和磁盘空间。"),
            ) from None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never meets half a font."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as refused:
        partial.unlink(missing_ok=True)
        raise FormsvcError(
            say("不能写入 {path}（{reason}）。", path=path, reason=refused.strerror),
            say("请检查写权限和磁盘空间。"),
        ) from None
