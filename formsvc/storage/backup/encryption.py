"""Bytes under a passphrase: written in pieces, each sealed with AES-256-GCM, read in any order.

Each piece is sealed under its place and whether it is the last one, so that no piece can be changed, left out, moved
or cut off unnoticed (the STREAM construction). The key is drawn from the passphrase with scrypt.
"""

from __future__ import annotations

import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

MAGIC = b"formsvc sealed 1\n"
_SALT, _PREFIX, _TAG = 16, 7, 16
_HEADER = len(MAGIC) + _SALT + _PREFIX
PIECE = 1 << 18
_COST = 1 << 16


def is_sealed(stream: BinaryIO) -> bool:
    """Whether this begins as a sealed file does; the stream stands at its beginning afterwards."""
    stream.seek(0)
    begins = stream.read(len(MAGIC))
    stream.seek(0)
    return begins == MAGIC


class Sealing(io.RawIOBase):
    """A stream that seals what is written to it; ``close`` writes the last piece and leaves the target open."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._cipher = _cipher(passphrase, salt)
        self._target = target
        self._pending = bytearray()
        self._count = 0
        target.write(MAGIC + salt + self._prefix)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, content: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Take bytes; full pieces are written at once."""
        self._pending += content
        while len(self._pending) > PIECE:
            self._write_piece(bytes(self._pending[:PIECE]), last=False)
            del self._pending[:PIECE]
        return len(content)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._write_piece(bytes(self._pending), last=True)
        super().close()

    def abandon(self) -> None:
        """Close without a last piece: what was written can never be opened."""
        super().close()

    def _write_piece(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._count, last)
        self._target.write(self._cipher.encrypt(nonce, piece, MAGIC))
        self._count += 1


class Unsealing(io.RawIOBase):
    """What was sealed, readable from any place. Raises FormsvcError for a wrong passphrase or altered bytes."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source = source
        source.seek(0)
        header = source.read(_HEADER)
        body = source.seek(0, io.SEEK_END) - _HEADER
        if not header.startswith(MAGIC) or len(header) < _HEADER or body < _TAG:
            raise _refused()
        salt, self._prefix = header[len(MAGIC) : -_PREFIX], header[-_PREFIX:]
        self._cipher = _cipher(passphrase, salt)
        self._pieces = -(-body // (PIECE + _TAG))
        self._size = body - self._pieces * _TAG
        self._at = 0
        self._opened: tuple[int, bytes] = (-1, b"")
        self._piece(self._pieces - 1)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, into: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read from the piece at hand."""
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, PIECE)
        part = self._piece(number)[inside : inside + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _piece(self, number: int) -> bytes:
        if self._opened[0] != number:
            self._source.seek(_HEADER + number * (PIECE + _TAG))
            sealed = self._source.read(PIECE + _TAG)
            nonce = _nonce(self._prefix, number, number == self._pieces - 1)
            try:
                self._opened = number, self._cipher.decrypt(nonce, sealed, MAGIC)
            except InvalidTag:
                raise _refused() from None
        return self._opened[1]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode()))


def _refused() -> FormsvcError:
    return FormsvcError(
        msg("备份文件打不开：口令不对，或者文件不完整、被改动过。"),
        msg("请核对口令；口令无误时请换另一份备份。"),
    )
