"""Contents that act on a reader's computer, removed from a part.

The check refuses templates that have them. Those published before it knew of them are made harmless when they are filled:
a field becomes its last result, a shape loses its link.
"""

from __future__ import annotations

import re

from lxml import etree

from formsvc.documents.templates.docx_file import parse_part
from formsvc.documents.templates.review_marks import remove_element, unwrap_element
from formsvc.docxpdf.opc.field_codes import FieldCode, field_codes
from formsvc.docxpdf.opc.security import WEB_VIDEO, field_dangers, shape_links
from formsvc.docxpdf.opc.xml import W

_MAY_HAVE_SOME = re.compile(rb"instrText|fldSimple|mailMerge|urn:schemas-microsoft-com:vml|webVideoPr")


def without_live_contents(part: bytes) -> bytes:
    """Return the part with fields that ask, outside links and merges removed.

    The same bytes if there are none. What the PDF step refuses as well stays and is refused. Raise BrokenPart.
    """
    if not _MAY_HAVE_SOME.search(part):
        return part
    root = parse_part(part)
    fields = [field for field in field_codes(root) if _is_removable(field)]
    links = list(shape_links(root))
    merges = list(root.iter(f"{W}mailMerge", WEB_VIDEO))
    if not fields and not links and not merges:
        return part
    for field in fields:
        _keep_result(field)
    for shape, name in links:
        del shape.attrib[name]
    for element in merges:
        remove_element(element)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _is_removable(field: FieldCode) -> bool:
    dangers = list(field_dangers(field))
    return bool(dangers) and all(danger.in_templates for danger in dangers)


def _keep_result(field: FieldCode) -> None:
    for mark in field.marks:
        if mark.tag == f"{W}fldSimple":
            unwrap_element(mark)
        else:
            remove_element(mark)
