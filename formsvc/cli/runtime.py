"""What every command shares: how it says that something is wrong, and how it comes to an instance."""

from __future__ import annotations

import getpass
import gettext
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from formsvc.config import Settings, WrongSetting, read_settings
from formsvc.domain.parsing import whole_number
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n import catalogs as language
from formsvc.i18n.messages import Lookup, join_messages, msg, translate

if TYPE_CHECKING:
    from formsvc.usecases.context import Actor, Ports
    from formsvc.usecases.maintenance.integrity import Examination
    from formsvc.usecases.ports import Head

F = TypeVar("F", bound=Callable[..., Any])
INPUT_AT_FAULT, CALL_AT_FAULT = 1, 2
CLICKS_TEXTS = "commandline"


def spoken_language() -> str:
    """The language of the settings; where these are at fault, that of the environment alone."""
    try:
        return read_settings().language
    except WrongSetting:
        return language.chosen(os.environ)


def said(text: str) -> str:
    """A sentence in the language of the person at the console."""
    return translate(text, language.lookup_in(spoken_language()))


def echo(text: str, *, err: bool = False) -> None:
    """Say one thing. Every text of the command line passes here, :func:`echo_json` or :func:`fail`."""
    click.echo(said(text), err=err)


def written_in(encoding: str) -> str:
    """UTF-8; but Windows' own where that writes into a pipe or a file, as PowerShell reads it by its code page."""
    return encoding if sys.platform == "win32" else "utf-8"


def echo_json(found: Sequence[Mapping[str, Any]]) -> None:
    """Answer a program; sentences are in the language of the console."""
    spoken = [
        {key: said(value) if isinstance(value, str) else value for key, value in one.items()} for one in found
    ]
    click.echo(_json(spoken))


def echo_examination(found: Examination) -> None:
    """Answer a program what was looked through and found."""
    told = asdict(found)
    for finding in told["findings"]:
        finding["message"] = said(finding["message"])
    click.echo(_json({**told, "sound": found.is_sound}))


def _json(told: Any) -> str:
    """With Chinese as it is where the output is UTF-8, else escaped: JSON is never in another encoding."""
    return json.dumps(told, ensure_ascii=sys.stdout.encoding.lower() not in ("utf-8", "utf8"), indent=1)


def printed_head(text: str) -> Head | None:
    """A head as it is printed: how many links, a colon, and the hash."""
    if not text:
        return None
    from formsvc.usecases.ports import Head

    count, _, digest = text.replace("：", ":").replace(" ", "").lower().partition(":")
    number = whole_number(count)
    if number is None or not re.fullmatch(r"[0-9a-f]{64}", digest):
        fail(msg("锚写作 笔数:摘要，摘要是 64 位的十六进制数，例如 1200:3f…。"), CALL_AT_FAULT)
    return Head(number, digest, "")


def fail(message: str, code: int = INPUT_AT_FAULT) -> NoReturn:
    """Say one sentence and stop."""
    echo(message, err=True)
    sys.exit(code)


def says_what_is_wrong(command: F) -> F:
    """Turn our errors into a sentence and an exit status."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except InputRefused as refused:
            fail(join_messages(refused.message, *map(_problem_line, refused.problems), separator="\n"))
        except FormsvcError as wrong:
            fail(str(wrong))
        except WrongSetting as wrong:
            fail(str(wrong), CALL_AT_FAULT)
        except OSError as wrong:
            from formsvc.app import told_by_disk

            fail(str(told_by_disk(wrong)))

    return wrapped  # type: ignore[return-value]


def _problem_line(problem: Problem) -> str:
    return msg("［{field}］{sentence}", field=problem.field or msg("整张表"), sentence=problem.sentence())


class SpeakingGroup(click.Group):
    """A command group whose help and usage errors are said in the language of the console."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a wrong call ends with one sentence and status 2."""
        kwargs["standalone_mode"] = False
        spoken = spoken_language()
        with _clicks_own_texts(spoken), _help_texts(self, language.lookup_in(spoken)):
            return self._run(*args, **kwargs)

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as asked:
            click.echo(asked.format_message())
        except click.UsageError as wrong:
            where = wrong.ctx.command_path if wrong.ctx else "formsvc"
            message = _why_refused(wrong)
            fail(
                msg("命令用法不对：{message} 用“{where} --help”查看用法。", message=message, where=where),
                CALL_AT_FAULT,
            )
        except click.Abort:
            fail(msg("已中止，没有改变任何内容。"), CALL_AT_FAULT)
        except click.exceptions.Exit as done:
            sys.exit(done.exit_code)


def _why_refused(wrong: click.UsageError) -> str:
    if isinstance(wrong, click.MissingParameter) and wrong.param is not None:
        return msg("缺少 {what}。", what=wrong.param.get_error_hint(wrong.ctx))  # click's ends in a full stop
    return wrong.format_message()


@contextmanager
def _clicks_own_texts(spoken: str) -> Iterator[None]:
    """Click asks gettext for its own texts; they lie in a catalogue of their own."""
    before, asked = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(CLICKS_TEXTS, language.CATALOGUES)
    gettext.textdomain(CLICKS_TEXTS)
    os.environ["LANGUAGE"] = spoken
    try:
        yield
    finally:
        gettext.textdomain(before)
        if asked is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = asked


@contextmanager
def _help_texts(group: click.Group, lookup: Lookup) -> Iterator[None]:
    """Click keeps help as plain text; while a command runs it is in the language of the console."""
    told = list(_with_help(group))
    before = [one.help for one in told]
    for one in told:
        one.help = lookup(one.help) if one.help else one.help
    try:
        yield
    finally:
        for one, text in zip(told, before, strict=True):
            one.help = text


def _with_help(command: click.Command) -> Iterator[click.Command | click.Option]:
    yield command
    yield from (option for option in command.params if isinstance(option, click.Option))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _with_help(inner)


def open_ports(settings: Settings, *, or_demo: bool = False) -> Ports:
    """The ports of an instance, for one command; ``or_demo``: of its sample office where nothing else is there."""
    from formsvc.app import build_ports

    return build_ports(demo_if_marked(sample_beside(settings) if or_demo else settings))


def sample_beside(settings: Settings) -> Settings:
    """The sample office of an instance that was never used for anything else; said on standard error."""
    from formsvc.demo import office

    sample = office.demo_settings(settings)
    if settings.store_file.exists() or not office.is_marked(sample.instance):
        return settings
    echo(msg("（正式的实例还没有建立，使用示例单位 {place}）", place=sample.instance), err=True)
    return sample


def demo_if_marked(settings: Settings) -> Settings:
    """An instance made by ``demo`` stays one whoever opens it."""
    from formsvc.demo import office

    return replace(settings, demo=office.is_marked(settings.instance))


def read_answers(file: Path) -> dict[str, Any]:
    """The flat object of a DATA.json file."""
    from formsvc.documents.checking.folders import read_json

    content, faults = read_json(file, file.name)
    if faults:
        fail(str(faults[0]))
    if not isinstance(content, dict):
        fail(msg('{name} 应当是一个 JSON 对象：{{"字段": 值}}。', name=file.name))
    return content


def passphrase_of(file: Path | None) -> str:
    """The first line of a file; empty where no file is named."""
    if file is None:
        return ""
    lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    if not lines or not lines[0].strip():
        fail(msg("口令文件“{file}”是空的。请把口令写在第一行。", file=file.name), CALL_AT_FAULT)
    return lines[0].strip()


def form_id(settings: Settings, form: str) -> tuple[Settings, str]:
    """FORM as an id, or as the path of a JSON file whose folder then is the library."""
    if not form.endswith(".json"):
        return settings, form
    file = Path(form).absolute()
    if not file.is_file():
        fail(msg("找不到表单定义 {form}。", form=form), CALL_AT_FAULT)
    beside = file.with_suffix(".docx").is_file()
    return replace(
        settings, definitions=file.parent, templates=file.parent if beside else settings.templates
    ), file.stem


def write_file(output: Path, content: bytes) -> None:
    """Write a result, with a sentence where that fails."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as wrong:
        reason = wrong.strerror or str(wrong)
        fail(msg("不能写入 {output}：{reason}。请检查路径和权限。", output=output, reason=reason))


def person(ports: Ports, name: str) -> Actor:
    """The account of a sign-in name, acting at the console as an operating-system user."""
    from formsvc.usecases.administration.accounts import get_account
    from formsvc.usecases.context import Actor

    found = get_account(ports, name.strip().lower())
    if found is None or not found.active:
        fail(msg("没有登录名为“{name}”的在用人员。", name=name), CALL_AT_FAULT)
    return Actor(found, via="console", origin=f"控制台用户 {getpass.getuser()}")
