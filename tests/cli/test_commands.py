"""The command line as an operator meets it: results, sentences, exit status."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from formsvc import word_to_pdf
from formsvc.bootstrap import build_ports
from formsvc.cli import runtime
from formsvc.config import read_settings
from formsvc.demo.office import sample_actor
from formsvc.documents.generated.typed_workbook import write_sheets
from formsvc.documents.workers.json_reader import read_json_content
from formsvc.limits import Limits
from formsvc.usecases.registers.excel.workbooks import TypedSheet
from tests.proofs.register_rows import HEAD, shops
from tests.support.document_text import pdf_text, plain_word, word_text
from tests.support.docx_samples.raw_xml import paragraph, word_file
from tests.support.pdfa_rules import archive_faults, opened, said, xmp
from tests.support.sample_office import CASES, ROOT, environment, formsvc
from tests.usecases.administration.test_holiday_tables import NOTICE, TABLE

BY = ("--by", "staff", "--approved-by", "approver")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample office with one issued notice."""
    folder = tmp_path_factory.mktemp("office")
    assert formsvc(folder, "demo", "--office-only").returncode == 0
    assert issued(folder, "EX03").returncode == 0
    return folder


def answers(folder: Path, name: str, **changes: object) -> str:
    """A DATA.json file of a worked case, with changes."""
    file = folder / f"{name}-{len(changes)}.json"
    file.write_text(json.dumps({**CASES[name]["fields"], **changes}, ensure_ascii=False), encoding="utf-8")
    return str(file)


def issued(folder: Path, name: str, **changes: object) -> subprocess.CompletedProcess[str]:
    """``formsvc issue`` on a worked case."""
    act = CASES[name]["act"]
    return formsvc(folder, "issue", act, answers(folder, name, **changes), *BY, "-o", str(folder / "out"))


def test_issue_writes_both_files_and_prints_the_number(office: Path) -> None:
    names = sorted(f.suffix for f in (office / "out").iterdir())
    assert names == [".docx", ".pdf"]


def test_the_next_notice_takes_the_next_number(office: Path) -> None:
    again = issued(office, "EX03")
    assert again.stdout.strip() == "东政发〔2026〕7号"


def test_render_takes_no_number(office: Path) -> None:
    for ending in ("docx", "pdf"):
        out = office / f"draft.{ending}"
        done = formsvc(office, "render", "T07", answers(office, "EX03"), "-o", str(out))
        assert done.returncode == 0, done.stderr
        text = word_text(out.read_bytes()) if ending == "docx" else pdf_text(out.read_bytes())
        assert "待编号" in text and "〔2026〕6号" not in text


def test_pdf_converts_any_word_file(office: Path) -> None:
    word = next((office / "out").glob("*.docx"))
    done = formsvc(office, "pdf", str(word), "-o", str(office / "again.pdf"))
    assert done.returncode == 0, done.stderr
    assert "绥化市北林区东河镇人民政府文件" in pdf_text((office / "again.pdf").read_bytes())


def test_pdf_makes_the_archive_forms_and_tags_that_are_asked_for(office: Path) -> None:
    word, out = next((office / "out").glob("*.docx")), office / "archive.pdf"
    for words, part, tagged in ((("--archive", "a-3b", "--accessible"), "3", True), ((), "2", False)):
        done = formsvc(office, "pdf", str(word), "-o", str(out), *words)
        assert done.returncode == 0, done.stderr
        assert archive_faults(out.read_bytes(), part) == []
        with opened(out.read_bytes()) as pdf:
            assert ("/StructTreeRoot" in pdf.Root) == tagged
            assert said(xmp(pdf), "dc:identifier") in word.stem, "the number is the Word file's"


def test_pdf_tells_what_it_could_not_place(tmp_path: Path) -> None:
    word = tmp_path / "a.docx"
    word.write_bytes(plain_word("甲\ue000"))
    done = formsvc(tmp_path, "pdf", str(word), "-o", str(tmp_path / "a.pdf"))
    assert done.returncode == 0
    assert "注意：第1段“甲\ue000”：“\ue000”（U+E000）没有字体能显示，以〓代替。" in done.stderr


def test_pdf_ends_with_a_sentence_where_the_time_is_up(tmp_path: Path) -> None:
    words = paragraph("经查，你单位二层安全出口被杂物堵塞，现责令你单位于2026年9月21日前改正。" * 4)
    (tmp_path / "long.docx").write_bytes(word_file(words * 4000))
    (tmp_path / "short.docx").write_bytes(word_file(words * 60))
    out = tmp_path / "a.pdf"
    done = formsvc(tmp_path, "pdf", str(tmp_path / "long.docx"), "-o", str(out), "--seconds", "1")
    assert done.returncode == 1 and not out.exists()
    assert done.stderr.strip().splitlines() == [
        "制作文书超过 1 秒，已停止。文件很长的，用 --seconds 给更多的时间（最多 3600 秒）。"
    ]
    # enough time, and a shorter file, are converted
    done = formsvc(tmp_path, "pdf", str(tmp_path / "short.docx"), "-o", str(out), "--seconds", "60")
    assert done.returncode == 0 and done.stderr == ""


def test_the_python_function_makes_what_the_command_makes(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMSVC_INSTANCE", str(office / "demo"))
    word, out = next((office / "out").glob("*.docx")), office / "same.pdf"
    assert formsvc(office, "pdf", str(word), "-o", str(out), "--archive", "a-3b").returncode == 0
    assert word_to_pdf(word.read_bytes(), name=word.stem, archive="a-3b") == out.read_bytes()
    with pytest.raises(ValueError, match="a-2b"):
        word_to_pdf(word.read_bytes(), archive="a-1a")


def test_a_wrong_input_is_refused_with_its_field_and_status_one(office: Path) -> None:
    done = issued(office, "EX03", contact_phone="12", effective_date="")
    assert done.returncode == 1
    assert "［contact_phone］" in done.stderr and "［effective_date］" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_key_is_refused_by_name(office: Path) -> None:
    done = issued(office, "EX03", nonsense="x")
    assert done.returncode == 1
    assert "nonsense" in done.stderr


def test_a_wrong_call_is_status_two(office: Path) -> None:
    assert formsvc(office, "render", "T07").returncode == 2
    assert formsvc(office, "nothing").returncode == 2
    nobody = ("--by", "nobody", "--approved-by", "approver", "-o", str(office / "out"))
    done = formsvc(office, "issue", "T07", answers(office, "EX03"), *nobody)
    assert done.returncode == 2
    assert "nobody" in done.stderr


def test_who_may_not_draft_may_not_issue(office: Path) -> None:
    swapped = ("--by", "reviewer", "--approved-by", "approver", "-o", str(office / "out"))
    done = formsvc(office, "issue", "T07", answers(office, "EX03"), *swapped)
    assert done.returncode == 1
    assert "权限" in done.stderr


def test_the_drafter_cannot_approve_alone(office: Path) -> None:
    alone = ("--by", "approver", "--approved-by", "approver", "-o", str(office / "out"))
    assert formsvc(office, "issue", "T07", answers(office, "EX03"), *alone).returncode == 1


def test_the_ledger_lists_every_number_as_text(office: Path) -> None:
    file = office / "ledger.xlsx"
    assert formsvc(office, "export", "T07", "-o", str(file)).returncode == 0
    rows = list(openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True))
    assert rows[0][0] == "文号"
    assert rows[1][0] == "东政发〔2026〕6号"


def test_everything_goes_out_to_stock_tinydb_and_back(office: Path, tmp_path: Path) -> None:
    import tinydb

    file = tmp_path / "all.json"
    assert formsvc(office, "export", "--tinydb", str(file)).returncode == 0
    with tinydb.TinyDB(file, encoding="utf-8") as stock:
        found = stock.table("acts").search(tinydb.where("number") == "东政发〔2026〕6号")
    assert [act["form"] for act in found] == ["T07"]
    done = formsvc(tmp_path / "new", "import", "--tinydb", str(file))
    assert done.returncode == 0
    lacks = re.search(r"登记的文件有 (\d+) 个不在“(.*?)”里，第一个是 .*。请把", done.stderr)
    assert lacks and int(lacks[1]) > 20 and lacks[2] == str(tmp_path / "new/demo/files")
    shutil.copytree(office / "demo/files", lacks[2], dirs_exist_ok=True)
    assert formsvc(tmp_path / "new", "verify").returncode == 0
    again = tmp_path / "again.json"
    assert formsvc(tmp_path / "new", "export", "--tinydb", str(again)).returncode == 0
    before, after = (json.loads(each.read_text(encoding="utf-8")) for each in (file, again))
    assert before["numbers"] and before["events"]
    assert {name: list(table.values()) for name, table in after.items()} == {
        name: list(table.values()) for name, table in before.items()
    }


def test_a_person_and_a_token_are_added_at_the_console(office: Path) -> None:
    words = ["-m", "formsvc", "user", "add", "zhang", "--role", "staff", "--display-name", "张某"]
    added = subprocess.run(
        [sys.executable, *words],
        env=environment(office),
        cwd=ROOT,
        input="tea-boat-lantern\n",
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    assert added.returncode == 0, added.stderr
    token = formsvc(office, "token", "add", "collector", "--for", "zhang")
    assert token.returncode == 0
    assert len(token.stdout.strip()) >= 40


def test_doctor_says_a_line_for_each_thing(office: Path) -> None:
    done = formsvc(office, "doctor")
    assert done.returncode == 0, done.stdout
    for thing in ("字体", "日历", "时钟"):
        assert thing in done.stdout


@pytest.mark.parametrize(
    ("system", "console", "used"),
    [("linux", "ascii", "utf-8"), ("win32", "utf-8", "utf-8"), ("win32", "cp936", "cp936")],
)
def test_the_console_is_written_to_in_utf8_but_a_pipe_of_windows_as_it_is_read(
    monkeypatch: pytest.MonkeyPatch, system: str, console: str, used: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert runtime.output_encoding(console) == used


def test_json_keeps_to_ascii_where_the_output_is_not_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="gbk"))
    runtime.print_json([{"name": "消防"}])
    sys.stdout.flush()
    assert written.getvalue().isascii()
    assert json.loads(written.getvalue()) == [{"name": "消防"}]


def test_a_demo_does_not_touch_real_data(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "formsvc.sqlite").write_bytes(b"")
    done = formsvc(tmp_path, "demo", "--office-only")
    assert done.returncode == 1
    assert "正式数据" in done.stderr


def test_a_folder_of_the_marks_name_makes_no_demo(tmp_path: Path) -> None:
    (tmp_path / "DEMO").mkdir()  # as Windows finds the sample office's folder beside the real data
    settings = read_settings({}, instance=tmp_path)
    assert not runtime.with_demo_flag(settings).demo
    assert runtime.settings_or_demo(settings) == settings
    place = tmp_path / "sample"
    place.mkdir()
    (place / "DEMO").write_text("", encoding="utf-8")
    assert runtime.with_demo_flag(replace(settings, instance=place)).demo


def test_commands_find_the_sample_office_beside_an_unused_instance(office: Path) -> None:
    env = {**environment(office), "FORMSVC_INSTANCE": str(office)}
    words = [sys.executable, "-m", "formsvc", "export", "T07", "-o", str(office / "beside.xlsx")]
    done = subprocess.run(words, env=env, cwd=ROOT, encoding="utf-8", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "示例单位" in done.stderr
    assert not (office / "formsvc.sqlite").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issue_date": "2026-12-31", "effective_date": "2026-12-31"}, "晚于今天"),
        ({"issue_date": "2025-12-31"}, "不在今年"),
        ({"issue_date": "2026-01-05"}, "早于本系列上一个文号的日期"),
    ],
)
def test_a_day_no_number_can_be_taken_for_leaves_nothing_behind(
    office: Path, changes: dict[str, object], reason: str
) -> None:
    before = stored(office)
    done = issued(office, "EX03", **changes)
    assert done.returncode == 1
    assert "［issue_date］" in done.stderr and reason in done.stderr
    assert stored(office) == before


def test_what_cannot_be_rendered_leaves_nothing_behind(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    from formsvc.errors import RenderingFailed
    from formsvc.usecases.numbering import issue
    from formsvc.usecases.operator import issue_at_once
    from tests.support.sample_office import settings_in

    def refuses(*_: object) -> None:
        raise RenderingFailed("不能制成。")

    monkeypatch.setattr(issue, "_render_and_store", refuses)
    ports, before = build_ports(settings_in(office)), stored(office)
    with pytest.raises(RenderingFailed):
        issue_at_once(
            ports,
            sample_actor(ports, "staff"),
            sample_actor(ports, "approver"),
            "T07",
            CASES["EX03"]["fields"],
        )
    assert stored(office) == before


def stored(folder: Path) -> tuple[int, int]:
    """How many acts and numbers the office holds."""
    from formsvc.bootstrap import build_ports
    from tests.support.sample_office import settings_in

    with build_ports(settings_in(folder)).store.read() as tx:
        return len(list(tx.acts.find())), len(list(tx.numbers.find()))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": 1,}', "逗号"),
        ('{"a": "甲}', "引号没有成对"),
        ("{“a”: 1}", "英文双引号"),
        ('{"a": NaN}', "NaN"),
        ('{"a": ' + "9" * 6000 + "}", "位数过多"),
        ("[" * 100_000, "嵌套太深"),
    ],
    ids=["comma", "quote", "Chinese quotes", "NaN", "6,000 digits", "100,000 brackets"],
)
def test_data_that_is_no_json_is_said_in_words(content: str, said: str) -> None:
    _, faults = read_json_content(content.encode(), "data.json", Limits())
    assert said in str(faults[0])
    assert read_json_content(b'{"a": [1, "x"]}', "data.json", Limits()) == ({"a": [1, "x"]}, [])


def test_data_that_takes_all_memory_is_said_in_words() -> None:
    content = b"[" + b"{}," * 2_000_000 + b"{}]"
    value, (fault,) = read_json_content(content, "data.json", Limits(workbook_memory_megabytes=50))
    assert value is None and "50 MB 内存的限额" in str(fault) and "data.json" in str(fault)


def test_a_folder_without_permission_is_a_sentence(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from formsvc.cli import documents
    from formsvc.cli.main import main

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere/instance")

    monkeypatch.setattr(documents, "open_ports", refuses)
    done = CliRunner().invoke(main, ["export", "T07", "-o", str(office / "x.xlsx")])
    assert done.exit_code == 1
    assert "权限" in done.output and "Traceback" not in done.output


def test_the_version_is_told(office: Path) -> None:
    assert "0." in formsvc(office, "--version").stdout


def test_a_token_is_printed_once_listed_without_its_secret_and_revoked(office: Path) -> None:
    made = formsvc(office, "token", "add", "网格系统", "--for", "staff", "--scope", "read", "--days", "30")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    listed = formsvc(office, "token", "list").stdout
    assert "网格系统　staff　read" in listed
    assert secret not in listed
    assert formsvc(office, "token", "revoke", listed.split("　")[0]).returncode == 0
    assert "已收回" in formsvc(office, "token", "list").stdout


def test_a_token_that_cannot_be_given_out_is_refused_in_one_sentence(office: Path) -> None:
    refused = formsvc(office, "token", "add", "网格系统", "--for", "staff", "--scope", "everything")
    assert refused.returncode == 1
    assert "令牌的范围只能从" in refused.stderr
    assert formsvc(office, "token", "add", "网格系统", "--for", "nobody").returncode == 2


def test_days_off_are_imported_seen_and_undone(office: Path, tmp_path: Path) -> None:
    table, notice = tmp_path / "2027.json", tmp_path / "2027.txt"
    table.write_text(json.dumps(TABLE, ensure_ascii=False), encoding="utf-8")
    notice.write_text(NOTICE, encoding="utf-8")
    unsaid = formsvc(office, "calendar", "import", str(notice))
    assert unsaid.returncode == 2 and "--year" in unsaid.stderr
    checked = formsvc(office, "calendar", "import", str(notice), "--year", "2027", "--check")
    assert checked.returncode == 0 and "只是核对，没有导入" in checked.stdout
    imported = formsvc(office, "calendar", "import", str(table), "--source", "国办发明电〔2026〕虚构号")
    assert imported.returncode == 0 and "已导入2027年" in imported.stdout, imported.stderr
    listed = formsvc(office, "calendar", "list").stdout
    assert "2027年" in listed and "国办发明电〔2026〕虚构号" in listed and "2027-02-05～2027-02-11" in listed
    undone = formsvc(office, "calendar", "undo", "2027")
    assert undone.returncode == 0 and "已撤销导入的2027年" in undone.stdout
    assert formsvc(office, "calendar", "undo", "2027").returncode != 0


def workbook(file: Path, sheet: TypedSheet) -> str:
    file.write_bytes(write_sheets([sheet]))
    return str(file)


def test_rows_go_in_and_out_and_refused_ones_are_named_by_line(office: Path, tmp_path: Path) -> None:
    good = shops(1, 30)
    wrong = ["没有这种主体", *good.rows[0][1:]]
    both = TypedSheet(good.title, HEAD, [*good.rows, wrong])
    faulty = formsvc(office, "register", "import", "objects", workbook(tmp_path / "a.xlsx", both))
    assert faulty.returncode == 1
    assert "第 32 行：" in faulty.stderr
    assert "一行也没有导入" in faulty.stderr
    left = formsvc(office, "register", "import", "objects", str(tmp_path / "a.xlsx"), "--leave-refused")
    assert left.returncode == 0, left.stderr
    assert "已导入：新增 30 行，变更 0 行。" in left.stdout
    again = formsvc(office, "register", "import", "objects", workbook(tmp_path / "b.xlsx", good), "--check")
    assert "新增 0，变更 0，没有变化 30" in again.stdout
    written = formsvc(office, "register", "export", "objects", "-o", str(tmp_path / "out.xlsx"))
    assert written.returncode == 0, written.stderr
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].iter_rows(values_only=True))
    texts = {str(cell) for row in rows for cell in row}
    assert {str(row[1]) for row in good.rows} <= texts
    # personal data are masked unless they are asked for
    assert not {str(row[5]) for row in good.rows} & texts


@pytest.mark.parametrize("words", [("import", "nothing", "README.md"), ("export", "nothing", "-o", "x.xlsx")])
def test_an_unknown_register_is_a_sentence(office: Path, words: tuple[str, ...]) -> None:
    answer = formsvc(office, "register", *words)
    assert answer.returncode == 1
    assert "没有登记簿“nothing”" in answer.stderr
    assert "Traceback" not in answer.stderr
