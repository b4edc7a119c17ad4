"""Documents of an issued act: stored files, the file to print, prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.domain.acts.act import Act, Step, require_step
from formsvc.errors import FormsvcError, NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import DocumentMetadata

PDF, WORD = "pdf", "docx"


@dataclass(frozen=True)
class IssuedCopy:
    """A copy of an issued document: its title, "" for the only one."""

    title: str
    count: int
    word: str
    pdf: str


def issued_copies(ports: Ports, act: Act) -> list[IssuedCopy]:
    """Return the copies of an issued act, the main one first."""
    defined = ports.definitions.revision(act.revision).definition.copies
    title, count = (defined[0].title, defined[0].count) if defined else ("", 1)
    further = [IssuedCopy(**copy) for copy in act.copies]
    return [IssuedCopy(title, count, act.word, act.pdf), *further]


def issued_document(
    ports: Ports, actor: Actor, act_id: str, kind: str, copy: int = 1
) -> tuple[bytes, str, str]:
    """Return the stored bytes (``pdf`` or ``docx``), SHA-256 and file name.

    `copy` counts from 1, the main one. Raise NotFound before issue and after erasure.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    _require_files(act)
    wanted = _copy(issued_copies(ports, act), copy)
    # the stored bytes are what was signed; nothing is rendered again
    sha256 = wanted.pdf if kind == PDF else wanted.word
    return ports.files.read(sha256), sha256, f"{_file_name(act, wanted.title if copy > 1 else '')}.{kind}"


def _require_files(act: Act) -> None:
    if act.erased:
        raise NotFound(
            msg("这件文书的正式文件已按保存期限删除（{day}）。", day=act.erased["at"][:10]),
            msg("文号和办理经过仍可查看。"),
        )
    if not act.pdf:
        raise NotFound(msg("这件文书还没有编号制发，没有正式文件。"), msg("可以先看“预览”。"))


def _file_name(act: Act, *parts: str) -> str:
    # characters that Windows does not allow in file names
    whole = "_".join(part for part in (act.title, act.number, *parts) if part)
    return re.sub(r'[\\/:*?"<>|\s]+', "_", whole)


def pdf_with_word(ports: Ports, actor: Actor, act_id: str) -> tuple[bytes, str]:
    """Return the issued PDF with its Word file attached, and a file name.

    Raise NotFound before issue.
    """
    pdf, _sha256, name = issued_document(ports, actor, act_id, PDF)
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    issuer = ports.definitions.revision(act.revision).definition.roles.text(act.answers, "issuer")
    tags = DocumentMetadata(act.title, issuer, act.number, act.dated)
    content = ports.renderer.with_word(pdf, ports.files.read(act.word), tags)
    return content, f"{name.removesuffix('.pdf')}_附Word原件.pdf"


def print_file(
    ports: Ports, actor: Actor, act_id: str, *, copy: int = 0, both_sides: bool
) -> tuple[bytes, str]:
    """Return one PDF with all papers to print, and a file name.

    `copy` asks for one of the copies, counted from 1; 0 for each as often as it is needed. With
    `both_sides` each paper begins on a new sheet. Raise NotFound before issue and after erasure.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    _require_files(act)
    copies = issued_copies(ports, act)
    wanted = [_copy(copies, copy)] if copy else copies
    papers = [ports.files.read(each.pdf) for each in wanted for _n in range(each.count)]
    content = papers[0] if len(papers) == 1 else ports.renderer.joined(papers, both_sides=both_sides)
    return content, f"{_file_name(act, '打印')}.pdf"


def _copy(copies: Sequence[IssuedCopy], number: int) -> IssuedCopy:
    if not 1 <= number <= len(copies):
        raise NotFound(
            msg("这件文书没有第 {n} 联。", n=number), msg("共有 {n} 联，从 1 数起。", n=len(copies))
        )
    return copies[number - 1]


def record_print(ports: Ports, actor: Actor, act_id: str, *, copies: int, titles: Sequence[str] = ()) -> Act:
    """Record how many papers were printed; `titles` are those of the copies."""
    if not 1 <= copies <= 99:
        raise FormsvcError(msg("打印份数应当在 1 到 99 之间。"), msg("请重新填写份数。"))
    with ports.store.write() as tx:
        act = visible_act(tx, actor, act_id)
        rule = require_step(act.status, Step.PRINT)
        actor.account.require(rule.right, act.authority)
        note = f"打印 {copies} 份" + (f"（{'、'.join(titles)}）" if titles else "")
        printed = act.changed(ports.clock.now().isoformat(timespec="seconds"), prints=act.prints + copies)
        tx.acts.replace(act.id, printed.to_record())
        record_event(tx, ports.clock, actor, act.id, rule.event, note=note, copies=copies)
    return printed
