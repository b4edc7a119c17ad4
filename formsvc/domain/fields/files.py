"""Field kinds for files: attachments, photographs, signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.dates import DateTimeKind
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.text import clean_text
from formsvc.domain.json_types import JSON, is_empty
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.limits import process_limits

# what a document prints as a picture: the hash of a kept file, and the box in millimetres that it fits
PICTURE_HASH, PICTURE_BOX = "picture_sha256", "box_mm"
# of the example's picture, which no file has
SAMPLE_HASH = "0" * 64
# half of the type area of GB/T 9704 without the margins of its cell
_PHOTOGRAPH_BOX = (74, 74)
_SIGNATURE_BOX = (45, 15)
_CAPTION_CHARACTERS = 100
_MEMBER_CHARACTERS = 200


MEGABYTE = 2**20
FILE_TYPES = {
    "jpg": ("image/jpeg", msg("JPG 照片")),
    "png": ("image/png", msg("PNG 图片")),
    "webp": ("image/webp", msg("WebP 图片")),
    "pdf": ("application/pdf", "PDF"),
}


def file_refusal(field: Field, mime: str, size: int) -> str:
    """Return why a field does not take a file of this type and size, or ""."""
    if field.accept and mime and mime not in {FILE_TYPES[name][0] for name in field.accept}:
        return msg("这一项只收{types}。", types=format_list([FILE_TYPES[name][1] for name in field.accept]))
    if field.max_megabytes and size > field.max_megabytes * MEGABYTE:
        most, actual = f"{field.max_megabytes:g}", f"{size / MEGABYTE:.1f}"
        return msg("这一项的文件每个不超过 {most} MB，这个有 {actual} MB。", most=most, actual=actual)
    return ""


class FilesKind(FieldKind):
    """Files stored under their hash, or only named if they lie elsewhere."""

    name = "files"
    blank = ""
    title = msg("文件")
    holds_files = True
    may_be_subject = False
    computed_from = frozenset({"list", "map", "text"})
    properties = frozenset({"min", "max", "accept", "max_megabytes"})
    EMPTY: JSON = []
    limit_name = msg("的数量")
    limit_unit = msg("个")
    # what is kept of an upload: itself, a photograph without metadata, the ink of a signature
    purpose: Literal["file", "photograph", "signature"] = "file"
    # parts of a file's record
    keys: tuple[str, ...] = ("name", "sha256", "size", "mime")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        entries = raw if isinstance(raw, list | tuple) else [raw]
        most = process_limits().field_files
        if len(entries) > most:
            raise ValueError(msg("文件超过 {limit} 个。", limit=most))
        return [self._parse_file(entry) for entry in entries if not is_empty(entry)]

    def _parse_file(self, entry: JSON) -> dict[str, JSON]:
        parts = entry if isinstance(entry, Mapping) else {"name": entry}
        unknown = [str(key) for key in parts if key not in self.keys]
        if unknown:
            keys = "、".join(self.keys)
            raise ValueError(msg("文件不认识“{name}”，只有 {keys}。", name=unknown[0], keys=keys))
        name = clean_text(parts.get("name") or "")
        if not name or "/" in name or "\\" in name or len(name) > 200:
            raise ValueError(msg("文件名为空、过长或者含有“/”。"))
        digest = str(parts.get("sha256") or "").lower()
        if not re.fullmatch(r"(?:[0-9a-f]{64})?", digest):
            raise ValueError(msg("文件“{name}”的校验值不正确，请重新上传。", name=name))
        stored: dict[str, JSON] = {"name": name, "sha256": digest}
        if isinstance(parts.get("size"), int):
            stored["size"] = parts["size"]
        if isinstance(parts.get("mime"), str):
            stored["mime"] = clean_text(parts["mime"])
        return stored

    def check(self, field: Field, value: JSON, path: str) -> list[Problem]:
        refused = [
            (file["name"], reason)
            for file in value or []
            if (reason := file_refusal(field, file.get("mime", ""), file.get("size", 0)))
        ]
        problems = [
            Problem(path, msg("“{name}”：{reason}", name=name, reason=reason)) for name, reason in refused
        ]
        return [*super().check(field, value, path), *problems]

    def size(self, value: JSON) -> float | None:
        return len(value)

    def largest_size(self, field: Field) -> float | None:
        return process_limits().field_files

    def shape(self, field: Field) -> Shape:
        return shapes.list_of(Shape(frozenset({"map"})), process_limits().field_files)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {"": [entry["name"] for entry in value or []]}

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else ["IMG_0001.jpg"]

    def trials(self, field: Field) -> list[JSON]:
        one = {"name": "IMG_0001.jpg", "sha256": ""}
        return [[], [one], [one] * process_limits().field_files]

    def faults(self, field: Field) -> list[tuple[str, str]]:
        most = process_limits().attachment_megabytes
        if field.max_megabytes and field.max_megabytes > most:
            return [("max_megabytes", msg("文件最大 {most} MB（FORMSVC_ATTACHMENT_MEGABYTES）。", most=most))]
        return []

    def schema(self, field: Field) -> dict[str, JSON]:
        stored_file = {
            "type": "object",
            "properties": {key: {} for key in self.keys},
            "required": ["name"],
        }
        return {"type": "array", "items": {"oneOf": [{"type": "string"}, stored_file]}}


class PhotographsKind(FilesKind):
    """Photographs in order, each with a caption, printed as pictures.

    ``taken`` is the moment in the photograph's own record, ``place`` where it was taken if the definition keeps that.
    """

    name = "photographs"
    title = msg("照片")
    purpose = "photograph"
    properties = frozenset({"min", "max", "keep_place"})
    limit_unit = msg("张")
    shown_by_marks = True
    keys = ("name", "sha256", "size", "mime", "caption", "taken", "place")
    # names of a row that a template prints
    printed_names = ("no", "kept", "picture", "caption", "name", "taken", "place")

    def _parse_file(self, entry: JSON) -> dict[str, JSON]:
        stored = super()._parse_file(entry)
        parts = entry if isinstance(entry, Mapping) else {}
        name = stored["name"]
        for key in ("caption", "place"):
            text = clean_text(parts.get(key) or "")
            if len(text) > _CAPTION_CHARACTERS:
                raise ValueError(
                    msg("照片“{name}”的说明超过 {limit} 字，请缩短。", name=name, limit=_CAPTION_CHARACTERS)
                )
            stored[key] = text
        taken = clean_text(parts.get("taken") or "")
        stored["taken"] = DateTimeKind().parse_value(_MOMENT, taken) if taken else ""
        return stored

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return [{key: str(entry.get(key, "")) for key in _MEMBERS} for entry in value or []]

    def shape(self, field: Field) -> Shape:
        photograph = shapes.map_of(dict.fromkeys(_MEMBERS, shapes.text(_MEMBER_CHARACTERS)))
        return shapes.list_of(photograph, process_limits().field_files)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {"": [_printed_photograph(number, entry) for number, entry in enumerate(value or [], 1)]}

    def words(self, field: Field, value: JSON) -> JSON:
        return [entry.get("caption") or entry["name"] for entry in value or []]

    def example(self, field: Field) -> JSON:
        if field.example is not None:
            return field.example
        sample = {"sha256": SAMPLE_HASH, "size": 1, "mime": "image/jpeg"}
        captions = (msg("全景"), msg("局部"))
        return [
            {"name": f"IMG_000{number}.jpg", **sample, "caption": str(caption)}
            for number, caption in enumerate(captions, 1)
        ][: max(1, int(field.max or 2))]

    def trials(self, field: Field) -> list[JSON]:
        first, *_rest = parsed = self.parse_value(field, self.example(field))
        longest = {**first, "caption": "长" * _CAPTION_CHARACTERS}
        return [[], [first], parsed, [longest] * process_limits().field_files]


class SignatureKind(FilesKind):
    """A signature drawn on a screen or scanned: a list of one file, or none."""

    name = "signature"
    title = msg("手写签名")
    purpose = "signature"
    properties = frozenset()
    shown_by_marks = True
    # where nothing was drawn, the paper is signed
    printed_if = "never"

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        signatures = super().parse_value(field, raw)
        if len(signatures) > 1:
            raise ValueError(msg("只能有一个签名，请去掉多余的。"))
        return signatures

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {"": _picture(value[0], _SIGNATURE_BOX) if value else ""}

    def words(self, field: Field, value: JSON) -> JSON:
        return str(msg("已签名")) if value else ""

    def example(self, field: Field) -> JSON:
        sample = {"name": "signature.png", "sha256": SAMPLE_HASH, "size": 1, "mime": "image/png"}
        return field.example if field.example is not None else [sample]

    def trials(self, field: Field) -> list[JSON]:
        return [[], self.parse_value(field, self.example(field))]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {**super().schema(field), "maxItems": 1}


_MEMBERS = ("name", "caption", "taken", "place")
_MOMENT = Field(key="taken", label="taken", kind="datetime")


def _printed_photograph(number: int, entry: Mapping[str, JSON]) -> dict[str, JSON]:
    taken = DateTimeKind().display(_MOMENT, entry.get("taken", ""))[""]
    return {
        "no": str(number),
        "kept": bool(entry.get("sha256")),
        "picture": _picture(entry, _PHOTOGRAPH_BOX),
        "caption": entry.get("caption", ""),
        "name": entry["name"],
        "taken": taken,
        "place": entry.get("place", ""),
    }


def _picture(entry: Mapping[str, JSON], box: tuple[int, int]) -> JSON:
    """Return what stands for a kept picture; the name of one that is not kept."""
    if not entry.get("sha256"):
        return str(msg("（{name}，另附）", name=entry["name"]))
    return {PICTURE_HASH: entry["sha256"], PICTURE_BOX: list(box)}
