"""Every text people read is in the catalogues, whatever layer says it, and is said in the reader's language."""

from __future__ import annotations

import ast
import contextlib
import os
import pickle
import re
import string
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from formsvc.cli.main import main
from formsvc.domain.chinese import long_date, weekday_name
from formsvc.errors import InputRefused, Problem, RenderingFailed, RightMissing
from formsvc.i18n import catalogs, extract
from formsvc.i18n.messages import (
    DefinitionText,
    Message,
    format_list,
    from_json,
    join_messages,
    msg,
    to_json,
    translate,
)
from tests.support.paths import ROOT
from tests.support.pseudo_locale import MADE_UP, speak

Console = Callable[..., str]
PACKAGE = ROOT / "formsvc"
CHINESE = re.compile(r"[\u3400-\u9fff]")
SAID_BY = {"msg", "_", "_l", "lazy_gettext"}
FAMILY = {
    *("FormsvcError", "InputRefused", "TransitionRefused", "RightMissing", "NotFound", "Conflict", "Busy"),
    *("DefinitionFaulty", "RenderingFailed", "InvalidSetting", "NotAWordFile", "BrokenPart", "ValueError"),
    *("Problem", "Fault", "Finding", "Trouble", "Requirement", "fail", "echo", "tell", "complain", "note"),
    *("flash", "prompt", "add", "_refused"),
}
PLACES = sorted(PACKAGE.rglob("*.py"))
# words of official documents and samples of them, the vocabulary of the trade, and what a schema tells editors
NOT_SENTENCES = {
    "demo/sample_acts.py",
    "demo/office.py",
    "demo/sample_parties.py",
    "documents/generated/scaffold.py",
    "domain/definitions/schema.py",
    "domain/fields/field.py",
    "domain/definitions/form_definition.py",
    "storage/tinydb_sqlite/file_format.py",
    "web/api/openapi.py",
    "web/api/openapi_page.py",
}


@cache
def calls(tree: ast.AST) -> tuple[tuple[str, ast.Call], ...]:
    """Every call with the last word of what is called."""
    return tuple(
        (getattr(node.func, "attr", getattr(node.func, "id", "")), node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def bare_texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Chinese texts that stand in an expression without being said; what is compared or looked up is none."""
    if isinstance(node, ast.Compare | ast.Subscript):
        return
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in SAID_BY:
            for inner in (*node.args[1:], *(k.value for k in node.keywords)):
                yield from bare_texts(inner)
            return
        if name in {"compile", "sub", "split", "replace", "removesuffix", "strip", "join"}:
            return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and CHINESE.search(node.value):
            yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from bare_texts(child)


def docstrings(tree: ast.AST) -> set[int]:
    """The lines of docstrings."""
    bodies = (getattr(node, "body", None) for node in ast.walk(tree))
    return {
        line
        for body in bodies
        if isinstance(body, list)
        for statement in body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of the package, by its place."""
    return tuple(
        (file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in PLACES
    )


# The catalogues --------------------------------------------------------------------------------------


@cache
def program_texts() -> frozenset[str]:
    """Every text of the program; gathering them takes seconds."""
    return frozenset(extract.program_texts())


def read_catalogue(name: str) -> dict[object, object]:
    with (extract.SOURCE_FOLDER / name).open("rb") as file:
        return {
            message.id: message.string
            for message in read_po(file, locale="zh_CN")
            if message.id and not message.context
        }


def test_the_chinese_catalogue_holds_every_text_of_every_layer() -> None:
    found = program_texts()
    catalogue = read_catalogue("messages.po")
    assert set(catalogue) == found, "make texts"
    assert all(text == told for text, told in catalogue.items())
    assert {
        "提交审核",  # a page
        "网址不正确，或者内容已经不在。",  # a table of the pages
        "您{where}没有“{right}”的权限。",  # the trade
        "待签发",  # a state
        "作废必须写明理由。",  # a use case
        "磁盘空间不足，“{name}”没有保存。",  # the store
        "组合图形中的“{name}”不能排出。",  # the documents
        "已写出 {file}",  # the command line
        "设置文件 {file} 不是 UTF-8 编码。请另存为 UTF-8。",  # the settings
        "系统软件包：齐全。",  # set-up
    } <= found


def test_the_template_of_the_catalogues_is_current() -> None:
    with (catalogs.LOCALES / "messages.pot").open("rb") as file:
        kept = {(message.context, message.id) for message in read_po(file) if message.id}
    wanted = {(None, text) for text in program_texts()} | {
        ("form", text) for text in extract.definition_texts()
    }
    assert kept == wanted, "make texts"


def test_what_click_says_of_its_own_is_in_chinese() -> None:
    folder = str(Path(click.__file__).parent)
    methods = [(f"{name}.py", "python") for name in ("exceptions", "types", "parser", "formatting")]
    catalogue = read_catalogue("commandline.po")
    for _file, _line, text, *_rest in extract_from_dir(folder, methods):
        assert text in catalogue or "Invalid start character" in str(text), text
    for texts, told in catalogue.items():
        assert CHINESE.search(told[0] if isinstance(told, tuple) else str(told)), texts


def test_the_catalogue_of_click_is_compiled() -> None:
    file = extract.SOURCE_FOLDER / "commandline.po"
    with file.with_suffix(".mo").open("rb") as kept:
        lies_there = {str(message.id): message.string for message in read_mo(kept) if message.id}
    made = {
        str(message.id): message.string
        for message in read_mo(BytesIO(extract.compile_catalog(file)))
        if message.id
    }
    assert lies_there == made, "make texts"


# What the program says -------------------------------------------------------------------------------


def test_nothing_is_told_without_being_said() -> None:
    told = [
        f"{place}:{text.lineno} {text.value!s}"
        for place, tree in trees()
        for name, call in calls(tree)
        for argument in (*call.args, *(k.value for k in call.keywords if k.arg != "law"))
        if name in FAMILY and place not in NOT_SENTENCES
        for text in bare_texts(argument)
        if not str(text.value).startswith("《")
    ]
    told += [
        f"{place}:{text.lineno} {text.value!s}"
        for place, tree in trees()
        for _, call in calls(tree)
        for keyword in call.keywords
        if keyword.arg in ("help", "message", "remedy")
        for text in bare_texts(keyword.value)
    ]
    assert not told


def test_no_whole_sentence_stands_bare() -> None:
    bare = [
        f"{place}:{text.lineno} {text.value!s}"
        for place, tree in trees()
        if place not in NOT_SENTENCES
        for text in bare_texts(tree)
        if re.search(r"[\u3400-\u9fff”）].*。$|，请|请.+。", str(text.value))
        and text.lineno not in docstrings(tree)
    ]
    assert not bare


def test_every_name_of_a_pattern_has_its_value() -> None:
    patterns = [
        (f"{place}:{call.lineno}", call)
        for place, tree in trees()
        for name, call in calls(tree)
        if name == "msg" and place != "i18n/messages.py"
    ]
    for where, call in patterns:
        assert len(call.args) == 1 and isinstance(call.args[0], ast.Constant), f"{where} no literal pattern"
        pattern, given = str(call.args[0].value), {k.arg for k in call.keywords}
        if not given:
            assert not re.search(r"\{[a-z_0-9]*\}", pattern), f"{where} {pattern}"
            continue
        named = [part for part in string.Formatter().parse(pattern) if part[1] is not None]
        assert {part[1] for part in named} == given, f"{where} {pattern}"
        assert all(str(name).isidentifier() and not spec and not how for _, name, spec, how in named), where


def test_translations_keep_the_names_of_their_pattern() -> None:
    counted = re.compile(r"\{(\w+)\|[^{}|]*\|[^{}|]*\}")
    for file in catalogs.LOCALES.rglob("messages.po"):
        with file.open("rb") as opened:
            for message in read_po(opened):
                names = re.compile(r"\{[^{}]*\}" if message.context else r"\{[a-z_0-9]+\}|%\([a-z_]+\)s")
                text, told = str(message.id), str(message.string)
                there = set(names.findall(text))
                assert not told or there == set(names.findall(counted.sub("", told))), told
                for name in counted.findall(told):
                    assert {f"{{{name}}}", f"%({name})s"} & there, told


@pytest.mark.parametrize(
    "catalogue", list(extract.translated_catalogs()), ids=lambda file: file.parent.parent.name
)
def test_every_text_is_translated(catalogue: Path) -> None:
    assert not extract.untranslated_texts(catalogue), "translate these in the catalogue"


def test_english_is_offered_and_says_chinese_only_where_the_chinese_is_meant() -> None:
    told = catalogs.read_catalog(catalogs.LOCALES / "en" / "LC_MESSAGES" / "messages.po")
    meant = re.compile(
        r"\{[^{}]*\}|《[^》]*》(第[一二三四五六七八九十百×]+条)?|“[^”]*”|: [^ ]*[\u3400-\u9fff].*"
    )
    left = {t for t in told.values() if CHINESE.search(meant.sub("", t))}
    assert catalogs.is_available("en") and not left


def test_gathering_keeps_translations_and_what_one_form_says_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "messages.po"
    file.write_text(
        'msgid "草稿"\nmsgstr "Sketch"\n\nmsgid "不再说的话"\nmsgstr "Gone"\n\n'
        'msgctxt "T22"\nmsgid "当事人"\nmsgstr "Person ordered"\n',
        encoding="utf-8",
    )
    for _again in range(2):
        extract._write(file, extract._updated_catalog(file))
        told = catalogs.parse_entries(file.read_text(encoding="utf-8"))
        kept = {text: said for text, said in told if said}
        assert kept == {"草稿": "Sketch", "T22\x04当事人": "Person ordered"}
    assert '#~ msgstr "Gone"' in file.read_text(encoding="utf-8")
    assert "待审核" in extract.untranslated_texts(file) and "草稿" not in extract.untranslated_texts(file)


def test_a_form_can_be_said_otherwise_than_the_rest() -> None:
    told = {"T22\x04当事人": "Person ordered", "form\x04当事人": "Party", "form\x04期限{due}": "Due {due}"}

    def lookup(text: str) -> str:
        return told.get(text, text)

    assert translate(DefinitionText("T22", "当事人"), lookup) == "Person ordered"
    assert translate(DefinitionText("T15", "当事人"), lookup) == "Party"
    assert translate(DefinitionText("T15", "没有译文"), lookup) == "没有译文"
    put_in = DefinitionText("T15", "期限{due}", {"due": "{due}明天"})
    assert put_in == "期限{due}明天" and translate(put_in, lookup) == "Due {due}明天"
    for way in (lambda t: pickle.loads(pickle.dumps(t)), lambda t: from_json(to_json(t))):
        assert translate(way(put_in), lookup) == "Due {due}明天"


@pytest.mark.parametrize(("n", "told"), [(1, "1 day left"), (0, "0 days left"), (21, "21 days left")])
def test_a_translation_writes_one_and_many(n: int, told: str) -> None:
    assert translate(msg("还剩{n}天", n=n), lambda _: "{n} {n|day|days} left") == told


def test_days_are_written_as_the_language_writes_them() -> None:
    english = catalogs.lookup_for("en")
    assert long_date("2026-11-03") == "2026年11月3日"
    assert translate(long_date("2026-11-03"), english) == "3 November 2026"
    assert translate(
        msg("{start}至{end}", start=long_date("2026-01-01"), end=weekday_name("2026-01-05")), english
    ) == ("1 January 2026 to Mon")


# Sentences -------------------------------------------------------------------------------------------


def loud(text: str) -> str:
    """A made-up translation."""
    return {"、": " & "}.get(text, text.upper() if text.isascii() else f"«{text}»")


def test_a_sentence_keeps_its_pattern_through_errors_and_places() -> None:
    inner = ValueError(msg("“{given}”不是日期。", given="明天"))
    outer = msg("{label}：{reason}", label="检查日期", reason=inner)
    assert outer == "检查日期：“明天”不是日期。"
    assert translate(outer, loud) == "«检查日期：«“明天”不是日期。»»"
    refused = str(RightMissing(msg("签发"), "北林区"))
    assert isinstance(refused, Message)
    assert translate(refused, loud) == "«您«在“北林区”»没有“«签发»”的权限。»«请联系本单位管理员。»"


def test_a_refusal_is_a_sentence_with_every_problem() -> None:
    refused = InputRefused([Problem("day", msg("应填写日期。"), msg("请核对。"), "《消防法》第十六条")])
    told = str(refused)
    assert told == ("填报内容有 1 处需要更正。［day］应填写日期。（依据：《消防法》第十六条）请核对。")
    assert "«［day］«应填写日期。»«（依据：《消防法》第十六条）»«请核对。»»" in translate(told, loud)


def test_lists_take_the_mark_of_the_language() -> None:
    assert translate(msg("只有{names}。", names=format_list(["甲", "乙"])), loud) == "«只有甲 & 乙。»"


@pytest.mark.parametrize("way", [lambda t: pickle.loads(pickle.dumps(t)), lambda t: from_json(to_json(t))])
def test_a_sentence_keeps_its_pattern_from_one_process_to_another(way: Callable[[str], str]) -> None:
    place = join_messages("第一页", msg("第{n}段", n=3), separator=" ")
    sentence = msg("{place}：{sentence}", place=place, sentence=msg("脚注未排出。"))
    received = way(sentence)
    assert received == sentence == "第一页 第3段：脚注未排出。"
    assert translate(received, loud) == translate(sentence, loud) == "«第一页 «第3段»：«脚注未排出。»»"


def test_the_child_that_makes_documents_answers_in_patterns(tmp_path: Path) -> None:
    from formsvc.documents.workers.renderer import RenderingWorkers
    from formsvc.usecases.ports import DocumentMetadata

    fonts = Path(os.environ.get("FORMSVC_FONTS", "instance/fonts"))
    if not (fonts / "pack").is_dir():
        pytest.skip("no font pack here; make test builds one")
    workers = RenderingWorkers(fonts, tmp_path, processes=1)
    try:
        with pytest.raises(RenderingFailed) as refused:
            workers.pdf(b"no Word file", DocumentMetadata(title="", author=""))
    finally:
        workers.close()
    assert isinstance(refused.value.message, Message)
    assert translate(refused.value.message, loud) == "«这个文件不是完好的 Word 文档（.docx）。»"


# The command line ------------------------------------------------------------------------------------


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """The command line in an empty instance; answers what it printed."""
    monkeypatch.setenv("FORMSVC_INSTANCE", str(tmp_path / "instance"))

    def run(*words: str) -> str:
        with contextlib.suppress(SystemExit):
            main([*words], prog_name="formsvc")
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_the_command_line_speaks_the_language_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    speak(tmp_path / "catalogues", monkeypatch)
    monkeypatch.setenv("FORMSVC_LANGUAGE", MADE_UP)
    assert console("render", "T99", __file__, "-o", "x.txt") == "⟦输出文件应当以 .docx 或 .pdf 结尾。⟧\n"
    assert "⟦表单与文书服务：填报、审核、编号、制成 Word 和 PDF。⟧" in console("--help")
    assert "⟦增加一个人员，从键盘输入密码。⟧" in console("user")
    assert console("check", __file__).startswith("⟦⟦错误⟧　⟦test_messages.py ：⟦只能检查 .json")
    assert '"message": "⟦只能检查 .json' in console("check", "--json", __file__)
    refused = console("issue", "T99", __file__, "--by", "a", "--approved-by", "b", "-o", str(tmp_path))
    assert "⟦没有登录名为“a”的在用人员。⟧" in refused


def test_help_is_chinese_again_afterwards(console: Console) -> None:
    told = console("serve", "--help")
    assert "用法" in told and "监听的地址" in told and "显示本说明。" in told


def test_a_language_without_catalogue_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setenv("FORMSVC_LANGUAGE", "tlh")
    told = console("doctor")
    assert told == "FORMSVC_LANGUAGE 应当是已有译文的语言，例如 zh_CN，现在是“tlh”。\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("frob",), "没有 frob 这个命令。"),
        (("serve", "--prot", "1"), "没有 --prot 这个选项。"),
        (("serve", "--port", "0"), "'--port' 的值不对：0 不在 1<=x<=65535 的范围内。"),
        (("serve", "--port", "x"), "“x”不是正确的数。"),
        (("serve", "--port"), "选项 --port 后面应当写 1 个值。"),
        (("issue", "T22"), "缺少 'ANSWERS'。"),
        (("check", "not-there"), "“not-there”不存在。"),
        (("user", "add", "x", "--role", "king"), "“king”不在可用的值里"),
        (("export", "T22", "T23"), "多了参数（T23）。"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(console: Console, words: tuple[str, ...], told: str) -> None:
    said = console(*words)
    assert said.startswith("命令用法不对：") and told in said and said.endswith("查看用法。\n")
    assert not re.search(r"\b(Missing|Invalid|No such|Got|Did you|Error|Option|does not)\b", said)
