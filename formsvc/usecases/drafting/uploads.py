"""Uploaded files as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

# as it came; turned, scaled and without metadata; the ink alone
Purpose = Literal["file", "photograph", "signature"]


class UploadRefused(FormsvcError):
    """A file that is not accepted; the message is one sentence."""


@dataclass(frozen=True)
class KeptUpload:
    """An accepted file: the bytes to keep, and what its metadata said.

    ``taken`` is ``YYYY-MM-DDTHH:MM``, ``place`` a text with degrees; both "" if unknown.
    """

    content: bytes
    mime: str
    taken: str = ""
    place: str = ""


class UploadReader(Protocol):
    """Reader of uploaded files, which trusts no byte of them."""

    def read(self, contents: Sequence[bytes], purpose: Purpose) -> list[KeptUpload | UploadRefused]:
        """Return the outcome for each content, in order."""


class NoUploadReader:
    """Reader of a program that accepts no uploads."""

    def read(self, contents: Sequence[bytes], purpose: Purpose) -> list[KeptUpload | UploadRefused]:
        return [UploadRefused(msg("这个程序不能打开文件，没有收下。请在网页上上传。")) for _ in contents]
