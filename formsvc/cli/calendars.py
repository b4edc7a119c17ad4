"""Commands on the tables of days off (放假安排)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from formsvc.cli.runtime import CALL_AT_FAULT, echo, fail, handle_errors, load_actor, open_ports
from formsvc.config import read_settings
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.usecases.administration.holiday_tables import HolidayTable

_BY = click.option("--by", default="", help=msg("管理员的登录名，记入系统日志；不写的记作控制台"))


@click.group("calendar", help=msg("放假安排：导入、查看、撤销导入。"))
def calendar() -> None:
    pass


@calendar.command(
    "import",
    help=msg("导入一年的放假安排：Excel（.xlsx）、JSON，或者通知正文的文本文件（.txt，写明 --year）。"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=click.IntRange(2020, 2099), help=msg("文本文件里没有写年份的日期是哪一年"))
@click.option("--source", default="", help=msg("依据的通知，例如 国办发明电〔2026〕9号"))
@click.option("--check", "check_only", is_flag=True, help=msg("只核对，不导入"))
@_BY
@handle_errors
def import_file(file: Path, year: int | None, source: str, check_only: bool, by: str) -> None:
    from formsvc.usecases.administration import holiday_sources, holiday_tables

    ports = open_ports(read_settings(), or_demo=True)
    if year is None and file.suffix.lower() not in (".xlsx", ".json"):
        fail(msg("文本文件请用 --year 写明是哪一年的放假安排。"), CALL_AT_FAULT)
    actor = load_actor(ports, by) if by else None
    content = _read(file, ports.limits.workbook_megabytes)
    table = holiday_sources.read_file(ports, file.name, content, year or 0)
    _stored, shown = holiday_tables.check_table(table, source)
    _print(shown)
    if check_only:
        echo(msg("只是核对，没有导入。"))
        return
    holiday_tables.import_table(ports, actor, table, source)
    echo(msg("已导入{year}年的放假安排，期限随即按它重新计算。", year=shown.year))


def _read(file: Path, megabytes: int) -> bytes:
    if file.stat().st_size > megabytes * 2**20:
        fail(msg("文件超过 {n} MB。", n=megabytes))
    return file.read_bytes()


@calendar.command("list", help=msg("列出正在使用的各年放假安排。"))
@handle_errors
def list_tables() -> None:
    from formsvc.usecases.administration import holiday_tables

    for table in holiday_tables.list_tables(open_ports(read_settings(), or_demo=True)):
        _print(table)


@calendar.command("undo", help=msg("撤销最近一次导入的某年放假安排，恢复以前的。"))
@click.argument("year", type=click.IntRange(2020, 2099))
@_BY
@handle_errors
def undo(year: int, by: str) -> None:
    from formsvc.usecases.administration import holiday_tables

    ports = open_ports(read_settings(), or_demo=True)
    holiday_tables.undo_import(ports, load_actor(ports, by) if by else None, year)
    echo(msg("已撤销导入的{year}年放假安排。", year=year))


def _print(table: HolidayTable) -> None:
    origin = msg("随系统提供") if table.is_shipped else msg("{by}导入", by=table.imported_by)
    echo(msg("{year}年（{origin}）{source}", year=table.year, origin=origin, source=table.source))
    for name, first, last in table.off:
        echo("　".join([msg("放假"), name, f"{first}～{last}"]))
    for day in table.work:
        echo("　".join([msg("上班"), day.isoformat()]))
