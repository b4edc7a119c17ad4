"""The ten traps of the trade, each met at the operator's door: refused there, with the article, or done right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from formsvc.bootstrap import build_ports
from formsvc.cli import documents
from formsvc.cli.main import main
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.usecases.administration import local_rules
from tests.support.document_text import word_paragraphs
from tests.support.sample_office import CASES, ROOT, environment, settings_in
from tests.system.test_new_kind_of_act import letter

BY = ("--by", "staff", "--approved-by", "approver")
TOWN = "绥化市北林区东河镇人民政府"
COUNTY_NOTICE = "北林区人民政府办公室关于赋予乡镇消防执法权的通知"
PROVINCIAL = "黑政发〔2021〕3号"
R1 = (
    "如不服本决定，可以自收到本决定书之日起六十日内向绥化市北林区人民政府申请行政复议，也可以自收到本决定书之日起"
    "六个月内依法向绥化市北林区人民法院提起行政诉讼。复议、诉讼期间本决定不停止执行，法律另有规定的除外。"
)
R2 = (
    "对本决定不服的，应当自收到本决定书之日起六十日内先向绥化市北林区人民政府申请行政复议；对行政复议决定不服的，"
    "可以自收到复议决定书之日起十五日内向绥化市北林区人民法院提起行政诉讼。"
)


class Door:
    """``formsvc issue`` in one sample office, with the entrustment and the record of the worked cases issued."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        definitions, templates = folder / "form_definitions", folder / "doc_templates"
        shutil.copytree(ROOT / "form_definitions", definitions)
        shutil.copytree(ROOT / "doc_templates", templates)
        self.definitions, self.templates = definitions, templates
        settings = replace(settings_in(folder), definitions=definitions, templates=templates)
        office.clear(settings)
        self.ports = build_ports(settings)
        office.create_sample_office(self.ports)

    def issue(self, case: str, **changes: Any) -> Result:
        """Issue a worked case with changes; None takes an answer away."""
        return self.issue_answers(CASES[case]["act"], CASES[case]["fields"] | changes)

    def issue_answers(self, form: str, answers: Mapping[str, Any]) -> Result:
        file = self.folder / "answers.json"
        given = {key: value for key, value in answers.items() if value is not None}
        file.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        words = ["issue", form, str(file), *BY, "-o", str(self.folder / "out")]
        with pytest.MonkeyPatch.context() as patched:
            # one office behind the door for all commands, else each reads and checks all definitions anew
            patched.setattr(documents, "open_ports", lambda _settings, or_demo: self.ports)
            return CliRunner().invoke(main, words, env=environment(self.folder))

    def refusal(self, case: str, **changes: Any) -> str:
        """What is said when a worked case with changes is refused."""
        done = self.issue(case, **changes)
        assert done.exit_code != 0, done.output
        return done.output

    def paper(self, number: str) -> list[str]:
        """The paragraphs of an issued document."""
        (word,) = [f for f in (self.folder / "out").glob("*.docx") if number in f.name]
        return word_paragraphs(word.read_bytes())


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    made = Door(tmp_path_factory.mktemp("door"))
    for case in ("EX01", "EX07"):
        assert made.issue(case).exit_code == 0
    return made


@pytest.fixture(scope="module")
def notice(door: Door) -> str:
    """The number of the inspection notice, which other documents refer to."""
    return door.issue("EX06").stdout.strip()


def told(said: str, *words: str) -> None:
    missing = [word for word in words if word not in said]
    assert not missing, f"{missing} not in: {said}"


def hazards(case: str, **changes: Any) -> list[dict[str, Any]]:
    """The hazards of a case, each with changes."""
    return [{**row, **changes} for row in CASES[case]["fields"]["hazards"]]


# 1 The mode decides name, number and remedy ----------------------------------------------------------

OWN_DUTY = {
    "auth_mode": "M0",
    "issuer_name": TOWN,
    "entrust_ref": None,
    "authority_text": None,
    "drafter": "冯文书",
    "approver": "李明远",
}


def test_own_duty_may_not_order(door: Door) -> None:
    told(door.refusal("EX08", **OWN_DUTY), "不得责令", "改用督促整改的文书", "87号）第九条")


def test_own_duty_is_done_in_the_townships_own_name(door: Door) -> None:
    told(
        door.refusal("EX06", **OWN_DUTY | {"issuer_name": "绥化市北林区消防救援大队"}), "自己的名义", "第九条"
    )


def test_the_series_follows_the_mode(door: Door, notice: str) -> None:
    assert notice == "绥北（东）消检字〔2026〕第0007号"
    assert door.issue("EX06", **OWN_DUTY).stdout.strip() == "东消检字〔2026〕第0001号"
    text = "".join(door.paper("东消检字"))
    assert f"根据《消防安全责任制实施办法》（国办发〔2017〕87号）第九条，{TOWN}依据" in text


def test_the_remedy_follows_the_act_and_cannot_be_typed_over(door: Door) -> None:
    told(door.refusal("EX09", remedy=R1), "救济告知由系统计算", "对本通知书不服的")


# 2 Entrusted is not empowered ------------------------------------------------------------------------


def test_a_countys_notice_empowers_nobody(door: Door) -> None:
    empowered = OWN_DUTY | {"auth_mode": "M1", "assign_doc": COUNTY_NOTICE}
    told(door.refusal("EX09", **empowered), "不能“授权”", "行政处罚法》第二十四条")


def test_an_entrusted_act_bears_the_principals_name_and_signature(door: Door) -> None:
    told(
        door.refusal("EX09", issuer_name=TOWN, authority_text=None),
        "以委托机关的名义",
        "行政处罚法》第二十条",
    )
    told(door.refusal("EX09", approver="李明远"), "“李明远”不是", "行政处罚法》第二十条")


# 3 Coercive measures are never entrusted -------------------------------------------------------------


def test_no_coercive_measure_is_entrusted_or_ordered(door: Door) -> None:
    matters = [
        {"code": "WT09", "name": "临时查封", "law": "《中华人民共和国消防法》第五十四条", "penalty": "—"}
    ]
    told(door.refusal("EX01", matters=matters), "强制措施权不得委托", "行政强制法》第十七条")
    measure = hazards("EX09", measure="由镇政府临时查封二层")
    told(door.refusal("EX09", hazards=measure), "查封", "行政强制法》第十七条")
    told(door.refusal("EX10", next=["强制执行"]), "不得实施行政强制", "行政强制法》第十七条")


# 4 Two styles of numbers -----------------------------------------------------------------------------


def test_official_and_enforcement_numbers_are_written_each_in_its_way(door: Door) -> None:
    assert door.issue("EX02").stdout.strip() == "绥北消公告〔2026〕1号"
    assert door.issue("EX03").stdout.strip() == "东政发〔2026〕6号"
    typed = door.issue("EX09", record_ref="绥北(东)消监查字[2026]7号")
    assert typed.stdout.strip() == "绥北（东）消限字〔2026〕第0005号"


def test_round_brackets_around_a_year_are_refused(door: Door) -> None:
    said = door.refusal("EX03", supersede="《关于明确消防工作责任人的通知》（东政发(2024)5号）同时废止。")
    told(said, "六角括号", "〔2024〕", "GB/T 9704")


# 5 Working days and calendar days --------------------------------------------------------------------


def test_three_working_days_reach_over_a_sunday_worked_in_exchange(door: Door) -> None:
    told(door.refusal("EX09", issue_date="2026-09-23"), "最迟2026-09-22", "消防监督检查规定》第十九条")


def test_the_recheck_falls_on_the_saturday_worked_after_the_holidays(door: Door) -> None:
    rows = hazards("EX09", deadline="2026-09-30")
    told(door.refusal("EX09", hazards=rows, recheck_by="2026-10-09"), "应为“2026年10月10日”")


# 6 Service by publication takes thirty days ----------------------------------------------------------

PUBLISHED = {
    "method": "公告",
    "receiver": None,
    "relation": None,
    "doc_ref": "绥北（东）消检字〔2026〕第0007号",
    "doc_title": None,
    "notice_url": "https://example.invalid/gg",
    "published_on": "2026-09-16",
    "remark": "受送达人下落不明",
}


@pytest.mark.usefixtures("notice")
def test_publication_serves_after_thirty_days_and_not_before(door: Door) -> None:
    early = door.refusal("SV09", **PUBLISHED, received_at="2026-10-15T09:00")
    told(early, "满30日", "2026-10-16", "民事诉讼法》第九十五条")
    issued = door.issue("SV09", **PUBLISHED, received_at="2026-10-16T09:00")
    assert issued.exit_code == 0, issued.output


# 7 A fine on the spot: review before court -----------------------------------------------------------


def on_the_spot() -> dict[str, Any]:
    """当场行政处罚决定书, as far as its remedy and its limit."""
    remedy = {
        "key": "remedy",
        "label": "救济告知",
        "kind": "text",
        "required": True,
        "computed": 'remedy_text("R2", review_organ, court)',
        "law": "《中华人民共和国行政复议法》第二十三条第一款第一项",
    }
    limit = {
        "id": "simple_procedure",
        "check": 'amount <= (party_type == "自然人" ? 20000 : 300000)',
        "message": "罚款超过简易程序的上限。",
        "field": "amount",
        "law": "《中华人民共和国行政处罚法》第五十一条",
    }
    amount = {"key": "amount", "label": "罚款数额", "kind": "money", "required": True}
    group = {
        "include": "@RMD",
        "with": {"remedy": {k: v for k, v in remedy.items() if k in ("computed", "law")}},
    }
    return {
        "id": "T31",
        "title": "当场行政处罚决定书",
        "template": "T31.docx",
        "numbering": {"style": "enforcement", "genre": "消当罚"},
        "modes": ["M1", "M2"],
        "act_type": "order",
        "sections": [{"title": "决定", "fields": ["@ISS", "@AUTH", "@PTY", amount, group]}],
        "rules": [limit],
    }


def test_a_fine_on_the_spot_tells_of_review_first(door: Door) -> None:
    (door.definitions / "T31.json").write_text(
        json.dumps(on_the_spot(), ensure_ascii=False), encoding="utf-8"
    )
    keys = "doc_no issuer_name issue_date authority_text party_name amount remedy drafter approver"
    tags = letter(*(f"{{{{ {key} }}}}" for key in keys.split()))
    (door.templates / "T31.docx").write_bytes(tags)
    record = {
        "id": "dang",
        "authority": "brigade",
        "agent": "donghe",
        "forms": ["T31"],
        "prefix": "绥北（东）消当罚字",
    }
    with door.ports.store.write() as tx:
        tx.series.insert("dang", {**record, "style": "enforcement", "width": 4, "starts": {}})
    asked = ("issuer_name", "issue_date", "drafter", "approver", "auth_mode", "entrust_ref")
    party = tuple(k for k in CASES["EX09"]["fields"] if k.startswith(("party_", "legal_rep")))
    answers = {k: CASES["EX09"]["fields"][k] for k in (*asked, *party)} | {"amount": "3000"}
    told(
        door.issue_answers("T31", answers | {"remedy": R1}).output,
        "先向",
        "行政复议法》第二十三条第一款第一项",
    )
    told(door.issue_answers("T31", answers | {"amount": "5000"}).output, "上限", "行政处罚法》第五十一条")
    assert door.issue_answers("T31", answers).exit_code == 0
    assert R2 in door.paper("消当罚字")


# 8 Coordinating bodies, grid workers and clerks are no officers --------------------------------------


@pytest.mark.parametrize("org", ["东河镇消安办", "永兴村第二网格网格员", "消防文员", "永兴村村民委员会"])
@pytest.mark.parametrize("case", ["EX06", "EX08", "EX10"])
def test_helpers_never_stand_as_officers(door: Door, case: str, org: str) -> None:
    officers = [{**row, "org": org} for row in CASES[case]["fields"]["officers"]]
    told(door.refusal(case, officers=officers), "不是行政执法人员", "54号")


@pytest.mark.parametrize("case", ["EX06", "EX11"])
def test_a_coordinating_body_neither_inspects_nor_urges(door: Door, case: str) -> None:
    told(door.refusal(case, issuer_name="东河镇消防安全委员会办公室"), "议事协调机构", "54号")


def test_helpers_do_not_serve(door: Door) -> None:
    served = {
        "doc_ref": PUBLISHED["doc_ref"],
        "doc_title": None,
        "sender": [{"name": "网格员曹小雨"}, {"name": "钱守规"}],
    }
    told(door.refusal("SV09", **served), "不能作为送达人", "54号")


# 9 Villages are made clear, never appointed ----------------------------------------------------------


@pytest.mark.parametrize("word", ["任命", "任免", "委派"])
def test_villages_are_not_appointed(door: Door, word: str) -> None:
    said = door.refusal("EX04", title=f"关于明确并{word}村消防工作责任人的通知")
    told(said, "只能“明确”", word, "村民委员会组织法》第十四条")


def test_every_village_has_a_manager(door: Door) -> None:
    rows = [{**row, "manager": ""} for row in CASES["EX04"]["fields"]["villages"]]
    told(door.refusal("EX04", villages=rows), "消防安全管理人", "消防法》第三十二条")


# 10 Articles of the revised regulation are not written by heart --------------------------------------


def test_an_article_of_the_revised_regulation_must_be_verified_first(door: Door) -> None:
    cited = "《黑龙江省消防条例》第六十一条"
    told(door.refusal("EX01", basis_clause=cited), "条号已变", "第六十一条", "还没有核定")
    ports = door.ports
    typed = {
        rule.code: str(rule.value)
        for rule in local_rules.local_rules(ports)
        if not isinstance(rule.value, bool)
    }
    typed |= {"remedy_on_orders": "yes", "publication_rolls": "yes"}
    typed |= {"verified_articles": cited, "verified_articles-source": "北林区消防救援大队2026年11月复函"}
    local_rules.save_decisions(ports, sample_actor(ports, "admin"), typed)
    assert "还没有核定" not in door.refusal("EX01", basis_clause=cited)  # only that it is entrusted already
    (rule,) = [r for r in local_rules.local_rules(ports) if r.code == "verified_articles"]
    told(rule.description, "北林区消防救援大队2026年11月复函", "2026年11月23日", "陈静")


# Words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["责令", "处罚"])
def test_own_duty_speaks_neither_of_orders_nor_of_penalties(door: Door, word: str) -> None:
    rows = hazards("EX11", measure=f"拆除防盗网，否则将{word}")
    told(door.refusal("EX11", hazards=rows), f"不得出现“{word}”", "87号）第九条")


def test_a_village_committee_may_be_told_to_put_things_right(door: Door) -> None:
    rows = hazards("EX11", measure="责令村委会确定消防安全管理人")
    said = door.refusal("EX11", party_name="东河镇永兴村村民委员会", hazards=rows, contact="")
    assert "不得出现" not in said


def test_the_words_of_the_template_are_looked_at_too(door: Door) -> None:
    templates = door.templates
    kept = (templates / "T23.docx").read_bytes()
    keys = "doc_no issuer_name issue_date party_name check_date contact contact_phone"
    tags = [f"{{{{ {key} }}}}" for key in keys.split()]
    rows = "{% for r in hazards %}{{ r.desc }}{% endfor %}"
    (templates / "T23.docx").write_bytes(letter(*tags, rows, "逾期不整改的，依法给予处罚。"))
    try:
        told(door.refusal("EX11"), "不得出现“处罚”", "第九条")
    finally:
        (templates / "T23.docx").write_bytes(kept)


def test_a_law_is_named_in_full_where_it_is_named_first(door: Door) -> None:
    said = door.refusal("EX06", law="《行政处罚法》第四十二条", issue_date="2026-09-17")
    told(said, "第一次出现应写全称", "《中华人民共和国行政处罚法》")


@pytest.mark.parametrize("day", ["2026.9.18", "2026-09-18", "2026年09月08日"])
def test_days_are_written_as_official_documents_write_them(door: Door, day: str) -> None:
    rows = hazards("EX11", desc=f"{day}发现二层客房窗户设置固定防盗网")
    told(door.refusal("EX11", hazards=rows), "不编虚位", "GB/T 9704")
