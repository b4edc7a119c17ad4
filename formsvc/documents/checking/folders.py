"""Folders of form definitions and Word templates, read and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

from formsvc.documents.checking.contract import check_template
from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Fault
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import DefinitionFile


class FolderLibrary:
    """The ``Library`` over ``form_definitions/`` and ``doc_templates/``.

    Definitions have their shared groups and lookups in subfolders.
    """

    def __init__(self, definitions: Path, templates: Path) -> None:
        self._definitions, self._templates = definitions, templates
        self._checked: dict[str, tuple[str, DefinitionFile | None, list[Fault]]] = {}

    def signature(self) -> str:
        return repr([(f.name, *_size_and_time(f)) for f in self._all_files()])

    def forms(self) -> list[str]:
        return [file.stem for file in self._form_files()]

    def checked_pairs(self) -> tuple[list[DefinitionFile], list[Fault]]:
        """Return the pairs that pass, and all faults.

        A pair whose files are unchanged is not checked again.
        """
        faults: list[Fault] = []
        groups = dict(self._folder_json("groups", faults))
        lookups = dict(self._folder_json("lookups", faults))
        shared = repr((groups, lookups))
        pairs: list[DefinitionFile] = []
        for file in self._form_files():
            pair, own_faults = self._checked_pair(file, groups, lookups, shared)
            faults += own_faults
            if pair is not None:
                pairs.append(pair)
        return pairs, faults + self._orphan_templates(pairs)

    def check_one(
        self, definition: Path, template: Path | None = None
    ) -> tuple[DefinitionFile | None, list[Fault]]:
        """Check a definition file in any folder.

        Without ``template`` it is looked for in the same folder, then among the templates.
        """
        faults: list[Fault] = []
        groups, lookups = (
            dict(self._folder_json("groups", faults)),
            dict(self._folder_json("lookups", faults)),
        )
        pair, own_faults = self._check(definition, groups, lookups, template)
        return pair, faults + own_faults

    def load(self, file: Path) -> FormDefinition:
        """Return the definition in a file in any folder. Raise DefinitionFaulty."""
        faults: list[Fault] = []
        groups = dict(self._folder_json("groups", faults))
        lookups = dict(self._folder_json("lookups", faults))
        content, own_faults = read_json(file, file.name)
        if faults or own_faults:
            raise DefinitionFaulty([*faults, *own_faults])
        return load_definition(content, groups, lookups, file.name)

    def _all_files(self) -> list[Path]:
        folders = [
            self._definitions,
            self._definitions / "groups",
            self._definitions / "lookups",
            self._templates,
        ]
        files = [f for folder in folders for f in _entries(folder)]
        return sorted(
            f for f in files if f.suffix in (".json", ".docx") and not f.name.startswith(("~", "."))
        )

    def _form_files(self) -> list[Path]:
        if not self._definitions.is_dir():
            return []
        return sorted(f for f in self._definitions.glob("*.json") if not f.name.startswith(("~", ".")))

    def _folder_json(self, folder: str, faults: list[Fault]) -> Iterator[tuple[str, JSON]]:
        for file in sorted((self._definitions / folder).glob("*.json")):
            content, own_faults = read_json(file, f"{folder}/{file.name}")
            faults += own_faults
            if not own_faults:
                yield file.stem, content

    def _checked_pair(
        self, file: Path, groups: dict[str, JSON], lookups: dict[str, JSON], shared: str
    ) -> tuple[DefinitionFile | None, list[Fault]]:
        template = self._template_of(file)
        stamps = [_size_and_time(f) for f in (file, template) if f]
        # a change of any shared group or lookup may change every form
        state = repr((stamps, hash(shared)))
        known = self._checked.get(file.name)
        if known is None or known[0] != state:
            known = (state, *self._check(file, groups, lookups, template))
            self._checked[file.name] = known
        return known[1], known[2]

    def _template_of(self, file: Path) -> Path | None:
        content, faults = read_json(file, file.name)
        named = content.get("template") if not faults and isinstance(content, dict) else None
        name = named if isinstance(named, str) and named else f"{file.stem}.docx"
        # a name with a path would read outside the folder of templates
        if Path(name).name != name:
            return None
        own = file.parent / name
        return own if own.is_file() and file.parent != self._definitions else self._templates / name

    def _check(
        self, file: Path, groups: dict[str, JSON], lookups: dict[str, JSON], template: Path | None
    ) -> tuple[DefinitionFile | None, list[Fault]]:
        content, faults = read_json(file, file.name)
        if faults:
            return None, faults
        try:
            definition = load_definition(content, groups, lookups, file.name)
        except DefinitionFaulty as faulty:
            return None, [*faulty.faults, *self._template_alone(template or self._template_of(file))]
        return self._with_template(file, definition, template or self._template_of(file))

    def _with_template(
        self, file: Path, definition: FormDefinition, template: Path | None
    ) -> tuple[DefinitionFile | None, list[Fault]]:
        if definition.id != file.stem:
            where = msg(
                "定义的 id 是“{id}”，与文件名“{file}”不同。请改成一样。", id=definition.id, file=file.stem
            )
            return None, [Fault(file.name, "/id", where)]
        if template is None or not template.is_file():
            missing = msg(
                "找不到 Word 模板“{template}”。请把它放进模板文件夹。", template=definition.template
            )
            return None, [Fault(file.name, "/template", missing)]
        try:
            bytes_ = template.read_bytes()
        except OSError as error:
            return None, [_unreadable(template.name, error)]
        faults = check_template(bytes_, definition, template.name)
        if _errors(faults):
            return None, faults
        return DefinitionFile(definition.id, definition.to_resolved(), bytes_), faults

    def _template_alone(self, template: Path | None) -> list[Fault]:
        if template is None or not template.is_file():
            return []
        try:
            content = template.read_bytes()
        except OSError as error:
            return [_unreadable(template.name, error)]
        return check_template(content, None, template.name)

    def _orphan_templates(self, pairs: list[DefinitionFile]) -> list[Fault]:
        stems = set(self.forms()) | {
            str(p.definition.get("template", "")).removesuffix(".docx") for p in pairs
        }
        return [
            Fault(f.name, "", msg("这个 Word 模板没有对应的表单定义，不会被使用。"), "notice")
            for f in sorted(self._templates.glob("*.docx"))
            if f.stem not in stems and not f.name.startswith(("~", "."))
        ]


def _entries(folder: Path) -> list[Path]:
    # another program may take the folder away or change its permissions at any moment
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size_and_time(file: Path) -> tuple[int, int]:
    """Return size and modification time; -1 and 0 for what cannot be read.

    That is a link to nowhere, as some editors make them while a file is edited.
    """
    try:
        status = file.stat()
    except OSError:
        return -1, 0
    return status.st_size, status.st_mtime_ns


def _unreadable(name: str, error: OSError) -> Fault:
    reason = error.strerror or type(error).__name__
    return Fault(name, "", msg("打不开这个文件（{reason}）。请检查路径和权限。", reason=reason))


def _errors(faults: list[Fault]) -> bool:
    return any(fault.level == "error" for fault in faults)


def load_definition_file(file: Path, definitions: Path) -> FormDefinition:
    """Return the definition in a JSON file. Raise DefinitionFaulty.

    Groups and lookups are those in its folder if it has any, else those of ``definitions``.
    """
    shared = file.parent if (file.parent / "groups").is_dir() else definitions
    return FolderLibrary(shared, shared).load(file)


# messages of the json module by their beginning; it has no codes
_JSON_FAULTS = {
    "Expecting property name": msg("这里应是带英文双引号的字段名，请检查前面是否多了逗号"),
    "Illegal trailing comma": msg("这里多了一个逗号"),
    "Expecting ',' delimiter": msg("这里缺少英文逗号，或者括号、引号没有成对"),
    "Expecting ':' delimiter": msg("字段名后面缺少英文冒号"),
    "Expecting value": msg("这里缺少内容，请检查逗号、引号是否是英文的"),
    "Unterminated string": msg("引号没有成对"),
    "Invalid control character": msg("文字里有换行或者制表符，换行请写成 \\n"),
    "Invalid \\escape": msg("文字里的反斜杠应写成两个"),
    "Extra data": msg("后面还有多余的内容"),
}


def _json_reason(message: str) -> str:
    return next(
        (reason for start, reason in _JSON_FAULTS.items() if message.startswith(start)),
        msg("请检查逗号、引号和括号"),
    )


def _reject_constant(word: str) -> float:
    raise ValueError(word)


def _finite_float(text: str) -> float:
    # 1e400 is a number in JSON and infinity in Python
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def read_json(file: Path, shown_as: str) -> tuple[JSON, list[Fault]]:
    """Return the content of a JSON file, or the fault with line and column."""
    # json keeps the last of two equal keys in silence
    doubled: list[str] = []

    def unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        keys = [key for key, _ in pairs]
        doubled.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return dict(pairs)

    try:
        # opening a named pipe or a device would wait for ever
        if file.exists() and not file.is_file():
            return None, [Fault(shown_as, "", msg("这不是普通文件。请换成 JSON 文件。"))]
        content = json.loads(
            file.read_text(encoding="utf-8-sig"),
            object_pairs_hook=unique,
            parse_constant=_reject_constant,
            parse_float=_finite_float,
        )
    except FileNotFoundError:
        return None, [Fault(shown_as, "", msg("找不到这个文件。"))]
    except UnicodeDecodeError:
        return None, [Fault(shown_as, "", msg("文件不是 UTF-8 编码。请另存为 UTF-8。"))]
    except json.JSONDecodeError as wrong:
        place = msg("第 {line} 行第 {column} 列", line=wrong.lineno, column=wrong.colno)
        return None, [
            Fault(shown_as, place, msg("不是正确的 JSON，{reason}。", reason=_json_reason(wrong.msg)))
        ]
    except RecursionError:
        return None, [Fault(shown_as, "", msg("JSON 嵌套太深，不能使用。"))]
    except OSError as wrong:
        return None, [_unreadable(shown_as, wrong)]
    except ValueError:
        return None, [Fault(shown_as, "", msg("有不能使用的数字（位数过多，或者 NaN、Infinity）。请改正。"))]
    faults = [Fault(shown_as, "", msg("键“{key}”写了两次。请去掉一个。", key=key)) for key in doubled]
    faults += [
        Fault(shown_as, pointer, msg("含有不能保存的字符（{code}）。请删去。", code=code))
        for pointer, code in _unstorable_characters(content, "")
    ]
    return content, faults


def _unstorable_characters(value: JSON, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield JSON pointer and code of U+0000 and of half a surrogate pair."""
    if isinstance(value, str):
        # JSON may write both as escapes; neither is text
        bad = next((c for c in value if c == "\0" or "\ud800" <= c <= "\udfff"), None)
        if bad is not None:
            yield pointer, f"U+{ord(bad):04X}"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unstorable_characters(key, pointer)
            yield from _unstorable_characters(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable_characters(item, f"{pointer}/{index}")
