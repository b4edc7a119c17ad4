"""System libraries and fonts: what is needed and which package has it."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from formsvc.i18n.messages import format_list, join_messages, msg
from formsvc.installation.font_files import find_font, forget_installed_fonts
from formsvc.installation.font_pack import SYSTEM_FONTS, faulty_files
from formsvc.installation.privileges import is_root

_LONGEST_INSTALLATION = 3600
_WINDOWS_FOLDERS = r"C:\msys64\ucrt64\bin;C:\msys64\mingw64\bin;C:\Program Files\GTK3-Runtime Win64\bin"
_MAC_FOLDERS = ("/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib")
_MSYS_PANGO = msg("mingw-w64-ucrt-x86_64-pango（在 MSYS2 中安装）")
_COPIED_PACK = msg("字体：从已装好的电脑复制字体文件夹里的 pack")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "chrome")

PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll")
PANGO_FT2 = ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll")
GOBJECT = ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib", "libgobject-2.0-0.dll")
FONTCONFIG = ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll")
HARFBUZZ_SUBSET = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll")


@dataclass(frozen=True)
class Requirement:
    """A system requirement, and the package that provides it on each system."""

    what: str
    is_present: Callable[[], bool]
    debian: str
    fedora: str
    macos: str
    windows: str
    essential: bool = True


def loads(library: Iterable[str]) -> bool:
    """Return whether a shared library loads, by any of its three names."""
    return any(_loads(path) for name in library for path in (name, *_other_locations(name)))


def _loads(path: str) -> bool:
    try:
        ctypes.CDLL(path)
    except OSError:
        return False
    return True


def _other_locations(name: str) -> list[str]:
    if sys.platform == "win32" and name.endswith(".dll"):
        folders = os.environ.get("WEASYPRINT_DLL_DIRECTORIES", _WINDOWS_FOLDERS).split(";")
        return [str(Path(folder, name)) for folder in folders if Path(folder, name).is_file()]
    if sys.platform == "darwin" and name.endswith(".dylib"):
        return [str(Path(folder, name)) for folder in _MAC_FOLDERS if Path(folder, name).is_file()]
    return []


def browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _library(
    what: str, names: tuple[str, ...], debian: str, fedora: str, *, essential: bool = True
) -> Requirement:
    return Requirement(what, lambda: loads(names), debian, fedora, "pango", _MSYS_PANGO, essential)


def _fonts(what: str, debian: str, fedora: str, macos: str, faulty: list[str]) -> Requirement:
    """Return the fonts of one package, needed until the pack has them."""
    lacking = [font for font in SYSTEM_FONTS if font.package == debian and font.file in faulty]
    return Requirement(
        what,
        lambda: all(find_font(f.sources) for f in lacking),
        debian,
        fedora,
        macos,
        _COPIED_PACK,
        essential=any(f.needed for f in lacking),
    )


def requirements(pack: Path, *, tests: bool) -> list[Requirement]:
    """Return all requirements; the browser only for the tests."""
    needed = [
        Requirement(
            msg("Python 虚拟环境（venv）"),
            _can_create_environments,
            "python3-venv",
            "python3",
            "python",
            "Python",
        ),
        _library(msg("Pango（排版）"), PANGO, "libpango-1.0-0", "pango"),
        _library(msg("PangoFT2（排版）"), PANGO_FT2, "libpangoft2-1.0-0", "pango"),
        _library(msg("GObject（排版）"), GOBJECT, "libglib2.0-0", "glib2"),
        _library(msg("Fontconfig（查找字体）"), FONTCONFIG, "fontconfig", "fontconfig"),
        _library(
            msg("HarfBuzz 字库裁剪"), HARFBUZZ_SUBSET, "libharfbuzz-subset0", "harfbuzz", essential=False
        ),
        *_pack_fonts(faulty_files(pack, needed=False)),
    ]
    return [*needed, _chromium(), _atomic_system(), _poppler()] if tests else needed


def _pack_fonts(faulty: list[str]) -> list[Requirement]:
    noto = (
        "google-noto-serif-cjk-fonts google-noto-sans-cjk-fonts",
        "font-noto-serif-cjk-sc font-noto-sans-cjk-sc",
    )
    return [
        _fonts(msg("思源宋体、思源黑体（Noto CJK）"), "fonts-noto-cjk", *noto, faulty),
        _fonts(msg("霞鹜文楷"), "fonts-lxgw-wenkai", "lxgw-wenkai-fonts", "font-lxgw-wenkai", faulty),
        _fonts(
            msg("Liberation 西文字体"),
            "fonts-liberation",
            "liberation-serif-fonts liberation-sans-fonts liberation-mono-fonts",
            "font-liberation",
            faulty,
        ),
        _fonts("DejaVu Sans", "fonts-dejavu-core", "dejavu-sans-fonts", "font-dejavu", faulty),
        _fonts(
            msg("Carlito（代替 Calibri）"),
            "fonts-crosextra-carlito",
            "google-carlito-fonts",
            "font-carlito",
            faulty,
        ),
        _fonts(
            msg("Caladea（代替 Cambria）"),
            "fonts-crosextra-caladea",
            "google-crosextra-caladea-fonts",
            "font-caladea",
            faulty,
        ),
        _fonts(
            msg("藏文字体"),
            "fonts-tibetan-machine",
            "tibetan-machine-uni-fonts",
            "font-noto-serif-tibetan",
            faulty,
        ),
    ]


def _chromium() -> Requirement:
    debian = "chromium-browser" if _system() == "ubuntu" else "chromium"
    windows = msg("Google Chrome 或 Microsoft Edge")
    return Requirement(
        msg("Chromium 浏览器（测试用）"),
        lambda: browser() is not None,
        debian,
        "chromium",
        "chromium",
        windows,
    )


def _atomic_system() -> Requirement:
    def is_present() -> bool:
        return not sys.platform.startswith("linux") or loads(("libatomic.so.1",))

    return Requirement(
        msg("libatomic（测试用）"), is_present, "libatomic1", "libatomic", "chromium", "Chrome"
    )


def _poppler() -> Requirement:
    return Requirement(
        msg("poppler（测试用）"),
        lambda: shutil.which("pdftotext") is not None,
        "poppler-utils",
        "poppler-utils",
        "poppler",
        "poppler",
        essential=False,
    )


def _can_create_environments() -> bool:
    # Debian splits venv from python3
    return sys.prefix != sys.base_prefix or importlib.util.find_spec("ensurepip") is not None


def install_missing(
    fonts: Path, *, tests: bool, report: Callable[[str], None], report_error: Callable[[str], None]
) -> int:
    """Install what is missing if allowed, else report the packages.

    Return 0, or 2 if something must be installed by hand.
    """
    lacking = _missing(fonts, tests=tests)
    if not lacking:
        report(msg("系统软件包：齐全。"))
        return 0
    if _system() in ("debian", "ubuntu") and is_root():
        _install_with_apt([r.debian for r in lacking], report, report_error)
        lacking = _missing(fonts, tests=tests)
    elif not any(r.essential for r in lacking):
        report(
            msg(
                "系统软件包：可以使用；建议再安装 {names}，字形和速度更好。",
                names=_names(r.debian for r in lacking),
            )
        )
        return 0
    if any(r.essential for r in lacking):
        report_error(advice(lacking))
        return 2
    report(msg("系统软件包：齐全。"))
    return 0


def _missing(fonts: Path, *, tests: bool) -> list[Requirement]:
    # packages may have been installed since the last look
    forget_installed_fonts()
    return [r for r in requirements(fonts / "pack", tests=tests) if not r.is_present()]


def advice(lacking: list[Requirement]) -> str:
    return join_messages(
        msg(
            "本机缺少：{names}。请由管理员安装下列软件包，然后再运行一次：",
            names=format_list(r.what for r in lacking),
        ),
        msg("  Debian、Ubuntu：sudo apt-get install {names}", names=_names(r.debian for r in lacking)),
        msg("  Fedora：sudo dnf install {names}", names=_names(r.fedora for r in lacking)),
        msg("  macOS：brew install {names}", names=_names(r.macos for r in lacking)),
        msg(
            "  Windows：{names}",
            names=join_messages(*dict.fromkeys(r.windows for r in lacking), separator=msg("；")),
        ),
        separator="\n",
    )


def _names(packages: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(packages))


def _system() -> str:
    """Return debian, ubuntu, or another system's own name."""
    if not sys.platform.startswith("linux"):
        return sys.platform
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "linux"
    kin = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((name for name in ("ubuntu", "debian") if name in kin), kin[0])


def _install_with_apt(
    packages: list[str], report: Callable[[str], None], report_error: Callable[[str], None]
) -> None:
    names = list(dict.fromkeys(packages))
    report(msg("系统软件包：将用 apt 安装 {names}（可能要几分钟）……", names=" ".join(names)))
    if not _apt("update"):
        report_error(msg("软件源连不上，先用本机已有的软件包清单试装。"))
    if not _apt("install", "-y", "--no-install-recommends", *names):
        report_error(msg("apt 没有装成。请检查网络和软件源，然后再运行一次。"))


def _apt(*words: str) -> bool:
    command = ["apt-get", "-q", "-o", "Acquire::Retries=2", "-o", "Dpkg::Use-Pty=0", *words]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST_INSTALLATION,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode == 0
