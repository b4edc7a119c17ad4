"""Commands on documents: draft, issue, convert, check, export."""

from __future__ import annotations

import sys
from dataclasses import asdict
from itertools import product
from pathlib import Path

import click

from formsvc.cli.form_files import (
    check_definition_file,
    example_answers,
    exit_if_both,
    is_path,
    load_definition_and_template,
    with_named_files,
    without_keeping,
)
from formsvc.cli.progress import waiting_line
from formsvc.cli.runtime import (
    CALL_AT_FAULT,
    INPUT_AT_FAULT,
    echo,
    fail,
    handle_errors,
    load_actor,
    open_ports,
    print_json,
    read_answers,
    write_file,
)
from formsvc.config import read_settings
from formsvc.errors import Fault, RenderingFailed
from formsvc.i18n.messages import msg


@click.command(help=msg("不编号的草稿文书（文号处为“待编号”）。"))
@click.argument("form")
@click.argument("answers", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help=msg("OUT.docx 或 OUT.pdf")
)
@click.option("--example", is_flag=True, help=msg("用定义里的填写样例，不写答案文件"))
@handle_errors
def render(form: str, answers: Path | None, output: Path, example: bool) -> None:
    from formsvc.usecases.operator import render_answers

    if output.suffix not in (".docx", ".pdf"):
        fail(msg("输出文件应当以 .docx 或 .pdf 结尾。"), CALL_AT_FAULT)
    exit_if_both(answers, example)
    settings = read_settings()
    ports = without_keeping(open_ports(settings, or_demo=True))
    definition, template_for = load_definition_and_template(settings, ports, form)
    if answers:
        given = with_named_files(ports, definition.fields, read_answers(answers), answers.parent)
    else:
        given = dict(example_answers(definition))
    drawn = render_answers(ports, definition, template_for(given), given)
    for notice in drawn.notices:
        echo(msg("注意：［{field}］{sentence}", field=notice.field, sentence=notice.sentence()), err=True)
    write_file(output, drawn.word if output.suffix == ".docx" else drawn.pdf)
    echo(msg("已写出 {file}", file=output))


@click.command(help=msg("提交、审核、签发、编号并制成两种文件（管理员在服务器上用）。"))
@click.argument("form")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help=msg("承办人的登录名"))
@click.option("--approved-by", required=True, help=msg("审核、签发人的登录名"))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help=msg("输出文件夹")
)
@click.option("--backfill", default="", help=msg("补录理由"))
@handle_errors
def issue(form: str, answers: Path, by: str, approved_by: str, output: Path, backfill: str) -> None:
    from formsvc.usecases.acts.issued_files import issued_document
    from formsvc.usecases.operator import issue_at_once

    settings = read_settings()
    ports = open_ports(settings, or_demo=True)
    if is_path(form):
        pair = check_definition_file(settings, form)
        ports.definitions.publish_file(pair, str(Path(form).absolute()))
        form = pair.form
    drafter, approver = load_actor(ports, by), load_actor(ports, approved_by)
    fields = ports.definitions.current_revision(form).definition.fields
    given = with_named_files(ports, fields, read_answers(answers), answers.parent)
    act = issue_at_once(ports, drafter, approver, form, given, backfill_reason=backfill)
    for copy, kind in product(range(1, len(act.copies) + 2), ("docx", "pdf")):
        content, _sha256, name = issued_document(ports, approver, act.id, kind, copy)
        write_file(output / name, content)
    echo(act.number or msg("已记录（这种文书不编号）"))


@click.command(help=msg("任何 Word 文件变成 PDF。"))
@click.argument("word", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="OUT.pdf")
@click.option(
    "--archive",
    default="a-2b",
    show_default=True,
    type=click.Choice(["a-2b", "a-3b"]),
    help=msg("归档格式：a-2b 为 PDF/A-2b，a-3b 为附有 Word 原件的 PDF/A-3b"),
)
@click.option("--accessible", is_flag=True, help=msg("加上读屏软件使用的结构标签（PDF/UA-1）"))
@click.option(
    "--seconds", type=click.IntRange(1, 3600), help=msg("最多用几秒，缺省按设置 FORMSVC_PDF_SECONDS")
)
@handle_errors
def pdf(word: Path, output: Path, archive: str, accessible: bool, seconds: int | None) -> None:
    from formsvc.bootstrap import convert_word

    settings = read_settings()
    allowed = seconds or settings.limits.pdf_seconds
    with waiting_line(allowed) as elapsed:
        try:
            result = convert_word(
                word.read_bytes(),
                name=word.stem,
                archive=archive,
                accessible=accessible,
                seconds=allowed,
                settings=settings,
            )
        except RenderingFailed as failed:
            if elapsed() < allowed:
                raise
            remedy = msg("文件很长的，用 --seconds 给更多的时间（最多 3600 秒）。")
            raise RenderingFailed(failed.message, remedy) from failed
    write_file(output, result.pdf)
    for warning in result.warnings:
        echo(msg("注意：{warning}", warning=warning), err=True)
    echo(msg("已写出 {file}", file=output))


@click.command(help=msg("检查表单定义和 Word 模板：各自的，以及相互之间的。"))
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=msg("以 JSON 输出"))
@handle_errors
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    from formsvc.bootstrap import build_checker
    from formsvc.documents.checking.check import check_paths, layout_warnings

    settings = read_settings()
    checker = build_checker(settings)
    faults = check_paths(settings.definitions, settings.templates, paths, checker)
    faults += layout_warnings(settings.templates, paths, checker)
    if as_json:
        print_json([asdict(f) for f in faults])
    else:
        _print_faults(faults)
    sys.exit(INPUT_AT_FAULT if any(f.level == "error" for f in faults) else 0)


def _print_faults(faults: list[Fault]) -> None:
    for fault in faults:
        level = msg("错误") if fault.level == "error" else msg("提示")
        echo(msg("{level}　{fault}", level=level, fault=fault))
    errors = len([f for f in faults if f.level == "error"])
    if faults:
        echo(msg("发现 {errors} 处错误，{notices} 处提示。", errors=errors, notices=len(faults) - errors))
    else:
        echo(msg("没有发现问题。"))


@click.command(help=msg("由表单定义起草一个 Word 模板，在 Word 里改好措辞后使用。"))
@click.argument("form", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="TEMPLATE.docx")
@click.option("--force", is_flag=True, help=msg("覆盖已有的文件"))
@click.option("--variant", default="", help=msg("起草哪一种样式：variants 中的 when"))
@handle_errors
def scaffold(form: Path, output: Path, force: bool, variant: str) -> None:
    from formsvc.bootstrap import build_checker
    from formsvc.documents.checking.folders import load_definition_file
    from formsvc.documents.generated.scaffold import draft_template

    if output.suffix != ".docx":
        fail(msg("输出文件应当以 .docx 结尾。"), CALL_AT_FAULT)
    # a template is finished by hand in Word: an hour's work is easily overwritten
    if output.exists() and not force:
        fail(msg("已经有 {file}。请换一个文件名，或者加 --force 覆盖它。", file=output), CALL_AT_FAULT)
    settings = read_settings()
    definition = load_definition_file(form, settings.definitions, build_checker(settings))
    variants = definition.header.variants
    if variant and variant not in [case.when for case in (variants.cases if variants else ())]:
        fail(msg("{form} 没有样式“{variant}”。", form=definition.id, variant=variant), CALL_AT_FAULT)
    content = draft_template(definition.variant(variant))
    write_file(output, content)
    echo(msg("已写出 {file}。请在 Word 里改好措辞，再用 formsvc check 检查。", file=output))


@click.command(help=msg("台账（Excel），或者全部数据（TinyDB 的 JSON 文件）。"))
@click.argument("form", required=False)
@click.option(
    "--tinydb", "tinydb_file", type=click.Path(path_type=Path), help=msg("把全部数据写成 TinyDB 的 JSON 文件")
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help=msg("台账文件 FILE.xlsx"))
@click.option("--personal", is_flag=True, help=msg("证件号码、手机号、自然人住址写出原文，并记入查阅记录"))
@handle_errors
def export(form: str | None, tinydb_file: Path | None, output: Path | None, personal: bool) -> None:
    ports = open_ports(read_settings(), or_demo=True)
    if tinydb_file:
        from formsvc.maintenance import export_store

        export_store(ports.store, tinydb_file)
        echo(msg("已写出 {file}", file=tinydb_file))
        return
    if not form or not output:
        fail(msg("请写明文书和输出文件，例如 formsvc export T22 -o 台账.xlsx。"), CALL_AT_FAULT)
    from formsvc.documents.generated.ledger_export import ledger_workbook
    from formsvc.usecases.acts.search import ledger, ledger_revisions

    definition, acts = ledger(ports, form, plain=personal)
    write_file(output, ledger_workbook(definition, acts, ledger_revisions(ports, acts)))
    echo(msg("已写出 {file}（{n} 件）", file=output, n=len(acts)))
