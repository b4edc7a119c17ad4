"""Memory limit of commands that read files from elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formsvc.documents.workers.windows_job import limit_process_memory
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg

_MEGABYTE = 2**20


@contextmanager
def limited_memory(megabytes: int) -> Iterator[None]:
    """Let this process use so much memory beyond what it has.

    Raise FormsvcError where more would be used. On Windows the limit lasts until the process ends.
    """
    try:
        with _address_space_limit(megabytes * _MEGABYTE):
            yield
    except MemoryError as error:
        raise FormsvcError(
            msg("读这个文件要用的内存超过 {n} MB，已停止，没有读入。", n=megabytes),
            msg("请核对文件；确实是本单位的，请调高 FORMSVC_RESTORE_MEGABYTES。"),
        ) from error


@contextmanager
def _address_space_limit(added: int) -> Iterator[None]:
    if sys.platform == "win32":
        # -1 is the pseudo handle of the process itself
        limit_process_memory(-1, added // _MEGABYTE)
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _address_space() + added
    # a lower limit of the operator must not be raised
    lower = [each for each in (soft, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([limit, *lower]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    """Return the bytes of address space in use, 0 if the system does not say."""
    # https://docs.kernel.org/filesystems/proc.html, table 1-3: sizes in pages
    pages = Path("/proc/self/statm")
    if not pages.exists():
        return 0
    import resource

    return int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
