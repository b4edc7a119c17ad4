"""Font pack: one face a file, made from the system's free fonts.

A manifest lists the files with hashes and licences.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from formsvc.errors import FormsvcError, system_reason
from formsvc.i18n.messages import msg
from formsvc.installation import fandol_fonts
from formsvc.installation.font_files import find_font

# raised when the files would come out otherwise: packs made by an older recipe are made again
RECIPE = 2

_HANGUL = (*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980), *range(0xAC00, 0xD800))
_KEPT_FEATURES = ("ccmp", "halt")

Report = Callable[[str], None]


@dataclass(frozen=True)
class FontSource:
    """A file of the pack: its family, and system files it is made from."""

    file: str
    family: str
    sources: tuple[str, ...]
    package: str
    licence: str
    chinese: bool = True
    """Cut down to one face without most layout features; others are copied as they are."""
    hangul: bool = False
    """Whether Hangul stays: one font of the pack is enough."""
    needed: bool = True
    """Without the others documents still come out right, only with a stand-in of other widths."""


@dataclass(frozen=True)
class PackedFont:
    """One file in the manifest."""

    file: str
    family: str
    sha256: str
    size: int
    source: str
    licence: str
    licence_file: str


@dataclass(frozen=True)
class PackManifest:
    """Contents of the pack; ``missing`` maps a file to the reason."""

    recipe: int = RECIPE
    fonts: tuple[PackedFont, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)


_OFL = "SIL Open Font License 1.1"
_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")


def _noto(style: str, weight: str) -> FontSource:
    sources = (f"Noto{style}CJK-{weight}.ttc", f"Noto{style}CJKsc-{weight}.otf")
    return FontSource(
        f"Noto{style}SC-{weight}.otf",
        f"Noto {style} CJK SC",
        sources,
        "fonts-noto-cjk",
        _OFL,
        hangul=(style, weight) == ("Serif", "Regular"),
    )


def _lxgw(weight: str, family: str) -> FontSource:
    name = f"LXGWWenKai-{weight}.ttf"
    return FontSource(name, family, (name,), "fonts-lxgw-wenkai", _OFL)


def _liberation(style: str, weight: str) -> FontSource:
    name = f"Liberation{style}-{weight}.ttf"
    licence = f"{_OFL} / GPL-2.0 with exception"
    needed = style == "Serif"
    return FontSource(
        name, f"Liberation {style}", (name,), "fonts-liberation", licence, chinese=False, needed=needed
    )


def _crosextra(family: str, weight: str, licence: str) -> FontSource:
    """Return fonts as wide as those Word has used for Latin text since 2007."""
    name, package = f"{family}-{weight}.ttf", f"fonts-crosextra-{family.lower()}"
    return FontSource(name, family, (name,), package, licence, chinese=False, needed=False)


SYSTEM_FONTS = (
    _noto("Serif", "Regular"),
    _noto("Serif", "Bold"),
    _noto("Sans", "Regular"),
    _lxgw("Light", "LXGW WenKai Light"),
    _lxgw("Regular", "LXGW WenKai"),
    *(_liberation("Serif", weight) for weight in _STYLES),
    *(_liberation("Sans", weight) for weight in _STYLES),
    *(_liberation("Mono", weight) for weight in _STYLES),
    *(_crosextra("Carlito", weight, _OFL) for weight in _STYLES),
    *(_crosextra("Caladea", weight, "Apache License 2.0") for weight in _STYLES),
    FontSource(
        "TibetanMachineUni.ttf",
        "Tibetan Machine Uni",
        ("TibetanMachineUni.ttf",),
        "fonts-tibetan-machine",
        "GPL-2.0 with font embedding exception",
        chinese=False,
        needed=False,
    ),
    FontSource(
        "DejaVuSans.ttf", "DejaVu Sans", ("DejaVuSans.ttf",), "fonts-dejavu-core", "Bitstream Vera", False
    ),
)


def build_pack(fonts: Path, report: Report) -> PackManifest:
    """Complete ``fonts/pack``; unaltered files stay. Raise FormsvcError."""
    pack = fonts / "pack"
    _make_folders(pack / "licences", fonts / "own")
    before = read_manifest(pack)
    intact = {font.file: font for font in before.fonts if before.recipe == RECIPE and _is_intact(pack, font)}
    chosen = [font for font in SYSTEM_FONTS if font.needed or font.file in intact or find_font(font.sources)]
    packed = [intact.get(font.file) or _from_system(font, pack, report) for font in chosen]
    # these two are taken as they are, of any recipe: they need not be fetched again
    fetched = {f.file: f for f in before.fonts if f.file in fandol_fonts.FAMILIES and _is_intact(pack, f)}
    free, missing = _fandol(pack, fetched, report)
    for font in SYSTEM_FONTS:
        if font not in chosen:
            missing[font.file] = msg("系统里没有软件包 {package}。", package=font.package)
    manifest = PackManifest(RECIPE, (*packed, *free), missing)
    _write(pack / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())
    report(msg("字体包：{count}个字体文件，在 {pack}", count=len(manifest.fonts), pack=pack))
    return manifest


def read_manifest(pack: Path) -> PackManifest:
    """Return the manifest of a pack, an empty one if it cannot be read."""
    try:
        written = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
        fonts = tuple(PackedFont(**font) for font in written.pop("fonts"))
        return PackManifest(fonts=fonts, **written)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return PackManifest(recipe=0)


def faulty_files(pack: Path, *, needed: bool = True) -> list[str]:
    """Return files of the pack that are missing or altered, Fandol apart.

    ``needed``: only those without which documents come out wrong.
    """
    intact = {font.file for font in read_manifest(pack).fonts if _is_intact(pack, font)}
    return [font.file for font in SYSTEM_FONTS if font.file not in intact and (font.needed or not needed)]


def has_fandol(pack: Path) -> bool:
    return fandol_fonts.FAMILIES.keys() <= {f.file for f in read_manifest(pack).fonts if _is_intact(pack, f)}


def _is_intact(pack: Path, font: PackedFont) -> bool:
    try:
        content = (pack / font.file).read_bytes()
    except OSError:
        return False
    return len(content) == font.size and hashlib.sha256(content).hexdigest() == font.sha256


def _fandol(
    pack: Path, intact: dict[str, PackedFont], report: Report
) -> tuple[list[PackedFont], dict[str, str]]:
    if fandol_fonts.FAMILIES.keys() <= intact.keys():
        return [intact[name] for name in fandol_fonts.FAMILIES], {}
    try:
        files = fandol_fonts.fetch_fandol(report)
    except FormsvcError as refused:
        report(
            msg("字体包：{refused}在此之前，仿宋用霞鹜文楷细体代替，楷体用霞鹜文楷代替。", refused=refused)
        )
        return [], dict.fromkeys(fandol_fonts.FAMILIES, refused.message)
    for licence in fandol_fonts.LICENCE_FILES.values():
        if licence in files:
            _write(pack / "licences" / licence, files[licence])
    licence_file = "licences/fandol-COPYING.txt" if "fandol-COPYING.txt" in files else ""
    return [
        _pack_font(pack, name, family, files[name], fandol_fonts.PACKAGE, fandol_fonts.LICENCE, licence_file)
        for name, family in fandol_fonts.FAMILIES.items()
    ], {}


def _from_system(font: FontSource, pack: Path, report: Report) -> PackedFont:
    source = find_font(font.sources)
    if source is None:
        raise FormsvcError(
            msg("系统里没有字体文件 {file}，字体包做不齐。", file=font.sources[0]),
            msg(
                "请安装软件包 {package}，或从已装好的电脑复制整个 pack 文件夹到 {folder}。",
                package=font.package,
                folder=pack.parent,
            ),
        )
    report(msg("字体包：正在制作 {file} ……", file=font.file))
    content = _single_face(source, font) if font.chinese else source.read_bytes()
    licence_file = _keep_licence(font.package, pack)
    return _pack_font(
        pack, font.file, font.family, content, f"{font.package} {source.name}", font.licence, licence_file
    )


def _pack_font(
    pack: Path, file: str, family: str, content: bytes, source: str, licence: str, licence_file: str
) -> PackedFont:
    _write(pack / file, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return PackedFont(file, family, sha256, len(content), source, licence, licence_file)


def _keep_licence(package: str, pack: Path) -> str:
    """Copy the licence from Debian's folder. Return its name in the pack."""
    try:
        text = Path("/usr/share/doc", package, "copyright").read_bytes()
    except OSError:
        return ""
    name = f"licences/{package}.txt"
    _write(pack / name, text)
    return name


def _single_face(source: Path, font: FontSource) -> bytes:
    """Return the one face of the family, all its Chinese characters, unhinted."""
    family = font.family
    try:
        import uharfbuzz as hb
    except ImportError:
        raise FormsvcError(
            msg("缺少 Python 软件包 uharfbuzz，不能制作字体包。"),
            msg("请先运行 make，或安装 requirements.lock。"),
        ) from None
    blob = hb.Blob.from_file_path(str(source))
    faces = [hb.Face(blob, index) for index in range(hb.Face(blob).count)]
    face = next((face for face in faces if face.get_name(hb.OTNameIdPredefined.FONT_FAMILY) == family), None)
    if face is None:
        raise FormsvcError(
            msg("{source} 里没有字体“{family}”。", source=source, family=family),
            msg("请重新安装这个字体软件包。"),
        )
    subset = hb.SubsetInput()
    subset.unicode_set.update(set(face.unicodes) - set(() if font.hangul else _HANGUL))
    subset.layout_feature_tag_set.clear()
    subset.layout_feature_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _KEPT_FEATURES)
    subset.flags = hb.SubsetFlags.NO_HINTING
    return bytes(hb.subset(face, subset).blob.data)


def _make_folders(*folders: Path) -> None:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise FormsvcError(
                msg("不能建立文件夹 {folder}（{reason}）。", folder=folder, reason=system_reason(refused)),
                msg("请检查写权限和磁盘空间。"),
            ) from None


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as refused:
        partial.unlink(missing_ok=True)
        raise FormsvcError(
            msg("不能写入 {path}（{reason}）。", path=path, reason=system_reason(refused)),
            msg("请检查写权限和磁盘空间。"),
        ) from None
