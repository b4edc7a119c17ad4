"""Tells a disk of this machine from a network share, where SQLite's locks cannot be trusted."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_SHARED_FILE_SYSTEMS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|lustre|glusterfs|gfs2?|ocfs2|beegfs"
    r"|fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|davfs.*|smbnetfs|juicefs)|davfs|fuse\.mergerfs"
)
_REMOTE_DRIVE = 4


def network_share(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The name of the network file system a path lies on; empty for a disk of this machine, or if it cannot be told."""
    if sys.platform == "win32":
        return _windows_share(path)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    file_system = _file_system_of(path.resolve(), lines)
    return file_system if _SHARED_FILE_SYSTEMS.fullmatch(file_system) else ""


def _file_system_of(path: Path, mount_lines: list[str]) -> str:
    """Of all mount points above the path the deepest counts, and of those the latest."""
    deepest, file_system = -1, ""
    for line in mount_lines:
        place, _, kind = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place.split(" ")[4]))
        if path.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, file_system = len(point.parts), kind.split(" ")[0]
    return file_system


def _windows_share(path: Path) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    anchor = path.absolute().anchor
    if anchor.startswith("\\\\"):
        return anchor
    return anchor if ctypes.windll.kernel32.GetDriveTypeW(anchor) == _REMOTE_DRIVE else ""
