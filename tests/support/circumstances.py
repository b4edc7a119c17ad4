"""The fictitious office of the examples: its authorities, people, officers, entrustment, and code lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from formsvc.domain.authorities import (
    AuthorityKind,
    CertifiedOfficer,
    Circumstances,
    Entrustment,
    IssuingAuthority,
    KnownDocument,
    Matter,
    Person,
)
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.life.register_checks import KnownRegisters
from formsvc.domain.registers.loader import read_register
from tests.support.loaded_definitions import load_once
from tests.support.paths import ROOT

DEFINITIONS = ROOT / "form_definitions"
BRIGADE = "绥化市北林区消防救援大队"
TOWN = "绥化市北林区东河镇人民政府"
ENTRUSTMENT = "绥北消委字〔2026〕第0001号"
RECORD = "绥北（东）消监查字〔2026〕第0007号"
TODAY = date(2026, 9, 21)

brigade = IssuingAuthority(
    id="brigade",
    name=BRIGADE,
    kind=AuthorityKind.FIRE_BRIGADE,
    short="北林区消防救援大队",
    code="绥北",
    credit_code="11231202FAKE00013C",
    head="周国栋",
    head_title="大队长",
    region="231202",
    review_organ="绥化市北林区人民政府",
    court="绥化市北林区人民法院",
    people=(Person("周国栋", "大队长"), Person("孙起草", "参谋")),
)
town = IssuingAuthority(
    id="donghe",
    name=TOWN,
    kind=AuthorityKind.TOWNSHIP,
    short="东河镇人民政府",
    code="东",
    credit_code="11231202FAKE000217",
    head="李明远",
    head_title="镇长",
    region="231202990",
    review_organ="绥化市北林区人民政府",
    court="绥化市北林区人民法院",
    people=(
        Person("李明远", "镇长"),
        Person("陈立新", "副镇长"),
        Person("冯文书", "党政办"),
        Person("赵正言", "综合执法队"),
        Person("钱守规", "综合执法队"),
    ),
)
coordination = IssuingAuthority(
    id="xab", name="北林区消防安全委员会办公室", kind=AuthorityKind.COORDINATION, code="北"
)

officers = (
    CertifiedOfficer("赵正言", "FAKE23120200001", TOWN, date(2024, 1, 1), date(2029, 12, 31)),
    CertifiedOfficer("钱守规", "FAKE23120200002", TOWN, date(2024, 1, 1), date(2029, 12, 31)),
)

_FIRE_LAW = "《中华人民共和国消防法》"
entrustment = Entrustment(
    number=ENTRUSTMENT,
    principal=BRIGADE,
    agent=TOWN,
    matters=(
        Matter(
            "WT01",
            "占用、堵塞、封闭疏散通道、安全出口的处罚",
            f"{_FIRE_LAW}第二十八条、第六十条第一款第三项、第二款",
            "警告、罚款",
        ),
        Matter(
            "WT02",
            "埋压、圈占、遮挡消火栓或者占用防火间距的处罚",
            f"{_FIRE_LAW}第二十八条、第六十条第一款第四项、第二款",
            "警告、罚款",
        ),
        Matter(
            "WT03",
            "占用、堵塞、封闭消防车通道的处罚",
            f"{_FIRE_LAW}第二十八条、第六十条第一款第五项、第二款",
            "警告、罚款",
        ),
        Matter(
            "WT04",
            "消防设施、器材、标志配置不符合标准或者未保持完好有效的处罚",
            f"{_FIRE_LAW}第十六条、第六十条第一款第一项",
            "罚款",
        ),
        Matter("WT05", "与上列事项有关的行政检查", f"{_FIRE_LAW}第五十三条", "—"),
    ),
    powers="对适用警告、罚款的案件依法调查取证，以委托机关名义作出简易程序和普通程序行政处罚决定；开展与委托事项有关的行政检查、责令改正",
    area="东河镇行政区域",
    area_codes=("231202990",),
    exclude="消防安全重点单位",
    excluded_places=("重点单位",),
    starts_on=date(2026, 4, 1),
    ends_on=date(2028, 3, 31),
    officers=("赵正言", "钱守规"),
)


def read_folder(name: str) -> dict[str, Any]:
    """The JSON files of a folder of definitions, by name."""
    files = sorted((DEFINITIONS / name).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


@cache
def definition(form: str) -> FormDefinition:
    """One of the shipped definitions."""
    text = (DEFINITIONS / f"{form}.json").read_text(encoding="utf-8")
    return load_once(text, read_folder("groups"), read_folder("lookups"), f"{form}.json")


@cache
def shipped_registers() -> KnownRegisters:
    """The shipped registers by id."""
    lookups, sources = read_folder("lookups"), read_folder("registers")
    return {
        name: read_register(source, lookups, f"registers/{name}.json")[0] for name, source in sources.items()
    }


def listed_kinds() -> frozenset[str]:
    """The kinds of documents that a life may name though none of them is shipped."""
    return frozenset(entry["code"] for entry in read_folder("lookups")["document_kinds"]["entries"])


@cache
def _lookups() -> dict[str, Any]:
    return {name: content["entries"] for name, content in read_folder("lookups").items()}


def circumstances(documents: Iterable[KnownDocument] = (), **changes: Any) -> Circumstances:
    """The office on 2026-09-21 as in the examples, with changes."""
    found: Mapping[str, KnownDocument] = {key: d for d in documents for key in (d.number, d.act_id) if key}
    usual = Circumstances(
        today=TODAY,
        calendar=OFFICIAL,
        authorities=(brigade, town, coordination),
        officers=officers,
        entrustments=(entrustment,),
        lookups=_lookups(),
        offered_forms=frozenset({"T01", "T07", "T14", "T15", "T22"}),
        find_document=found.get,
    )
    return replace(usual, **changes)


def before_the_entrustment() -> Circumstances:
    """The office before its first entrustment was signed."""
    return circumstances(entrustments=())


def answers(form: str, **changes: Any) -> dict[str, Any]:
    """The example of a definition, with changes."""
    return {**definition(form).example, **changes}
