"""The font pack: made once, kept, mended, and honest about what could not be had."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tarfile
from pathlib import Path

import pytest
import uharfbuzz

from formsvc.errors import FormsvcError
from formsvc.installation import fandol_fonts, font_pack
from formsvc.installation.font_pack import FontSource, build_pack, faulty_files, has_fandol, read_manifest

MACHINE_PACK = Path(os.environ["FORMSVC_FONTS"], "pack")
RARE = "䶮㛃𬭊𫖯喆堃犇𠅤〇"
LATIN = next(font for font in font_pack.SYSTEM_FONTS if font.file == "LiberationSerif-Regular.ttf")
CHINESE = FontSource("X.otf", "Noto Sans CJK SC", ("NotoSansSC-Regular.otf",), "fonts-noto-cjk", "OFL")


def face(file: Path) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file)))


def out_of_reach(_say: object) -> dict[str, bytes]:
    raise FormsvcError("软件源连不上。", "请联网。")


@pytest.fixture
def from_machine_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fonts come out of the machine's own pack, so that no system package is needed; Fandol is out of reach."""
    monkeypatch.setattr(font_pack, "SYSTEM_FONTS", (LATIN, CHINESE))
    monkeypatch.setattr(font_pack, "find_font", lambda names: MACHINE_PACK / names[0])
    monkeypatch.setattr(fandol_fonts, "fetch_fandol", out_of_reach)


@pytest.mark.usefixtures("from_machine_pack")
class TestBuilding:
    def test_each_file_is_made_with_its_family_hash_source_and_licence(self, tmp_path: Path) -> None:
        manifest = build_pack(tmp_path, print)

        assert [(f.file, f.family) for f in manifest.fonts] == [
            (LATIN.file, "Liberation Serif"),
            ("X.otf", "Noto Sans CJK SC"),
        ]
        assert manifest.fonts[0].source == "fonts-liberation LiberationSerif-Regular.ttf"
        assert read_manifest(tmp_path / "pack") == manifest
        assert faulty_files(tmp_path / "pack") == []
        assert (tmp_path / "own").is_dir()

    def test_what_is_there_is_not_made_again(self, tmp_path: Path) -> None:
        build_pack(tmp_path, print)
        before = (tmp_path / "pack/X.otf").stat().st_mtime_ns
        said: list[str] = []
        build_pack(tmp_path, said.append)

        assert (tmp_path / "pack/X.otf").stat().st_mtime_ns == before
        assert not any("正在制作" in line for line in said)

    def test_an_altered_file_is_found_and_mended(self, tmp_path: Path) -> None:
        build_pack(tmp_path, print)
        (tmp_path / "pack/X.otf").write_bytes(b"cut")

        assert faulty_files(tmp_path / "pack") == ["X.otf"]
        build_pack(tmp_path, print)
        assert faulty_files(tmp_path / "pack") == []

    def test_a_pack_of_an_older_recipe_is_made_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build_pack(tmp_path, print)
        monkeypatch.setattr(font_pack, "RECIPE", font_pack.RECIPE + 1)
        said: list[str] = []
        build_pack(tmp_path, said.append)

        assert any("正在制作 X.otf" in line for line in said)

    def test_fandol_out_of_reach_is_said_and_written_down(self, tmp_path: Path) -> None:
        said: list[str] = []
        manifest = build_pack(tmp_path, said.append)

        assert manifest.missing == dict.fromkeys(fandol_fonts.FAMILIES, "软件源连不上。")
        assert any("仿宋用霞鹜文楷细体代替" in line for line in said)
        assert not has_fandol(tmp_path / "pack")

    def test_fandol_comes_with_its_licence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files = {**dict.fromkeys(fandol_fonts.FAMILIES, b"font"), "fandol-COPYING.txt": b"GPL"}
        monkeypatch.setattr(fandol_fonts, "fetch_fandol", lambda say: files)
        manifest = build_pack(tmp_path, print)

        assert has_fandol(tmp_path / "pack")
        assert manifest.missing == {}
        assert (tmp_path / "pack" / manifest.fonts[-1].licence_file).read_bytes() == b"GPL"

    def test_hangul_goes_and_every_chinese_character_stays(self, tmp_path: Path) -> None:
        build_pack(tmp_path, print)
        before, after = (
            set(face(f).unicodes) for f in (MACHINE_PACK / CHINESE.sources[0], tmp_path / "pack/X.otf")
        )

        assert after == before
        assert not any(0xAC00 <= code < 0xD800 for code in after)

    def test_a_font_the_system_lacks_is_named_with_its_package(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(font_pack, "find_font", lambda names: None)
        with pytest.raises(FormsvcError, match="fonts-liberation"):
            build_pack(tmp_path, print)

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(FormsvcError, match="不能建立文件夹"):
            build_pack(tmp_path / "taken", print)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"recipe": 1}', '{"fonts": [{"no": 1}]}', '{"fonts": [], "extra": 1}']
)
def test_a_manifest_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    assert read_manifest(tmp_path).fonts == ()
    assert read_manifest(tmp_path).recipe == 0


def test_the_pack_of_this_machine_is_whole_and_announces_its_families() -> None:
    assert faulty_files(MACHINE_PACK) == []
    for font in read_manifest(MACHINE_PACK).fonts:
        announced = face(MACHINE_PACK / font.file).get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY)
        assert announced.startswith(font.family)
        assert font.licence


@pytest.mark.parametrize(
    "file",
    ["LXGWWenKai-Light.ttf", "LXGWWenKai-Regular.ttf", "NotoSerifSC-Regular.otf", "NotoSansSC-Regular.otf"],
)
def test_rare_names_are_in_every_font_that_stands_in(file: str) -> None:
    codes = face(MACHINE_PACK / file).unicodes

    assert [c for c in RARE if ord(c) not in codes] == []


def test_only_the_wanted_files_are_taken_out_of_the_package() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in {
            "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf": b"fang",
            "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolSong-Regular.otf": b"song",
            "./usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz": gzip.compress(b"GPL"),
            "./usr/share/doc/texlive-doc/fonts/other/README": b"other",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    stream.seek(0)

    assert fandol_fonts._read_members(stream) == {
        "FandolFang-Regular.otf": b"fang",
        "fandol-COPYING.txt": b"GPL",
    }


def test_fonts_that_are_not_the_ones_checked_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fandol_fonts, "_installed_fonts", lambda: dict.fromkeys(fandol_fonts.FAMILIES, b"other")
    )
    with pytest.raises(FormsvcError, match="与核对过的版本不一致"):
        fandol_fonts.fetch_fandol(print)


def test_without_apt_the_way_by_hand_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fandol_fonts, "_installed_fonts", dict)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FormsvcError, match="own 目录"):
        fandol_fonts.fetch_fandol(print)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Debian's packages are fetched on Linux only"
)
def test_a_source_that_does_not_answer_is_told_from_a_wrong_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fandol_fonts, "_installed_fonts", dict)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(fandol_fonts, "_succeeds", lambda command, folder: False)
    with pytest.raises(FormsvcError, match="软件源连不上"):
        fandol_fonts.fetch_fandol(print)
