"""What every command shares: how it says that something is wrong, and how it comes to an instance."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from formsvc.config import Settings, WrongSetting
from formsvc.domain.errors import FormsvcError, InputRefused

if TYPE_CHECKING:
    from formsvc.usecases.wiring import Ports, Who

F = TypeVar("F", bound=Callable[..., Any])
INPUT_AT_FAULT, CALL_AT_FAULT = 1, 2


def fail(message: str, code: int = INPUT_AT_FAULT) -> NoReturn:
    """Say one sentence and stop."""
    click.echo(message, err=True)
    sys.exit(code)


def says_what_is_wrong(command: F) -> F:
    """Turn our errors into a sentence and an exit status."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except InputRefused as refused:
            fail(
                "\n".join(
                    [refused.message, *(f"［{p.field or '整张表'}］{p.sentence()}" for p in refused.problems)]
                )
            )
        except FormsvcError as wrong:
            fail(str(wrong))
        except WrongSetting as wrong:
            fail(str(wrong), CALL_AT_FAULT)
        except OSError as wrong:
            from formsvc.storage.durable import disk_error

            fail(str(disk_error(wrong, Path(wrong.filename or "."))))

    return wrapped  # type: ignore[return-value]


class ChineseGroup(click.Group):
    """A command group whose usage errors are said in Chinese."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a wrong call ends with one Chinese sentence and status 2."""
        kwargs["standalone_mode"] = False
        try:
            return super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as asked:
            click.echo(asked.format_message())
        except click.UsageError as wrong:
            where = wrong.ctx.command_path if wrong.ctx else "formsvc"
            fail(f"命令用法不对：{wrong.format_message()} 用“{where} --help”查看用法。", CALL_AT_FAULT)
        except click.Abort:
            fail("已中止，没有改变任何内容。", CALL_AT_FAULT)
        except click.exceptions.Exit as done:
            sys.exit(done.exit_code)


def open_ports(settings: Settings, *, or_demo: bool = False) -> Ports:
    """The ports of an instance, for one command; ``or_demo``: of its sample office where nothing else is there."""
    from formsvc.app import build_ports

    return build_ports(demo_if_marked(_sample_beside(settings) if or_demo else settings))


def _sample_beside(settings: Settings) -> Settings:
    """The sample office of an instance that was never used for anything else; said on standard error."""
    from formsvc.demo import office

    sample = office.demo_settings(settings)
    if settings.store_file.exists() or not (sample.instance / office.MARK).exists():
        return settings
    click.echo(f"（正式的实例还没有建立，使用示例单位 {sample.instance}）", err=True)
    return sample


def demo_if_marked(settings: Settings) -> Settings:
    """An instance made by ``demo`` stays one whoever opens it."""
    return replace(settings, demo=(settings.instance / "DEMO").exists())


def read_answers(file: Path) -> dict[str, Any]:
    """The flat object of a DATA.json file."""
    from formsvc.documents.library import read_json

    content, faults = read_json(file, file.name)
    if faults:
        fail(str(faults[0]))
    if not isinstance(content, dict):
        fail(f'{file.name} 应当是一个 JSON 对象：{{"字段": 值}}。')
    return content


def form_id(settings: Settings, form: str) -> tuple[Settings, str]:
    """FORM as an id, or as the path of a JSON file whose folder then is the library."""
    if not form.endswith(".json"):
        return settings, form
    file = Path(form).absolute()
    if not file.is_file():
        fail(f"找不到表单定义 {form}。", CALL_AT_FAULT)
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
        fail(f"不能写入 {output}：{wrong.strerror or wrong}。请检查路径和权限。")


def person(ports: Ports, name: str) -> Who:
    """The account of a sign-in name, acting at the console as an operating-system user."""
    from formsvc.usecases.administration import account
    from formsvc.usecases.wiring import Who

    found = account(ports, name.strip().lower())
    if found is None or not found.active:
        fail(f"没有登录名为“{name}”的在用人员。", CALL_AT_FAULT)
    return Who(found, via="console", origin=f"控制台用户 {getpass.getuser()}")
