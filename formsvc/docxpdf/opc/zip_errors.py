"""What reading a zip file may raise that is damaged, or made by somebody who wishes us ill."""

from __future__ import annotations

import lzma
import zipfile
import zlib

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""All that Python's reader of zip files and the decompressors behind it raise; its documentation names the first alone."""
