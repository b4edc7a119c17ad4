"""Commands on Word templates: draft one from a form definition."""

from __future__ import annotations

from pathlib import Path

import click

from formsvc.cli.runtime import CALL_AT_FAULT, echo, fail, says_what_is_wrong, write_file
from formsvc.config import read_settings
from formsvc.i18n.messages import msg


@click.command(help=msg("由表单定义起草一个 Word 模板，在 Word 里改好措辞后使用。"))
@click.argument("form", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="TEMPLATE.docx")
@click.option("--force", is_flag=True, help=msg("覆盖已有的文件"))
@says_what_is_wrong
def scaffold(form: Path, output: Path, force: bool) -> None:
    from formsvc.documents.checking.folders import load_definition_file
    from formsvc.documents.generated.scaffold import draft_template

    if output.suffix != ".docx":
        fail(msg("输出文件应当以 .docx 结尾。"), CALL_AT_FAULT)
    # a template is finished by hand in Word: an hour's work is easily overwritten
    if output.exists() and not force:
        fail(msg("已经有 {file}。请换一个文件名，或者加 --force 覆盖它。", file=output), CALL_AT_FAULT)
    content = draft_template(load_definition_file(form, read_settings().definitions))
    write_file(output, content)
    echo(msg("已写出 {file}。请在 Word 里改好措辞，再用 formsvc check 检查。", file=output))
