"""Word templates of T22 with one fault each, and what an author must be told about it.

Every kind of fault is put into a paragraph and into a cell of a table; faults of pairs and of the file stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.docx_samples.simple import replaced, template

PARAGRAPH, CELL = "第6段“联系电话：", "表1 第3行第2格"
_BEFORE = (
    "{{ issuer_name }}",
    "责令限期改正通知书",
    "{{ doc_no }}",
    "{{ party_name }}：",
    "检查日期：{{ check_date }}，责令依据：{{ basis_line }}",
)
_AFTER = ("{%p if remedy %}", "{{ remedy }}", "{%p endif %}", "{{ issue_date }}")
_ROWS = (
    ("序号", "问题", "期限"),
    ("{%tr for r in hazards %}", "", ""),
    ("{{ r.no }}", "{{ r.desc }}", "{{ r.deadline }}"),
    ("{%tr endfor %}", "", ""),
)
# what is written, and what the sentence must say
FAULTS: tuple[tuple[str, str], ...] = (
    # fields and columns
    ("{{ party_phome }}", "是否想写“party_phone”"),
    ("{{ partyPhone }}", "是否想写“party_phone”"),
    ("{{ 联系电话 }}", "是否想写“party_phone”"),
    ("{{ nothing_like_it }}", "不是这个表单的字段"),
    ("{{ hazards }}", "一张多行的表，不能当作文字打印"),
    ("{{ hazards.desc }}", "请先用“for”取出一行"),
    ("{{ hazards|pluck('dsc')|joined }}", "是否想写“desc”"),
    ("{{ hazards|joined }}", "请先用 pluck 取出一列"),
    ("{{ party_phone.area }}", "没有下一级的内容"),
    # syntax
    ("{{ party_phone", "缺少“}}”"),
    ("party_phone }}", "前面缺少标签的开头"),
    ("{{ party_phone }", "缺少“}}”"),
    ("{{ party_phone }至{{ issue_date }}", "标签“{{ party_phone }至”没有写完"),
    ("{% if party_phone", "缺少“%}”"),
    ("{{ party phone }}", "“phone”的位置写法不对"),
    ("{{ party_phone | }}", "写法"),
    ("{{ (party_phone }}", "写法"),
    ("{{ party_phone，issue_date }}", "中文标点“，”"),
    ("{{ party_phone|joined（'、'） }}", "中文标点“（”"),
    ("｛｛ party_phone ｝｝", "全角的或者隔开的花括号"),
    ("{ { party_phone } }", "全角的或者隔开的花括号"),
    ("{{r party_phone }}", "只用于插入带格式的内容"),
    ("{% show party_phone %}", "“show”不是可用的指令"),
    ("{% include 'x' %}", "不能引用别的模板"),
    ("{% for r in hazards recursive %}{{ r.no }}{% endfor %}", "不能用 recursive"),
    # filters, tests, calls
    ("{{ party_phone|uper }}", "是否想写“upper”"),
    ("{{ party_phone|round }}", "没有“round”这个过滤器"),
    ("{% if party_phone is telephone %}甲{% endif %}", "没有“is telephone”这个判断"),
    ("{{ party_phone.upper() }}", "不能调用程序"),
    ("{{ lipsum() }}", "不能调用“lipsum(…)”"),
    # comparisons that are never true
    ("{% if party_type == '法 人' %}甲{% endif %}", "没有“法 人”这个选项。是否想写“法人”"),
    ("{% if party_type == 'M9' %}甲{% endif %}", "可用的有：法人"),
    ("{% if check_date > '2026-12-31' %}晚{% endif %}", "不能比较先后"),
    ("{% if check_date == '2026-12-31' %}甲{% endif %}", "不会等于“2026-12-31”"),
    ("{% if hazards|length > '3' %}甲{% endif %}", "请去掉引号"),
    ("{% if party_name == 3 %}甲{% endif %}", "请给它加上引号"),
    ("{% for h in hazards if h.fix == '限时' %}{{ h.desc }}{% endfor %}", "没有“限时”这个选项"),
    ("{{ hazards|where('fix', '马上')|pluck('desc')|joined }}", "没有“马上”这个选项"),
    # other programs, lay brackets
    ("${party_phone}", "别的软件的占位符，本系统会照样印出。请写成“{{ party_phone }}”"),
    ("$party_phone", "请写成“{{ party_phone }}”"),
    ("{party_phone}", "请写成“{{ party_phone }}”"),
    ("{d.party_phone}", "请写成“{{ party_phone }}”"),
    ("#{party_phone}", "请写成“{{ party_phone }}”"),
    ("«联系电话»", "请写成“{{ party_phone }}”"),
    ("<<party_phone>>", "请写成“{{ party_phone }}”"),
    ("<%= party_phone %>", "请写成“{{ party_phone }}”"),
    ("[party_phone]", "像是待填的空"),
    ("{{fe:hazards t.desc", "{%tr for row in 明细表 %}……{%tr endfor %}"),
    ("【联系电话】", "像是待填的空，系统会照样印出。请写成“{{ party_phone }}”"),
    ("【文号】", "请写成“{{ doc_no }}”"),
    ("{{#hazards}}", "{%tr for row in 明细表 %}……{%tr endfor %}"),
    ("{{/hazards}}", "{%tr for row in 明细表 %}……{%tr endfor %}"),
    ("{{@photo}}", "别的软件的写法"),
    ("{{fe:hazards t.desc}}", "{%tr for row in 明细表 %}……{%tr endfor %}"),
    ("{{in hazards}}", "{%tr for row in 明细表 %}……{%tr endfor %}"),
    ("{#hazards}{desc}{/hazards}", "“{#hazards}”是别的软件的写法"),
    ("<#list hazards as h>", "别的软件的写法"),
    ("{{ party_phone|join: ', ' }}", "过滤器的参数请写在括号里"),
)  # fmt: skip


@dataclass(frozen=True)
class BrokenTemplate:
    """A template, the place of its fault and a piece of the sentence."""

    name: str
    content: bytes
    place: str
    sentence: str


def sound_template(phone: str = "{{ party_phone }}", cell: str = "{{ r.desc }}") -> bytes:
    """A template of T22 without faults, with the text of one paragraph and one cell."""
    rows = [list(row) for row in _ROWS]
    rows[2][1] = cell
    return template(*_BEFORE, f"联系电话：{phone}", *_AFTER, rows=rows)


def _with_paragraphs(*texts: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
    return template(*_BEFORE, *texts, "{{ issue_date }}", rows=rows)


def _pairs() -> Iterator[tuple[bytes, str, str]]:
    unclosed = _with_paragraphs("{%p if remedy %}", "甲")
    yield unclosed, "第6段", "没有对应的结束标签“{%p endif %}”"
    yield _with_paragraphs("{%p endif %}"), "第6段", "前面没有对应的“if”"
    yield _with_paragraphs("{%p if remedy %}", "甲", "{% endif %}"), "第8段", "写法不一致"
    yield _with_paragraphs("{%p for h in hazards %}", "{%p endif %}", "{%p endfor %}"), "第7段", "不成对"
    yield _with_paragraphs("{%p else %}"), "第6段", "前面没有对应的“if”"
    yield _with_paragraphs("甲{%p if remedy %}", "{%p endif %}"), "第6段", "还有别的文字"
    crossing = _with_paragraphs("{%p if remedy %}", rows=[["{%p endif %}"]])
    yield crossing, "表1 第1行第1格", "单元格"
    yield _with_paragraphs("{%tr if remedy %}", "{%tr endif %}"), "第7段", "同一张表格"
    yield template("{{ doc_no }}", "{{ check_date }}", "{{ issue_date }}"), "模板", "没有印出“制发机关全称”"
    yield template("{{ issuer_name }}", "{{ check_date }}", "{{ issue_date }}"), "模板", "没有印文号"
    yield template("{{ issuer_name }}", "{{ doc_no }}", "{{ check_date }}"), "模板", "没有印出“制作日期”"
    only_tested = template(
        "{{ issuer_name }}{{ doc_no }}{{ issue_date }}{{ basis_line }}", "{% if check_date %}甲{% endif %}"
    )
    yield only_tested, "模板", "没有印出“检查日期”"
    hidden = template(
        "{{ issuer_name }}{{ doc_no }}{{ issue_date }}{{ basis_line }}",
        "{% if remedy %}{{ check_date }}{% endif %}",
    )
    yield hidden, "模板", "文书上没有印出检查日期"
    long_loop = "{% for a in range(500) %}{% for b in range(500) %}甲{% endfor %}{% endfor %}"
    yield sound_template(long_loop), "模板", "循环超过规定的次数（FORMSVC_TEMPLATE_TURNS）"
    cubed = "{% for a in hazards %}{% for b in hazards %}{% for c in hazards %}甲{% endfor %}{% endfor %}{% endfor %}"
    yield sound_template(cubed), "模板", "用明细表行数最多的样例试填没有成功"


def _files() -> Iterator[tuple[bytes, str, str]]:
    field = '<w:r><w:t xml:space="preserve">联系电话'
    for code, sentence in (
        ("DDEAUTO cmd", "“DDEAUTO”"),
        ("FILLIN 姓名", "“FILLIN”"),
        ("MACROBUTTON x", "“MACROBUTTON”"),
        ("PRINT 27", "“PRINT”"),
        ("MERGEFIELD 姓名", "邮件合并的域"),
        ('HYPERLINK "file:///c:/a.doc"', "不是网址"),
        ('HYPERLINK "\\\\\\\\host\\\\a.doc"', "不是网址"),
        ('HYPERLINK "javascript:alert(1)"', "不是网址"),
    ):
        quoted = code.replace('"', "&quot;")
        simple = f'<w:fldSimple w:instr=" {quoted} "><w:r><w:t>甲</w:t></w:r></w:fldSimple>'
        yield replaced(sound_template(), "word/document.xml", field, simple + field), "第6段", sentence
    picture = '<w:r><w:pict><v:rect xmlns:v="urn:schemas-microsoft-com:vml"><v:fill src="http://x.invalid/a.png"/></v:rect></w:pict></w:r>'
    yield (
        replaced(sound_template(), "word/document.xml", field, picture + field),
        "第6段",
        "指向文档以外的链接",
    )
    deleted = '<w:del w:id="1" w:author="甲"><w:r><w:delText>{{ old }}</w:delText></w:r></w:del>'
    yield replaced(sound_template(), "word/document.xml", field, deleted + field), "第6段", "在删除的修订里"


def broken_templates() -> list[BrokenTemplate]:
    """All of them, each under a name of its own."""
    made = []
    for text, sentence in FAULTS:
        made.append(BrokenTemplate(f"{text} in a paragraph", sound_template(text), PARAGRAPH, sentence))
        made.append(BrokenTemplate(f"{text} in a cell", sound_template(cell=text), CELL, sentence))
    for kind, group in (("pair", _pairs()), ("file", _files())):
        made += [
            BrokenTemplate(f"{kind} {number}: {sentence}", content, place, sentence)
            for number, (content, place, sentence) in enumerate(group, start=1)
        ]
    return made
