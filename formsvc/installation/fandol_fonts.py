"""FandolFang and FandolKai, the free 仿宋 and 楷体.

Taken out of a Debian package without installing it, which would bring a gigabyte of TeX.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.installation.font_files import find_font
from formsvc.installation.privileges import is_root

PACKAGE = "texlive-lang-chinese"
LICENCE = "GPL-3.0 with font embedding exception"
FAMILIES = {"FandolFang-Regular.otf": "FandolFang", "FandolKai-Regular.otf": "FandolKai"}
LICENCE_FILES = {"COPYING.gz": "fandol-COPYING.txt", "README": "fandol-README.txt"}

_SHA256 = {
    "FandolFang-Regular.otf": "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
    "FandolKai-Regular.otf": "ea7e7fb4f9b3ac694a68d43946e04d21deed6e8c29a7c2d3081e1a4138f2f827",
}
_LONGEST_DOWNLOAD = 900


def fetch_fandol(report: Callable[[str], None]) -> dict[str, bytes]:
    """Return the two fonts and their licences by name. Raise FormsvcError."""
    files = _installed_fonts() or _downloaded_fonts(report)
    for name, sha256 in _SHA256.items():
        if hashlib.sha256(files.get(name, b"")).hexdigest() != sha256:
            raise FormsvcError(
                msg("得到的 {name} 与核对过的版本不一致，没有采用。", name=name),
                msg("请联系本软件的维护者。"),
            )
    return files


def _installed_fonts() -> dict[str, bytes]:
    fonts = {name: find_font([name]) for name in FAMILIES}
    files = {name: path.read_bytes() for name, path in fonts.items() if path}
    for name, kept_as in LICENCE_FILES.items():
        source = Path("/usr/share/doc/texlive-doc/fonts/fandol", name)
        if source.is_file():
            files[kept_as] = _decompress(name, source.read_bytes())
    return files if files.keys() >= FAMILIES.keys() else {}


def _downloaded_fonts(report: Callable[[str], None]) -> dict[str, bytes]:
    if not (sys.platform.startswith("linux") and shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise FormsvcError(msg("本机不是 Debian 或 Ubuntu，不能自动取得免费的 Fandol 仿宋、楷体。"), _BY_HAND)
    report(msg("字体包：正在下载 Fandol 仿宋、楷体（约 50 MB，不安装到系统）……"))
    with tempfile.TemporaryDirectory(prefix="formsvc-fandol-") as folder:
        if not _download(Path(folder)):
            raise FormsvcError(
                msg("软件源连不上，或者软件包清单过旧，没有取得免费的 Fandol 仿宋、楷体。"), _BY_HAND
            )
        return _unpack(next(Path(folder).glob("*.deb")))


_BY_HAND = msg(
    "联网后可再次运行 formsvc setup；也可把 FandolFang-Regular.otf、FandolKai-Regular.otf 或本单位有授权的仿宋、楷体字体文件放入字体文件夹的 own 目录。"
)


def _download(folder: Path) -> bool:
    download = [
        "apt-get",
        "-qq",
        "-o",
        "Acquire::Retries=1",
        "-o",
        "Acquire::http::Timeout=20",
        "download",
        PACKAGE,
    ]
    if _succeeds(download, folder):
        return True
    return is_root() and _succeeds(["apt-get", "-qq", "update"], folder) and _succeeds(download, folder)


def _succeeds(command: list[str], folder: Path) -> bool:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=_LONGEST_DOWNLOAD, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _unpack(package: Path) -> dict[str, bytes]:
    """Return the needed files of the package."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as unpacking:
        assert unpacking.stdout is not None
        return _read_members(unpacking.stdout)


def _read_members(stream: IO[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            content = (
                archive.extractfile(member) if path.parent.name == "fandol" and member.isfile() else None
            )
            if content is None:
                continue
            if path.name in FAMILIES:
                files[path.name] = content.read()
            elif path.name in LICENCE_FILES:
                files[LICENCE_FILES[path.name]] = _decompress(path.name, content.read())
    return files


def _decompress(name: str, content: bytes) -> bytes:
    return gzip.decompress(content) if name.endswith(".gz") else content
