"""Commands on registers (登记簿): import from and export to Excel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc.cli.progress import CountLine
from formsvc.cli.runtime import (
    INPUT_AT_FAULT,
    echo,
    fail,
    handle_errors,
    load_actor,
    open_ports,
    translate_for_console,
    write_file,
)
from formsvc.config import read_settings
from formsvc.i18n.messages import msg
from formsvc.usecases.context import CONSOLE, Actor

if TYPE_CHECKING:
    from formsvc.usecases.registers.excel.import_plan import ImportPlan

_BY = click.option("--by", default="", help=msg("办理人的登录名，记入变更记录；不写的记作控制台"))


@click.group("register", help=msg("登记簿（名录、名册、台账）：Excel 导入、导出。"))
def register() -> None:
    pass


@register.command("import", help=msg("从 Excel 导入登记簿：先逐行核对，要么全部导入，要么一行不动。"))
@click.argument("register_id", metavar="REGISTER")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "check_only", is_flag=True, help=msg("只核对，不导入"))
@click.option("--leave-refused", is_flag=True, help=msg("不能导入的和疑似重复的行先放下，其余的导入"))
@_BY
@handle_errors
def import_file(register_id: str, file: Path, check_only: bool, leave_refused: bool, by: str) -> None:
    from formsvc.usecases.registers.excel import import_plan, import_writing

    ports = open_ports(read_settings(), or_demo=True)
    actor = load_actor(ports, by) if by else Actor(CONSOLE, via="console")
    if file.stat().st_size > ports.limits.workbook_megabytes * 2**20:
        fail(msg("文件超过 {n} MB。", n=ports.limits.workbook_megabytes))
    table = import_plan.read_file(ports, actor, register_id, file.read_bytes())
    definition = ports.definitions.registers()[register_id]
    columns = import_plan.matched_columns(definition, table)
    plan = import_plan.plan_import(ports, actor, register_id, table, columns)
    unused = [heading for heading, key in columns.items() if not key]
    if unused:
        echo(msg("没有用到的列：{names}", names="、".join(unused)), err=True)
    _print_undecided(plan)
    _print_counts(plan)
    if plan.undecided and not leave_refused:
        echo(msg("一行也没有导入。请改正文件，或者加 --leave-refused 先放下这些行。"), err=True)
        sys.exit(INPUT_AT_FAULT)
    if check_only:
        echo(msg("只是核对，没有导入。"))
        return
    with CountLine(msg("正在导入")) as line:
        receipt = import_writing.write_import(ports, actor, plan.without_undecided(), file.name, line)
    echo(msg("已导入：新增 {added} 行，变更 {changed} 行。", added=receipt.added, changed=receipt.changed))


def _print_undecided(plan: ImportPlan) -> None:
    from formsvc.usecases.registers.excel.import_plan import UNDECIDED

    for row in plan.rows:
        if row.outcome in UNDECIDED:
            reasons = "".join(translate_for_console(problem.sentence()) for problem in row.problems)
            echo(msg("第 {line} 行：{reasons}", line=row.line, reasons=reasons), err=True)


def _print_counts(plan: ImportPlan) -> None:
    from formsvc.usecases.registers.excel.import_plan import Outcome

    counts = plan.counts
    echo(
        msg(
            "共 {n} 行：新增 {new}，变更 {changed}，没有变化 {unchanged}，不能导入 {refused}，疑似重复 {doubtful}。",
            n=len(plan.rows),
            new=counts[Outcome.NEW],
            changed=counts[Outcome.CHANGED],
            unchanged=counts[Outcome.UNCHANGED],
            refused=counts[Outcome.REFUSED],
            doubtful=counts[Outcome.DOUBTFUL],
        )
    )


@register.command("export", help=msg("把登记簿写成 Excel；表头可以原样再导入。"))
@click.argument("register_id", metavar="REGISTER")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="FILE.xlsx")
@click.option("--ended", is_flag=True, help=msg("写出已停用的行"))
@click.option("--personal", is_flag=True, help=msg("证件号码、手机号、自然人住址写出原文，并记入查阅记录"))
@_BY
@handle_errors
def export_file(register_id: str, output: Path, ended: bool, personal: bool, by: str) -> None:
    from formsvc.usecases.registers.excel.row_export import export_sheets
    from formsvc.usecases.registers.row_search import ENDED, RowFilters

    ports = open_ports(read_settings(), or_demo=True)
    actor = load_actor(ports, by) if by else Actor(CONSOLE, via="console")
    filters = RowFilters(view=ENDED) if ended else RowFilters()
    sheets = export_sheets(ports, actor, register_id, filters, personal=personal)
    write_file(output, ports.register_documents.sheets(sheets))
    echo(msg("已写出 {file}（{n} 行）", file=output, n=len(sheets[0].rows)))
