"""Checks of the machine: fonts, libraries, disk, calendar and clock."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from formsvc.domain.calendar import OFFICIAL, Calendar
from formsvc.errors import system_reason
from formsvc.i18n.messages import format_list, join_messages, msg
from formsvc.installation import font_pack
from formsvc.installation.font_files import windows_own_fonts
from formsvc.installation.system_packages import FONTCONFIG, GOBJECT, HARFBUZZ_SUBSET, PANGO, PANGO_FT2, loads

TIME_ZONE = "Asia/Shanghai"
EARLIEST = date(2026, 1, 1)
_MEGABYTE = 1024 * 1024
# the alert of the administrators begins at the same 2 GB
_LITTLE_DISK, _NO_DISK = 2048 * _MEGABYTE, 200 * _MEGABYTE
_FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


@dataclass(frozen=True)
class MachineCheck:
    """One check; ``fatal`` if documents would be wrong unless it is ``ok``."""

    name: str
    ok: bool
    sentence: str
    fatal: bool = False


def check_machine(
    instance: Path, fonts: Path, today: date, calendar: Calendar = OFFICIAL, clock_fault: str = ""
) -> list[MachineCheck]:
    return [
        _pack(fonts / "pack"),
        _song_and_kai(fonts),
        _own_fonts(fonts / "own"),
        _subsetting(),
        _pango(),
        _writing(instance),
        _disk(instance),
        *_calendar(today, calendar),
        _clock(today, clock_fault),
        _time_zone(),
    ]


def _pack(pack: Path) -> MachineCheck:
    faulty = font_pack.faulty_files(pack)
    families = dict.fromkeys(font.family for font in font_pack.SYSTEM_FONTS)
    if not faulty:
        return MachineCheck(
            msg("字体包"), True, msg("{families} 齐全，与清单一致。", families=format_list(families))
        )
    if windows_own_fonts():
        return MachineCheck(
            msg("字体包"), True, msg("没有字体包，使用 Windows 自带的仿宋、楷体、黑体、宋体。")
        )
    return MachineCheck(
        msg("字体包"),
        False,
        msg("缺少或已损坏：{faulty}。请运行 formsvc setup。", faulty=format_list(faulty)),
        fatal=True,
    )


def _song_and_kai(fonts: Path) -> MachineCheck:
    if font_pack.has_fandol(fonts / "pack"):
        return MachineCheck(msg("仿宋楷体"), True, msg("使用 FandolFang、FandolKai。"))
    if windows_own_fonts():
        return MachineCheck(msg("仿宋楷体"), True, msg("使用 Windows 自带的仿宋、楷体。"))
    reason = next(
        iter(font_pack.read_manifest(fonts / "pack").missing.values()), msg("字体包里没有 Fandol。")
    )
    remedy = msg("请联网后运行 formsvc setup，或把有授权的仿宋、楷体放入 own 文件夹。")
    return MachineCheck(
        msg("仿宋楷体"),
        False,
        msg(
            "{reason}仿宋改用霞鹜文楷细体，楷体改用霞鹜文楷，字形与公文习惯有别。{remedy}",
            reason=reason,
            remedy=remedy,
        ),
    )


def _own_fonts(own: Path) -> MachineCheck:
    names = (
        sorted(f.name for f in own.rglob("*") if f.suffix.lower() in _FONT_SUFFIXES) if own.is_dir() else []
    )
    if not names:
        return MachineCheck(
            msg("自备字体"),
            True,
            msg("没有；如有授权的仿宋_GB2312、方正小标宋等，放入 {own} 即优先使用。", own=own),
        )
    return MachineCheck(msg("自备字体"), True, msg("{names}，优先使用。", names=format_list(names)))


def _subsetting() -> MachineCheck:
    if not _imports("uharfbuzz"):
        remedy = msg("请重新安装 requirements.lock。")
        sentence = msg("没有 HarfBuzz，制作 PDF 会慢二十倍，服务不启动。{remedy}", remedy=remedy)
        return MachineCheck(msg("字库裁剪"), False, sentence, fatal=True)
    if loads(HARFBUZZ_SUBSET):
        return MachineCheck(msg("字库裁剪"), True, msg("使用系统的 HarfBuzz。"))
    return MachineCheck(msg("字库裁剪"), True, msg("使用 Python 软件包 uharfbuzz。"))


def _imports(package: str) -> bool:
    try:
        importlib.import_module(package)
    except (ImportError, OSError):
        return False
    return True


def _pango() -> MachineCheck:
    parts = {"Pango": PANGO, "PangoFT2": PANGO_FT2, "GObject": GOBJECT, "Fontconfig": FONTCONFIG}
    lacking = [name for name, library in parts.items() if not loads(library)]
    if not lacking:
        return MachineCheck(msg("排版库"), True, msg("Pango 可用。"))
    return MachineCheck(
        msg("排版库"),
        False,
        msg("缺少 {lacking}，不能制作 PDF。请运行 formsvc setup。", lacking=format_list(lacking)),
        fatal=True,
    )


def _writing(instance: Path) -> MachineCheck:
    try:
        instance.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=instance) as trial:
            trial.write(b"1")
    except OSError as refused:
        why = system_reason(refused)
        return MachineCheck(
            msg("写入权限"),
            False,
            msg("不能写入 {instance}（{why}）。请更改文件夹的权限。", instance=instance, why=why),
            fatal=True,
        )
    return MachineCheck(msg("写入权限"), True, msg("可以写入 {instance}。", instance=instance))


def _disk(instance: Path) -> MachineCheck:
    place = next((p for p in (instance, *instance.absolute().parents) if p.exists()), Path.cwd())
    free = shutil.disk_usage(place).free
    amount = msg("剩余 {amount} GB", amount=f"{free / 1024**3:.1f}")
    if free < _NO_DISK:
        return MachineCheck(
            msg("磁盘空间"), False, msg("{amount}，不足以保存文书。请清理磁盘。", amount=amount), fatal=True
        )
    if free < _LITTLE_DISK:
        return MachineCheck(msg("磁盘空间"), False, msg("{amount}，偏少。请尽快清理磁盘。", amount=amount))
    return MachineCheck(msg("磁盘空间"), True, msg("{amount}。", amount=amount))


def _calendar(today: date, calendar: Calendar) -> list[MachineCheck]:
    findings = []
    for year in (today.year, today.year + 1):
        name = msg("{year}年日历", year=year)
        if not calendar.missing_years([year]):
            findings.append(MachineCheck(name, True, msg("有国务院办公厅的放假安排表。")))
            continue
        # The notice for a year is published in the November before it
        ok = year != today.year and today.month < 11
        findings.append(MachineCheck(name, ok, join_messages(_lack_of_table(year, today), _REMEDY)))
    return findings


_REMEDY = msg(
    "国务院办公厅公布以后，请在“系统管理—放假安排”中导入，或者运行 formsvc calendar import 文件；导入后期限自动重新计算。"
)


def _lack_of_table(year: int, today: date) -> str:
    if year == today.year:
        return msg(
            "没有{year}年的放假安排：元旦、劳动节、国庆节等固定节日照算，其余按周末推算，工作日期限是暂定日期，不作为拒绝的理由。",
            year=year,
        )
    return msg("{year}年的放假安排尚未导入，跨到那一年的工作日期限是暂定日期。", year=year)


def _clock(today: date, fault: str) -> MachineCheck:
    if fault:
        return MachineCheck(msg("时钟"), False, fault, fatal=True)
    if today < EARLIEST:
        return MachineCheck(
            msg("时钟"),
            False,
            msg("今天是 {today}，早于本软件的年份。请校准电脑的时钟。", today=today),
            fatal=True,
        )
    return MachineCheck(msg("时钟"), True, msg("今天是 {today}。", today=today))


def _time_zone() -> MachineCheck:
    try:
        ZoneInfo(TIME_ZONE)
    except (ZoneInfoNotFoundError, OSError):
        return MachineCheck(
            msg("时区"),
            False,
            msg("没有 {time_zone} 的时区数据。请安装 Python 软件包 tzdata。", time_zone=TIME_ZONE),
            fatal=True,
        )
    return MachineCheck(msg("时区"), True, msg("有 {time_zone} 的时区数据。", time_zone=TIME_ZONE))
