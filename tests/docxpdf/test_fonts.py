"""Which font stands in for which, and what no font has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from formsvc.docxpdf import FontCatalog
from formsvc.docxpdf.fonts import copies
from formsvc.docxpdf.fonts.fontconfig import write_fontconfig
from formsvc.errors import FormsvcError


def drawn(fonts: FontCatalog, name: str, char: str, **style: bool) -> str:
    """The face that draws a character for a font name."""
    return fonts.chain(name, **style).find(char)[0].face.family


@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("仿宋_GB2312", "FandolFang-Regular"),
        ("仿宋", "FandolFang-Regular"),
        ("FangSong", "FandolFang-Regular"),
        ("方正仿宋_GBK", "FandolFang-Regular"),
        ("楷体_GB2312", "FandolKai-Regular"),
        ("KaiTi", "FandolKai-Regular"),
        ("方正小标宋简体", "NotoSerifCJKsc-Bold"),
        ("华文中宋", "NotoSerifCJKsc-Bold"),
        ("黑体", "NotoSansCJKsc-Regular"),
        ("微软雅黑", "NotoSansCJKsc-Regular"),
        ("宋体", "NotoSerifCJKsc-Regular"),
        ("SIMSUN", "NotoSerifCJKsc-Regular"),
        ("某种仿宋", "FandolFang-Regular"),
    ],
)
def test_official_fonts_have_their_stand_ins(fonts: FontCatalog, name: str, face: str) -> None:
    if face.startswith("Fandol") and not any(f.family == face for f in fonts.faces):
        pytest.skip("a pack without Fandol")
    assert drawn(fonts, name, "文") == face


def test_latin_text_keeps_the_widths_of_times_new_roman(fonts: FontCatalog) -> None:
    for style, face in (
        ({}, "LiberationSerif"),
        ({"bold": True}, "LiberationSerif-Bold"),
        ({"italic": True}, "LiberationSerif-Italic"),
    ):
        assert drawn(fonts, "Times New Roman", "A", east=False, **style) == face
    assert fonts.chain("Times New Roman", east=False).find("0")[1] == 0.5


def test_a_bold_cut_is_used_where_there_is_one_and_thickened_where_not(fonts: FontCatalog) -> None:
    song, _ = fonts.chain("宋体", bold=True).find("文")
    fang, _ = fonts.chain("仿宋", bold=True).find("文")
    title, _ = fonts.chain("方正小标宋简体", bold=True).find("文")
    assert (song.face.family, song.embolden) == ("NotoSerifCJKsc-Bold", False)
    assert fang.embolden
    assert not title.embolden


def test_ideographs_and_full_width_marks_are_one_em_wide(fonts: FontCatalog) -> None:
    for name in ("仿宋_GB2312", "楷体_GB2312", "宋体", "黑体", "方正小标宋简体"):
        assert {fonts.chain(name).find(c)[1] for c in "消防䶮㛃，。（）〔〕：；“”"} == {1.0}


def test_rare_names_are_covered_and_the_rest_is_named(fonts: FontCatalog) -> None:
    chain = fonts.chain("仿宋_GB2312")
    assert all(chain.covers(char) for char in "欧阳䶮㛃𬭊𫖯𠅤☑")
    assert not chain.covers("\ue000")


def test_an_offices_own_font_outranks_the_pack(fonts_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    small_pack(fonts_dir, tmp_path)
    shutil.copy(fonts_dir / "pack" / "LXGWWenKai-Regular.ttf", tmp_path / "own" / "字体.ttf")
    catalog = FontCatalog(tmp_path, tmp_path / "cache")
    assert drawn(catalog, "LXGW WenKai", "文") == "LXGWWenKai-Regular"
    own = next(f for f in catalog.faces if f.family == "LXGWWenKai-Regular")
    assert own.path.name == "字体.ttf"


def test_windows_fonts_are_used_where_they_are(fonts_dir: Path, tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    font = TTFont(fonts_dir / "pack" / "LiberationSerif-Regular.ttf")
    for record in font["name"].names:
        record.string = {1: "Times New Roman", 4: "Times New Roman", 6: "TimesNewRomanPSMT"}.get(
            record.nameID, record.toUnicode()
        )
    (tmp_path / "windows").mkdir()
    font.save(tmp_path / "windows" / "times.ttf")
    catalog = FontCatalog(fonts_dir, tmp_path / "cache", system=tmp_path / "windows")
    assert drawn(catalog, "Times New Roman", "A", east=False) == "TimesNewRomanPSMT"


def test_an_empty_font_directory_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FormsvcError, match="formsvc setup"):
        FontCatalog(tmp_path, tmp_path / "cache")


def test_a_broken_font_file_is_named(fonts_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "坏.ttf").write_bytes(b"\0\1\0\0 broken")
    with pytest.raises(FormsvcError, match="坏.ttf"):
        FontCatalog(tmp_path, tmp_path / "cache")


_ONLY_OURS = """
import sys
from pathlib import Path
from formsvc.docxpdf import FontCatalog
FontCatalog(Path(sys.argv[1]), Path(sys.argv[2])).activate()
from weasyprint.text.ffi import ffi, fontconfig
config = fontconfig.FcInitLoadConfigAndFonts()
found = fontconfig.FcConfigGetFonts(config, fontconfig.FcSetSystem)
text = ffi.new("FcChar8 **")
for index in range(found.nfont):
    fontconfig.FcPatternGetString(found.fonts[index], b"file", 0, text)
    print(ffi.string(text[0]).decode())
"""


def test_the_layout_engine_sees_no_font_of_the_system(fonts_dir: Path, tmp_path: Path) -> None:
    seen = subprocess.run(
        [sys.executable, "-c", _ONLY_OURS, str(fonts_dir), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    files = seen.stdout.split()
    assert len(files) >= 12
    assert all(Path(f).is_relative_to(fonts_dir) for f in files)


@pytest.fixture
def narrow_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system whose C libraries open ASCII names only, and its folder for all programs."""
    monkeypatch.setattr(copies, "uses_code_page_paths", lambda: True)
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path / "shared"))
    return tmp_path / "shared"


def chinese_fonts(fonts_dir: Path, tmp_path: Path) -> FontCatalog:
    """Two fonts in a folder with a Chinese name, one with such a name of its own."""
    for file, name in (("LiberationSerif-Regular.ttf", "serif.ttf"), ("DejaVuSans.ttf", "德佳.ttf")):
        place = tmp_path / "消防" / "own" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fonts_dir / "pack" / file, place)
    return FontCatalog(tmp_path / "消防", tmp_path / "消防" / "cache")


def test_where_only_ascii_names_can_be_opened_the_engine_is_given_copies_with_such_names(
    fonts_dir: Path, tmp_path: Path, narrow_names: Path
) -> None:
    catalog = chinese_fonts(fonts_dir, tmp_path)

    config = write_fontconfig(catalog.faces, catalog.cache)

    copied_files = sorted((config.parent / "copies").iterdir(), key=lambda copy: copy.stat().st_size)
    assert config.is_relative_to(narrow_names)
    assert config.read_text(encoding="utf-8").isascii()
    assert f"<dir>{config.parent.as_posix()}/copies</dir>" in config.read_text(encoding="utf-8")
    assert [copy.read_bytes() for copy in copied_files] == [
        (fonts_dir / "pack" / name).read_bytes() for name in ("LiberationSerif-Regular.ttf", "DejaVuSans.ttf")
    ]


def test_a_font_that_is_gone_leaves_no_copy_behind(
    fonts_dir: Path, tmp_path: Path, narrow_names: Path
) -> None:
    catalog = chinese_fonts(fonts_dir, tmp_path)
    config = write_fontconfig(catalog.faces, catalog.cache)
    (tmp_path / "消防" / "own" / "德佳.ttf").unlink()

    write_fontconfig(FontCatalog(tmp_path / "消防", catalog.cache).faces, catalog.cache)

    assert len(list((config.parent / "copies").iterdir())) == 1


def test_elsewhere_fonts_are_used_where_they_lie(
    fonts_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "uses_code_page_paths", lambda: False)
    catalog = chinese_fonts(fonts_dir, tmp_path)

    config = write_fontconfig(catalog.faces, catalog.cache)

    assert f"<dir>{(tmp_path / '消防' / 'own').as_posix()}</dir>" in config.read_text(encoding="utf-8")
    assert not (config.parent / "copies").exists()


_NO_FONT_FOUND = """
import sys
from pathlib import Path
from formsvc.docxpdf.fonts import catalog
from formsvc.docxpdf import Engine
from formsvc.errors import FormsvcError
empty = Path(sys.argv[2], "fonts.conf")
empty.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig/>')
catalog.write_fontconfig = lambda faces, cache: empty
try:
    Engine.load(catalog.FontCatalog(Path(sys.argv[1]), Path(sys.argv[2])))
except FormsvcError as refused:
    print(refused.message)
"""


def test_the_engine_refuses_to_set_pages_without_any_font(fonts_dir: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _NO_FONT_FOUND, str(fonts_dir), str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "读不到任何字体" in told.stdout


@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("Cambria", "Caladea-Regular"),
        ("Calibri Light", "Carlito"),
        ("Aptos", "Carlito"),
        ("Consolas", "LiberationMono"),
        ("Courier New", "LiberationMono"),
        ("Arial", "LiberationSans"),
        ("Times New Roman", "LiberationSerif"),
        ("等线", "NotoSansCJKsc-Regular"),
        ("华文楷体", "FandolKai-Regular"),
        ("华文新魏", "FandolKai-Regular"),
        ("方正仿宋简体", "FandolFang-Regular"),
        ("方正大标宋简体", "NotoSerifCJKsc-Bold"),
        ("ＭＳ ゴシック", "NotoSansCJKsc-Regular"),
        ("MS Mincho", "NotoSerifCJKsc-Regular"),
        ("Microsoft YaHei UI", "NotoSansCJKsc-Regular"),
        ("PMingLiU", "NotoSerifCJKsc-Regular"),
    ],
)
def test_every_font_that_chinese_documents_name_is_known(fonts: FontCatalog, name: str, face: str) -> None:
    east = not name.isascii() or "Noto" in face
    chain = fonts.chain(name, east=east)
    found = chain.find("文" if east else "A")[0].face.family
    if not any(f.family == face for f in fonts.faces):
        pytest.skip(f"a pack without {face}")
    assert (chain.is_known, found) == (True, face)


def named(source: Path, target: Path, family: str, postscript: str) -> Path:
    """A copy of a font under other names, in a file whose name says nothing."""
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    for record in font["name"].names:
        wanted = {1: family, 4: family, 6: postscript, 16: family}.get(record.nameID)
        if wanted is not None:
            record.string = wanted if record.isUnicode() else postscript
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)
    return target


def test_windows_own_fonts_are_found_by_the_names_inside_whatever_the_files_are_called(
    fonts_dir: Path, tmp_path: Path
) -> None:
    windows, source = tmp_path / "windows", fonts_dir / "pack" / "LiberationSerif-Regular.ttf"
    named(source, windows / "a1.ttf", "仿宋", "FangSong")
    named(source, windows / "a2.ttf", "Comic Sans MS", "ComicSansMS")
    (windows / "broken.ttf").write_bytes(b"\0\1\0\0 broken")
    catalog = FontCatalog(fonts_dir, tmp_path / "cache", system=windows)
    assert drawn(catalog, "仿宋_GB2312", "A") == "FangSong"
    assert [f.read_bytes() for f in (tmp_path / "cache" / "system").iterdir()] == [
        (windows / "a1.ttf").read_bytes()
    ]
    (windows / "a1.ttf").unlink()
    without = FontCatalog(fonts_dir, tmp_path / "cache", system=windows)
    assert drawn(without, "仿宋_GB2312", "文") != "FangSong"
    assert not list((tmp_path / "cache" / "system").iterdir())


def small_pack(fonts_dir: Path, folder: Path) -> None:
    """A pack of one font; not everybody may make links on Windows."""
    (folder / "pack").mkdir(parents=True)
    shutil.copyfile(fonts_dir / "pack" / "DejaVuSans.ttf", folder / "pack" / "DejaVuSans.ttf")


def test_a_licensed_font_outranks_windows_and_windows_outranks_the_pack(
    fonts_dir: Path, tmp_path: Path
) -> None:
    source = fonts_dir / "pack" / "LXGWWenKai-Regular.ttf"
    small_pack(fonts_dir, tmp_path / "fonts")
    named(source, tmp_path / "windows" / "simfang.ttf", "仿宋", "FangSong")
    catalog = FontCatalog(tmp_path / "fonts", tmp_path / "cache", system=tmp_path / "windows")
    assert drawn(catalog, "仿宋", "文") == "FangSong"
    named(source, tmp_path / "fonts" / "own" / "x.ttf", "仿宋", "LicensedFangSong")
    catalog = FontCatalog(tmp_path / "fonts", tmp_path / "cache", system=tmp_path / "windows")
    assert drawn(catalog, "仿宋", "文") == "LicensedFangSong"


def test_a_font_may_be_dropped_in_under_the_name_documents_give(fonts_dir: Path, tmp_path: Path) -> None:
    source = fonts_dir / "pack" / "LiberationSerif-Regular.ttf"
    named(source, tmp_path / "own" / "方正小标宋简体.ttf", "FZ Something", "FZSomething")
    small_pack(fonts_dir, tmp_path)
    assert drawn(FontCatalog(tmp_path, tmp_path / "cache"), "方正小标宋简体", "A") == "FZSomething"


@pytest.mark.parametrize(
    "family",
    [
        "NotoSerifCJKjp-Regular",
        "NotoSansCJKtc-Bold",
        "SourceHanSerif-Regular",
        "SourceHanSansK-Bold",
        "NotoSansJP-Thin",
        "SourceHanSansHC-Regular",
    ],
)
def test_faces_that_write_han_otherwise_are_never_drawn(fonts_dir: Path, tmp_path: Path, family: str) -> None:
    named(fonts_dir / "pack" / "LXGWWenKai-Light.ttf", tmp_path / "own" / "a.ttf", "宋体", family)
    small_pack(fonts_dir, tmp_path)
    catalog = FontCatalog(tmp_path, tmp_path / "cache")
    assert family not in {face.family for face in catalog.faces}


def test_what_no_font_has_is_known_before_anything_is_drawn(fonts: FontCatalog) -> None:
    assert fonts.undrawable("欧阳䶮㛃𬭊𫖯𠅤 买买提·艾力\n☑—……") == ()
    assert fonts.undrawable("甲\ue000乙\U0010fffd\ue000") == ("\ue000", "\U0010fffd")
    assert fonts.undrawable("字\ufe00\u200d\u00ad") == ()
